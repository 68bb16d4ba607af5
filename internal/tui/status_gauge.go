package tui

import (
	"math"
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// gauge is a figure on a scale that begins at nought.
type gauge struct {
	value, full float64
	marks       []threshold
}

// threshold is a place on the scale that should not be passed.
type threshold struct {
	at   float64
	role look.Role
}

// draw returns the gauge in exactly width cells: as much of it filled as the
// value takes of the scale, with a stroke at each threshold.
func (g gauge) draw(l look.Look, standing standing, width int) string {
	if width <= 0 {
		return ""
	}
	empty, stroke := "░", "┃"
	if l.Plain() {
		empty, stroke = ".", "|"
	}
	role := look.Series(0)
	if standing > inOrder {
		role = standing.role()
	}
	cells, roles := make([]string, width), make([]look.Role, width)
	for i, r := range []rune(chart.Bar(l, g.part(g.value), width)) {
		cells[i], roles[i] = string(r), role
		if r == ' ' {
			cells[i], roles[i] = empty, look.Border
		}
	}
	for _, m := range g.marks {
		i := max(int(math.Round(g.part(m.at)*float64(width)))-1, 0)
		cells[i], roles[i] = stroke, m.role
	}
	var line strings.Builder
	for from := 0; from < width; {
		to := from + 1
		for to < width && roles[to] == roles[from] {
			to++
		}
		line.WriteString(l.Paint(roles[from], strings.Join(cells[from:to], "")))
		from = to
	}
	return text.Left(line.String(), width)
}

// part is which part of the scale a value takes.
func (g gauge) part(value float64) float64 {
	if !(g.full > 0) {
		return 0
	}
	return max(min(value/g.full, 1), 0)
}
