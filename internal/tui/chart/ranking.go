package chart

import (
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Share is one bar of a ranking.
type Share struct {
	Label string // cut in the middle
	Value float64
}

// Ranking draws shares of a whole as bars, one a line, in the order given: the
// longest bar is the largest value. When there are more than lines, the last
// line says how many are left out.
type Ranking struct {
	Shares []Share
	Total  float64              // what shares are parts of; their sum when 0
	Unit   func(float64) string // how values read; plain numbers when nil
	Series int                  // the colour of the bars: see look.Series
}

// Draw returns the ranking as height lines of width cells.
func (r Ranking) Draw(l look.Look, width, height int) []string {
	if len(r.Shares) == 0 {
		return vacant(l, width, height)
	}
	shares, left := r.Shares, 0
	if len(shares) > height {
		left = len(shares) - max(height-1, 0)
		shares = shares[:len(shares)-left]
	}
	total, most := r.Total, 0.0
	for _, s := range r.Shares {
		if finite(s.Value) && s.Value > 0 {
			most = max(most, s.Value)
			if r.Total <= 0 {
				total += s.Value
			}
		}
	}
	values, parts := make([]string, len(shares)), make([]string, len(shares))
	var labels int
	for i, s := range shares {
		values[i], parts[i] = reads(r.Unit, s.Value), text.Percent(s.Value/total)
		labels = max(labels, text.Width(s.Label))
	}
	widths := text.Columns([]text.Column{
		{Want: labels, Least: min(labels, 12), Weight: 1},
		{Want: 8, Least: 4, Most: width, Weight: 2, Leave: 2},
		{Want: text.Widest(values...)},
		{Want: text.Widest(parts...), Leave: 1},
	}, columnGap, max(width, 1))
	var drawn []string
	for i, s := range shares {
		var line strings.Builder
		for c, w := range widths {
			switch {
			case w == text.Gone:
				continue
			case c > 0:
				line.WriteString(text.Left("", columnGap))
			}
			switch c {
			case 0:
				line.WriteString(text.Left(text.CutMiddle(s.Label, w), w))
			case 1:
				line.WriteString(l.Paint(look.Series(r.Series), Bar(l, s.Value/most, w)))
			case 2:
				line.WriteString(text.Right(values[i], w))
			case 3:
				line.WriteString(l.Paint(look.Dim, text.Right(parts[i], w)))
			}
		}
		drawn = append(drawn, line.String())
	}
	if left > 0 {
		drawn = append(drawn, l.Paint(look.Dim, "and "+text.Count(int64(left))+" more"))
	}
	return block(drawn, width, height)
}

const columnGap = 2

// Bar returns a part of 0 to 1 as a bar of exactly width cells, without colour.
func Bar(l look.Look, part float64, width int) string {
	drawn := text.Bar(part, width)
	if l.Plain() {
		drawn = strings.Map(func(r rune) rune {
			if r == ' ' {
				return r
			}
			return '#'
		}, drawn)
	}
	return drawn
}
