package chart

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// sampleWidth is how much of a line a legend shows.
const sampleWidth = 4

// legend says which line is which and, under a cursor, what it points at: as
// much of it as has room.
func (t Time) legend(l look.Look, f frame) string {
	moment := ""
	if t.pointed(f) {
		moment = t.moment(t.Cursor)
	}
	for _, o := range []key{{moment, true, 3}, {moment, true, 2}, {moment, false, 2}, {"", false, 2}} {
		if drawn, whole := t.entries(l, f, o); whole {
			return drawn
		}
	}
	drawn, _ := t.entries(l, f, key{"", true, 2})
	return drawn
}

// key is what a legend says beside the names of lines.
type key struct {
	moment  string
	samples bool
	gap     int
}

// entries returns the entries of a legend that have room, and whether that is
// all of them.
func (t Time) entries(l look.Look, f frame, o key) (drawn string, whole bool) {
	room := f.plot
	if o.moment != "" {
		drawn, room = l.Paint(look.Strong, o.moment), room-text.Width(o.moment)
	}
	for i, line := range t.Lines {
		name, figure, before := line.Name, "", 0
		if t.pointed(f) {
			figure = " " + reads(t.Unit, value(line, t.Cursor))
		}
		if drawn != "" {
			before = o.gap
		}
		sample, width := t.sample(l, i)
		if o.samples {
			sample, width = sample+" ", width+1
		} else {
			sample, width, name = "", 0, l.Paint(look.Series(line.Series), name)
		}
		room -= before + width + text.Width(line.Name+figure)
		if room < 0 {
			return drawn, false
		}
		drawn += text.Left("", before) + sample + name + l.Paint(look.Strong, figure)
	}
	return drawn, room >= 0
}

// pointed reports whether the cursor points at a value.
func (t Time) pointed(f frame) bool { return t.Cursor >= 0 && t.Cursor < f.points }

// sample draws a piece of the i-th line, as the chart does, and says how wide
// it is.
func (t Time) sample(l look.Look, i int) (drawn string, width int) {
	role := look.Series(t.Lines[i].Series)
	if t.Bars && i < 2 {
		g := fills(l)
		glyph := g.column[8]
		if i == 1 {
			glyph = g.foot[8]
		}
		return l.Paint(role, string(glyph)), 1
	}
	if t.Bars {
		i -= 2
	}
	width = sampleWidth
	if l.Plain() {
		width = 1
	}
	p := newPlot(width, 1)
	d := newDots(&p, l)
	pen := d.pen(i, role)
	for x := range width * d.across {
		pen.step(x, d.down/2)
	}
	return p.line(l, 0), width
}

// moment says when a value was; a whole day is one of UTC.
func (t Time) moment(i int) string {
	at := t.Start.Add(time.Duration(i) * t.Step).In(t.zone())
	if t.Step >= 24*time.Hour {
		return at.Format("Mon Jan 2")
	}
	return at.Format("Jan 2 15:04")
}
