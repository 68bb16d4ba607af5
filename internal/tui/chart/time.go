package chart

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Line is one series over time.
type Line struct {
	Name   string
	Values []float64 // one for each step; NaN and infinities draw nothing
	Series int       // which colour and dashes: see look.Series
}

// Time draws lines, or columns, over time.
type Time struct {
	Start  time.Time // of the first value
	Step   time.Duration
	Lines  []Line
	Unit   func(float64) string // how values read; plain numbers when nil
	Zone   *time.Location       // of the labels; UTC when nil
	Cursor int                  // the value that is pointed at; -1 for none
	Floor0 bool                 // the axis begins at nought
	Whole  bool                 // the values are counts: no labels between whole numbers
	Bars   bool                 // the first line is drawn as columns, the second as their foot, such as errors
}

// Draw returns the chart as height lines of width cells.
func (t Time) Draw(l look.Look, width, height int) []string {
	var drawn []string
	for _, line := range t.Lines {
		drawn = append(drawn, line.Name+" "+Spark(l, line.Values, max(width-len(line.Name)-1, 0)))
	}
	return block(drawn, width, height)
}

// Index returns which value stands in column x of a chart that is width cells
// wide; -1 beside the values.
func (t Time) Index(width, x int) int { return -1 }

// Column returns the column of value i in a chart that is width cells wide: the
// inverse of [Time.Index]; -1 when there is none.
func (t Time) Column(width, i int) int { return -1 }
