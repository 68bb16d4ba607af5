// Package chart draws series, histograms, rankings and sparklines as cells of
// a terminal. All drawings are pure functions of their values: exactly as many
// lines of exactly as many cells as asked for, whatever the values are. It
// refuses to know any metric, source or screen.
//
// Labels and names must be safe text (text.Terminal), without escape sequences.
package chart

import (
	"math"
	"strconv"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// noData stands where a chart has no value to draw.
const noData = "No data available"

// block returns exactly height lines of width cells of drawn lines.
func block(drawn []string, width, height int) []string {
	list := make([]string, max(height, 0))
	for i := range list {
		line := ""
		if i < len(drawn) {
			line = drawn[i]
		}
		list[i] = text.Left(line, max(width, 0))
	}
	return list
}

// vacant returns lines that say that there is nothing to draw.
func vacant(l look.Look, width, height int) []string {
	lines := make([]string, max(height, 0))
	if height > 0 {
		words := text.Cut(noData, width)
		lines[(height-1)/2] = text.Left("", (width-text.Width(words))/2) + l.Paint(look.Dim, words)
	}
	return block(lines, width, height)
}

// reads returns how a value reads.
func reads(unit func(float64) string, v float64) string {
	switch {
	case !finite(v):
		return text.None
	case unit == nil:
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	return unit(v)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
