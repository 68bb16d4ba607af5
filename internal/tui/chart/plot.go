package chart

import (
	"strings"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// plot is the cells in which values are drawn, each with one character of one
// cell.
type plot struct {
	width, height int
	cells         []cell
}

// cell is one character; none leaves it empty. A ground other than Text is that
// of another series.
type cell struct {
	glyph        rune
	role, ground look.Role
}

func newPlot(width, height int) plot {
	return plot{width, height, make([]cell, width*height)}
}

// at returns the cell of a column and a row, which counts from the top.
func (p *plot) at(x, y int) *cell { return &p.cells[y*p.width+x] }

// upright draws a line from top to bottom behind everything else.
func (p *plot) upright(x int, glyph string, role look.Role) {
	for y := range p.height {
		if c := p.at(x, y); c.glyph == 0 {
			*c = cell{glyph: first(glyph), role: role}
		}
	}
}

// line returns row y, painted.
func (p *plot) line(l look.Look, y int) string {
	const bytesPerCell = 4
	var out strings.Builder
	out.Grow(bytesPerCell * p.width)
	run := make([]byte, 0, bytesPerCell*p.width)
	var of cell
	flush := func() {
		out.WriteString(l.PaintOn(of.role, of.ground, string(run)))
		run = run[:0]
	}
	for _, c := range p.cells[y*p.width : (y+1)*p.width] {
		if c.glyph == 0 {
			// Nothing shows of the role of a space, so it may join any.
			c = cell{glyph: ' ', role: of.role}
		}
		if c.role != of.role || c.ground != of.ground {
			flush()
			of = c
		}
		run = utf8.AppendRune(run, c.glyph)
	}
	flush()
	return out.String()
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return ' '
}
