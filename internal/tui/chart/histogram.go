package chart

import (
	"math"
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Bucket counts the values in [Low, High).
type Bucket struct {
	Low, High float64
	Count     int64
}

// Mark is a named place on the axis of values, such as a percentile.
type Mark struct {
	Name   string
	Value  float64
	Series int // its colour: see look.Series
}

// Histogram draws how values are distributed: a column for each bucket, however
// wide, and marks above.
type Histogram struct {
	Buckets []Bucket             // in ascending order
	Marks   []Mark               // in any order; those outside of the buckets stand at the edge
	Unit    func(float64) string // how values read; plain numbers when nil
	Series  int                  // the colour of the columns: see look.Series
}

// Draw returns the histogram as height lines of width cells.
func (h Histogram) Draw(l look.Look, width, height int) []string {
	buckets := h.grouped(width)
	most := int64(0)
	for _, b := range buckets {
		most = max(most, b.Count)
	}
	if most == 0 || height <= 0 {
		return vacant(l, width, height)
	}
	f := frame{plot: width}
	words := func(v float64) string { return text.Compact(int64(v)) }
	f.axes(linear(0, float64(most), fewSteps, 1, words), linear(0, float64(most), manySteps, 1, words), 0)
	buckets = group(buckets, f.plot)
	f.points = len(buckets)
	marked, labelled, ruled := len(h.Marks) > 0 && height >= 4, height >= 3, height >= 7
	rows := height
	for _, there := range []bool{marked, labelled, ruled} {
		if there {
			rows--
		}
	}
	f.fit(rows)
	p := newPlot(f.plot, rows)
	h.columns(l, &p, buckets, f.top())
	marks := h.places(buckets, f.plot)
	for _, m := range marks {
		p.upright(m.x, l.Marks().Vertical, look.Series(m.Series))
	}
	var drawn []string
	left := text.Left("", f.margin)
	if marked {
		drawn = append(drawn, text.Left(left+h.above(l, marks, f.plot), width))
	}
	drawn = append(drawn, f.beside(l, &p)...)
	ticks := h.bounds(buckets, f.plot)
	if ruled {
		drawn = append(drawn, f.rule(l, ticks, -1))
	}
	if labelled {
		drawn = append(drawn, f.below(l, ticks))
	}
	return drawn
}

// grouped returns the buckets that can be drawn in some width.
func (h Histogram) grouped(width int) []Bucket {
	var all []Bucket
	for _, b := range h.Buckets {
		if finite(b.Low) && finite(b.High) && b.High >= b.Low {
			b.Count = max(b.Count, 0)
			all = append(all, b)
		}
	}
	return group(all, width)
}

// group joins neighbours until there is a cell for each.
func group(buckets []Bucket, width int) []Bucket {
	if width <= 0 {
		return nil
	}
	if len(buckets) <= width {
		return buckets
	}
	each := (len(buckets) + width - 1) / width
	var joined []Bucket
	for i, b := range buckets {
		if i%each == 0 {
			joined = append(joined, b)
			continue
		}
		last := &joined[len(joined)-1]
		last.High = b.High
		if last.Count += b.Count; last.Count < 0 {
			last.Count = math.MaxInt64
		}
	}
	return joined
}

func (h Histogram) columns(l look.Look, p *plot, buckets []Bucket, most float64) {
	g := fills(l)
	for i, b := range buckets {
		from, to := slot(i, len(buckets), p.width)
		p.column(&g, from, to, float64(b.Count)/most, 0, look.Series(h.Series), look.Text)
	}
}

// place is a mark and its column in the plot.
type place struct {
	Mark
	x int
}

// places returns where the marks stand, from left to right.
func (h Histogram) places(buckets []Bucket, width int) []place {
	var list []place
	for _, m := range h.Marks {
		if !finite(m.Value) {
			continue
		}
		at := place{m, position(buckets, m.Value, width)}
		i := len(list)
		for i > 0 && list[i-1].x > at.x {
			i--
		}
		list = append(list[:i], append([]place{at}, list[i:]...)...)
	}
	return list
}

// position returns the column of a value. Inside of a bucket it grows with the
// logarithm of the value, as buckets of latencies do.
func position(buckets []Bucket, v float64, width int) int {
	for i, b := range buckets {
		if v >= b.High && i < len(buckets)-1 {
			continue
		}
		part := (v - b.Low) / (b.High - b.Low)
		if b.Low > 0 && v > 0 {
			part = math.Log(v/b.Low) / math.Log(b.High/b.Low)
		}
		if !finite(part) {
			part = 0
		}
		x := (float64(i) + min(max(part, 0), 1)) * float64(width) / float64(len(buckets))
		return min(max(int(x), 0), width-1)
	}
	return 0
}

// above draws the marks: ▼ and, where there is room, name and value.
func (h Histogram) above(l look.Look, marks []place, width int) string {
	var line strings.Builder
	end := 0
	for i, m := range marks {
		if m.x < end {
			continue // right behind another, which names it no less
		}
		next := width
		for _, other := range marks[i+1:] {
			if other.x > m.x {
				next = other.x - 1
				break
			}
		}
		arrow := l.Paint(look.Series(m.Series), l.Marks().Down)
		words := h.words(m, next-m.x-1)
		if words == "" {
			if words = h.words(m, m.x-end-1); words != "" { // no room at the right
				before := m.x - text.Width(words)
				line.WriteString(text.Left("", before-end) + strings.TrimPrefix(words, " ") + " " + arrow)
				end = m.x + 1
				continue
			}
		}
		line.WriteString(text.Left("", m.x-end) + arrow + words)
		end = m.x + 1 + text.Width(words)
	}
	return line.String()
}

// words says as much of a mark as has room, after a space.
func (h Histogram) words(m place, room int) string {
	for _, words := range []string{" " + m.Name + " " + reads(h.Unit, m.Value), " " + m.Name} {
		if text.Width(words) <= room {
			return words
		}
	}
	return ""
}

// bounds returns labels of buckets, by what they begin with, that have room.
func (h Histogram) bounds(buckets []Bucket, width int) []tick {
	most := max(width/perLabel, 1)
	every := (len(buckets) + most - 1) / most
	var ticks []tick
	for i := 0; i < len(buckets); i += every {
		from, _ := slot(i, len(buckets), width)
		ticks = append(ticks, tick{from, text.Brief(reads(h.Unit, buckets[i].Low))})
	}
	return ticks
}
