package tui

import (
	"math"
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
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
	full, empty, stroke := "█", "░", "┃"
	if l.Plain() {
		full, empty, stroke = "#", ".", "|"
	}
	filled := g.cells(g.value, width)
	if filled == 0 && g.value > 0 {
		filled = 1
	}
	role := look.Series(0)
	if standing > inOrder {
		role = standing.role()
	}
	cells, roles := make([]string, width), make([]look.Role, width)
	for i := range cells {
		cells[i], roles[i] = empty, look.Border
		if i < filled {
			cells[i], roles[i] = full, role
		}
	}
	for _, m := range g.marks {
		i := max(g.cells(m.at, width)-1, 0)
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

// cells is how many of width cells a value takes.
func (g gauge) cells(value float64, width int) int {
	if !(g.full > 0) {
		return 0
	}
	return int(math.Round(max(min(value/g.full, 1), 0) * float64(width)))
}
