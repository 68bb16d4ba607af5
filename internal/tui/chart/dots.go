package chart

import (
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// markers tell lines apart that are drawn with ASCII.
const markers = "*+ox#@"

// dashes tell lines apart that are drawn with dots: how many are on, off, on
// and off.
var dashes = [...][4]int{{1, 0, 1, 0}, {4, 2, 4, 2}, {1, 1, 1, 1}, {4, 2, 1, 2}}

// bits are the dots of a character of braille, by row and column.
var bits = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

const braille = 0x2800

// dots draws on a plot with eight dots a cell, or with one character a cell.
type dots struct {
	*plot
	across, down int // dots a cell
}

func newDots(p *plot, l look.Look) dots {
	if l.Plain() {
		return dots{p, 1, 1}
	}
	return dots{p, 2, 4}
}

// pen draws one line; way is how far it has come.
type pen struct {
	dots
	role   look.Role
	marker rune
	dashes [4]int
	way    int
}

// pen returns the pen of the i-th line of a chart.
func (d dots) pen(i int, role look.Role) *pen {
	return &pen{dots: d, role: role, marker: rune(markers[i%len(markers)]), dashes: dashes[i%len(dashes)]}
}

// leaves reports whether the pen leaves a dot here.
func (p *pen) leaves() bool {
	if p.across == 1 {
		return true
	}
	at := p.way % (p.dashes[0] + p.dashes[1] + p.dashes[2] + p.dashes[3])
	for i, n := range p.dashes {
		if at < n {
			return i%2 == 0
		}
		at -= n
	}
	return false
}

// dot leaves a dot, whatever the dashes say.
func (p *pen) dot(x, y int) {
	c := p.at(x/p.across, y/p.down)
	if p.across == 1 {
		*c = cell{glyph: p.marker, role: p.role}
		return
	}
	if c.glyph < braille || c.glyph > braille+0xff {
		c.glyph = braille
	}
	c.glyph |= bits[y%p.down][x%p.across]
	c.role, c.ground = p.role, look.Text
}

// line draws from one dot to another, the first left out (Bresenham).
func (p *pen) line(x0, y0, x1, y1 int) {
	dx, dy := abs(x1-x0), -abs(y1-y0)
	sx, sy := sign(x1-x0), sign(y1-y0)
	for off := dx + dy; x0 != x1 || y0 != y1; {
		twice := 2 * off
		if twice >= dy {
			off, x0 = off+dy, x0+sx
		}
		if twice <= dx {
			off, y0 = off+dx, y0+sy
		}
		p.step(x0, y0)
	}
}

// step goes on to a dot.
func (p *pen) step(x, y int) {
	if p.leaves() {
		p.dot(x, y)
	}
	p.way++
}

func abs(n int) int { return max(n, -n) }

func sign(n int) int { return min(max(n, -1), 1) }

// curve draws values, of which y returns the rows of dots. Values that are no
// numbers interrupt it; one between two of them is a dot.
func (p *pen) curve(values []float64, y func(float64) int) {
	wide, n := p.width*p.across, len(values)
	if n > wide {
		p.crowd(values, y)
		return
	}
	down, last := false, [2]int{}
	for i, v := range values {
		if !finite(v) {
			down = false
			continue
		}
		x, row := (2*i+1)*wide/(2*n), y(v)
		switch {
		case down:
			p.line(last[0], last[1], x, row)
		case i+1 >= n || !finite(values[i+1]):
			p.dot(x, row)
		default:
			p.step(x, row)
		}
		down, last = true, [2]int{x, row}
	}
}

// crowd is curve for more values than columns of dots: in each, all from the
// lowest to the highest of its values are drawn.
func (p *pen) crowd(values []float64, y func(float64) int) {
	wide, n := p.width*p.across, len(values)
	down, last := false, 0
	for x := range wide {
		var s stretch
		for _, v := range values[x*n/wide : (x+1)*n/wide] {
			s.add(v)
		}
		if !s.some {
			down = false
			continue
		}
		if first := y(s.first); down {
			p.way = x // dashes go on from column to column: the way itself is mostly up and down
			p.line(x-1, last, x, first)
		} else {
			p.dot(x, first)
		}
		p.way = x
		p.line(x, y(s.high)-1, x, y(s.low))
		down, last = true, y(s.last)
	}
}

// stretch is the values of one column of dots.
type stretch struct {
	some                   bool
	first, last, low, high float64
}

func (s *stretch) add(v float64) {
	switch {
	case !finite(v):
		return
	case !s.some:
		*s = stretch{true, v, v, v, v}
	}
	s.last, s.low, s.high = v, min(s.low, v), max(s.high, v)
}
