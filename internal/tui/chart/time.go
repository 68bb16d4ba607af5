package chart

import (
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Line is one series over time.
type Line struct {
	Name   string
	Values []float64 // one for each step; NaN and infinities draw nothing
	Series int       // its colour: see look.Series
}

// Time draws lines, or columns, over time. Lines differ by dashes, in the order
// they have in Lines, and by colour.
type Time struct {
	Start  time.Time // of the first value
	Step   time.Duration
	Lines  []Line
	Unit   func(float64) string // how values read; plain numbers when nil
	Zone   *time.Location       // of the labels; UTC, whose days daily values are, when nil
	Cursor int                  // the value that is pointed at, whose figures are shown; -1 for none
	Margin int                  // least cells for the labels of values, so that charts below each other line up
	Floor0 bool                 // the axis begins at nought
	Log    bool                 // the axis is logarithmic, for lines: small values are told apart beside large ones
	Whole  bool                 // values are counts: no labels between whole numbers
	Bars   bool                 // the first line is drawn as columns, the second as their foot, such as errors
}

// Draw returns the chart as height lines of width cells: a legend, the plot
// with its axes and the labels of time, as far as there is room.
func (t Time) Draw(l look.Look, width, height int) []string {
	f := t.frame(width)
	if f.points == 0 || f.plot <= 0 || height <= 0 {
		return vacant(l, width, height)
	}
	legend, labels, rule := height >= 4, height >= 3, height >= 7
	rows := height
	for _, there := range []bool{legend, labels, rule} {
		if there {
			rows--
		}
	}
	f.fit(rows)
	p := newPlot(f.plot, rows)
	t.plot(l, &p, f)
	var drawn []string
	if legend {
		drawn = append(drawn, text.Left(text.Left("", f.margin)+t.legend(l, f), width))
	}
	drawn = append(drawn, f.beside(l, &p)...)
	ticks := t.instants(f)
	if rule {
		drawn = append(drawn, f.rule(l, ticks, f.column(t.Cursor)))
	}
	if labels {
		drawn = append(drawn, f.below(l, ticks))
	}
	return drawn
}

// Index returns which value stands in column x of a chart that is width cells
// wide; -1 beside the values.
func (t Time) Index(width, x int) int {
	f := t.frame(width)
	if x -= f.margin; x < 0 || x >= f.plot || f.points == 0 {
		return -1
	}
	return min((2*x+1)*f.points/(2*f.plot), f.points-1)
}

// Column returns the column of value i in a chart that is width cells wide: the
// inverse of [Time.Index]; -1 when there is none.
func (t Time) Column(width, i int) int {
	f := t.frame(width)
	if x := f.column(i); x >= 0 {
		return f.margin + x
	}
	return -1
}

// plot draws the values and the cursor.
func (t Time) plot(l look.Look, p *plot, f frame) {
	lines := t.Lines
	if t.Bars && len(lines) > 0 {
		foot := Line{}
		if len(lines) > 1 {
			foot = lines[1]
		}
		t.columns(l, p, f, lines[0], foot)
		lines = lines[min(len(lines), 2):]
	}
	d := newDots(p, l)
	rows := p.height * d.down
	for i, line := range lines {
		values := line.Values[:min(len(line.Values), f.points)]
		if missing := f.points - len(values); missing > 0 {
			values = append(slices.Clone(values), slices.Repeat([]float64{nan}, missing)...)
		}
		d.pen(i, look.Series(line.Series)).curve(values, func(v float64) int { return f.row(v, rows) })
	}
	if x := f.column(t.Cursor); x >= 0 {
		p.upright(x, l.Marks().Vertical, look.Accent)
	}
}

// columns draws a line as columns and another as their foot. Of several values
// in one cell the highest counts.
func (t Time) columns(l look.Look, p *plot, f frame, line, foot Line) {
	g, role, footRole := fills(l), look.Series(line.Series), look.Series(foot.Series)
	most := f.top()
	for i := 0; i < f.points; {
		begin := i
		from, to := slot(i, f.points, f.plot)
		tall, low := value(line, i), value(foot, i)
		for i++; i < f.points; i++ {
			if next, _ := slot(i, f.points, f.plot); next != from {
				break
			}
			tall, low = higher(tall, value(line, i)), higher(low, value(foot, i))
		}
		to = slim(from, to, f.points, f.plot)
		shown := role
		if t.Cursor >= begin && t.Cursor < i {
			shown = look.Strong
		}
		p.column(&g, from, to, tall/most, low/most, shown, footRole)
	}
}

// value returns value i of a line; NaN where there is none.
func value(line Line, i int) float64 {
	if i < 0 || i >= len(line.Values) || !finite(line.Values[i]) {
		return nan
	}
	return line.Values[i]
}

// higher returns the larger of two values, of which either may be missing.
func higher(a, b float64) float64 {
	if a > b || !finite(b) {
		return a
	}
	return b
}
