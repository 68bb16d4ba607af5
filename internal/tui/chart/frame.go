package chart

import (
	"math"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

var nan = math.NaN()

const (
	// leastPlot is the width below which labels of values have to go.
	leastPlot = 8
	// perLabel is the room for one label of time.
	perLabel = 10
	// fewSteps and manySteps are how far low and high axes are divided.
	fewSteps, manySteps = 4, 5
)

// frame is what surrounds the plot of a chart over time.
type frame struct {
	points int // values of the longest line; 0 when none is a number
	margin int // cells left of the plot
	plot   int // cells of the plot
	scale
	many scale // where there is room for more labels
}

// axes gives a frame its axis of values and, when it is wide enough, the room
// for the labels, which is at least least cells.
func (f *frame) axes(few, many scale, least int) {
	f.scale, f.many = few, many
	if margin := max(text.Widest(f.labels...), text.Widest(f.many.labels...), least) + 2; f.plot-margin >= leastPlot {
		f.margin, f.plot = margin, f.plot-margin
	}
}

// fit chooses the axis for a plot of some rows.
func (f *frame) fit(rows int) {
	if rows > 2*(len(f.many.ticks)-1) {
		f.scale = f.many
	}
}

// frame decides on everything that does not depend on the height.
func (t Time) frame(width int) frame {
	low, high, some := math.Inf(1), math.Inf(-1), false
	positive := math.Inf(1) // the least value above nought
	f := frame{plot: max(width, 0)}
	for _, line := range t.Lines {
		f.points = max(f.points, len(line.Values))
		for _, v := range line.Values {
			if finite(v) {
				low, high, some = min(low, v), max(high, v), true
				if v > 0 {
					positive = min(positive, v)
				}
			}
		}
	}
	if !some {
		return frame{plot: f.plot}
	}
	if t.Floor0 || t.Bars {
		low, high = 0, max(high, 0)
	}
	unit := 0.0
	if t.Whole {
		unit = 1
	}
	words := func(v float64) string { return reads(t.Unit, v) }
	if t.Log && !t.Bars {
		f.axes(logarithmic(positive, high, fewSteps, words), logarithmic(positive, high, manySteps, words), t.Margin)
		return f
	}
	f.axes(linear(low, high, fewSteps, unit, words), linear(low, high, manySteps, unit, words), t.Margin)
	return f
}

// column returns the column of value i in the plot; -1 when there is none.
func (f frame) column(i int) int {
	if i < 0 || i >= f.points || f.plot <= 0 {
		return -1
	}
	return (2*i + 1) * f.plot / (2 * f.points)
}

// beside returns the lines of the plot with the labels of values beside them.
func (f frame) beside(l look.Look, p *plot) []string {
	labels := f.placed(p.height)
	lines := make([]string, p.height)
	for y := range lines {
		if f.margin > 0 {
			mark := l.Marks().Vertical
			if labels[y] != "" {
				mark = l.Marks().TickLeft
			}
			lines[y] = l.Paint(look.Dim, text.Right(labels[y], f.margin-1)) + l.Paint(look.Border, mark)
		}
		lines[y] += p.line(l, y)
	}
	return lines
}

// tick is a label of time and its column in the plot.
type tick struct {
	x     int
	label string
}

// instants returns the labels of time that have room.
func (t Time) instants(f frame) []tick {
	if t.Step <= 0 {
		return nil
	}
	end := t.Start.Add(time.Duration(f.points-1) * t.Step)
	var ticks []tick
	for _, at := range text.Instants(t.Start, end, f.plot/perLabel, t.zone()) {
		x := int((float64(at.Sub(t.Start))/float64(t.Step) + 0.5) * float64(f.plot) / float64(f.points))
		ticks = append(ticks, tick{min(max(x, 0), f.plot-1), text.Instant(at)})
	}
	return ticks
}

func (t Time) zone() *time.Location {
	if t.Zone == nil {
		return time.UTC
	}
	return t.Zone
}

// rule draws the axis of time: ╰───┬────┬──.
func (f frame) rule(l look.Look, ticks []tick, cursor int) string {
	m := l.Marks()
	p := newPlot(f.plot, 1)
	for x := range p.width {
		p.cells[x] = cell{glyph: first(m.Horizontal), role: look.Border}
	}
	for _, t := range ticks {
		p.cells[t.x].glyph = first(m.TickBelow)
	}
	if cursor >= 0 && cursor < p.width {
		p.cells[cursor] = cell{glyph: first(m.Up), role: look.Accent}
	}
	corner := ""
	if f.margin > 0 {
		corner = text.Left("", f.margin-1) + l.Paint(look.Border, m.BottomLeft)
	}
	return corner + p.line(l, 0)
}

// below draws the labels of ticks, each in the middle below its column.
func (f frame) below(l look.Look, ticks []tick) string {
	var line strings.Builder
	end := 0
	for _, t := range ticks {
		width := text.Width(t.label)
		from := min(max(t.x-(width-1)/2, 0), f.plot-width)
		if from < end || end > 0 && from < end+2 {
			continue
		}
		line.WriteString(text.Left("", from-end) + t.label)
		end = from + width
	}
	return text.Left("", f.margin) + l.Paint(look.Dim, line.String()+text.Left("", f.plot-end))
}
