// Package look owns the colours and the characters of the terminal dashboard:
// what each role of a text looks like with 16 million, 256, 16 or no colours,
// on dark and on light ground, and which characters draw lines and marks. It
// refuses to know what is drawn.
package look

import "github.com/muesli/termenv"

// Role says what a text is for. The zero value is [Text].
type Role uint8

// The roles. [Selected] combines with any other: Selected|Bad is bad news in
// the selected row.
const (
	Text   Role = iota // as the terminal writes by itself
	Dim                // what matters less: units, notes, labels of axes
	Strong             // the figure that the eye shall find first
	Accent             // where the reader is: the chosen tab, the cursor
	Good               // a change for the better
	Warn               // worth a look
	Bad                // an error, a change for the worse
	Head               // titles of columns and panes
	Key                // a key that can be pressed
	Border             // lines between things, scroll bars, axes
	series
	last = series + seriesColours - 1

	Selected Role = 1 << 7 // the row of the cursor
)

// seriesColours is how many colours of series there are.
const seriesColours = 6

// Series returns the role of the i-th series of a chart: teal, blue, orange,
// steel, red, violet, then from the start again.
func Series(i int) Role { return series + Role((i%seriesColours+seriesColours)%seriesColours) }

// Options says what the terminal can do. The zero value is a light terminal
// with 16 million colours.
type Options struct {
	Profile termenv.Profile
	Dark    bool // the ground is dark
	Plain   bool // draw with ASCII alone: no braille, blocks or lines
}

// Look turns roles into the sequences of one terminal. It is a value, cheap to
// copy and safe for concurrent use.
type Look struct {
	plain bool
	marks *Marks
	on    *[256]string
	under *[last + 1]string // what begins a ground of a role's colour
}

// New returns the look that suits a terminal.
func New(o Options) Look {
	l := Look{plain: o.Plain, marks: &lines, on: new([256]string), under: new([last + 1]string)}
	if o.Plain {
		l.marks = &ascii
	}
	for role := Text; role <= last; role++ {
		l.on[role] = sequence(o, role)
		l.on[role|Selected] = sequence(o, role|Selected)
		l.under[role] = underneath(o, role)
	}
	return l
}

const off = "\x1b[0m"

// Paint returns s as role looks. s is one line without escape sequences; its
// width stays the same.
func (l Look) Paint(role Role, s string) string {
	if s == "" || l.on == nil || l.on[role] == "" {
		return s
	}
	return l.on[role] + s + off
}

// PaintOn is Paint on a ground of the colour of another role, for a cell that
// two series share. Without colours, and on Text, it is Paint.
func (l Look) PaintOn(role, ground Role, s string) string {
	if s == "" || l.under == nil || ground > last || l.under[ground] == "" {
		return l.Paint(role, s)
	}
	return l.under[ground] + l.on[role] + s + off
}

// Plain reports whether only ASCII may be drawn with. Words keep their
// ellipses and dashes all the same.
func (l Look) Plain() bool { return l.plain }

// Colours reports whether roles differ by colour.
func (l Look) Colours() bool { return l.on != nil && l.on[Good] != "" }

// Marks returns the characters to draw with.
func (l Look) Marks() *Marks {
	if l.marks == nil {
		return &lines
	}
	return l.marks
}
