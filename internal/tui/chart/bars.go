package chart

import (
	"math"

	"github.com/appmetrics/appmetrics/internal/tui/look"
)

var eighths = []rune(" ▁▂▃▄▅▆▇█")

// glyphs are what columns and their feet are filled with.
type glyphs struct {
	column   [9]rune // by eighths of a cell
	foot     [9]rune
	twoTones bool // a foot may end inside a cell of its column
}

// fills returns what columns look like: without colours their feet have a
// pattern of their own, which takes whole cells.
func fills(l look.Look) glyphs {
	var g glyphs
	copy(g.column[:], eighths)
	switch {
	case l.Plain():
		for i := 1; i <= 8; i++ {
			g.column[i], g.foot[i] = '#', '!'
			if i <= 4 {
				g.column[i] = ':'
			}
		}
	case !l.Colours():
		for i := 1; i <= 8; i++ {
			g.foot[i] = '▒'
		}
	default:
		g.foot, g.twoTones = g.column, true
	}
	return g
}

// column draws one column whose height and whose foot are parts of the plot, in
// the columns of cells from from to to.
func (p *plot) column(g *glyphs, from, to int, height, foot float64, role, footRole look.Role) {
	tall, low := p.eighths(height), p.eighths(foot)
	for row := range p.height {
		whole, part := min(max(tall-8*row, 0), 8), min(max(low-8*row, 0), 8)
		c := cell{glyph: g.column[whole], role: role}
		switch {
		case whole == 0 && part == 0:
			return
		case part == 8, part > 0 && !g.twoTones:
			c = cell{glyph: g.foot[part], role: footRole}
		case part > 0:
			// Three colours do not go into one cell: of a column that ends in
			// that of its foot, the foot counts.
			c = cell{glyph: g.foot[part], role: footRole}
			if whole == 8 {
				c.ground = role
			}
		}
		for x := from; x < to; x++ {
			*p.at(x, p.height-1-row) = c
		}
	}
}

// eighths returns how many eighths of cells a part of the height is: at least
// one of what is above nought, since a little is not nothing.
func (p *plot) eighths(part float64) int {
	if !(part > 0) {
		return 0
	}
	return max(int(math.Round(min(part, 1)*float64(8*p.height))), 1)
}

// slot returns the cells of value i of n in a plot that is width cells wide, at
// least one.
func slot(i, n, width int) (from, to int) {
	from, to = i*width/n, (i+1)*width/n
	return min(from, max(width-1, 0)), max(to, from+1)
}

// slim returns where a column ends that begins at from: columns are equally
// wide, with room between them, where they are not too narrow for that.
func slim(from, to, n, width int) int {
	if each := width / n; each >= 3 {
		return from + each - 1
	}
	return to
}
