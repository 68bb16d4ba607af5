// Package chart draws series, histograms, rankings and sparklines as cells of
// a terminal. All drawings are pure functions of their values: exactly as many
// lines of exactly as many cells as asked for, whatever the values are. It
// refuses to know any metric, source or screen.
//
// Labels and names must be safe text (text.Terminal), without escape sequences.
package chart

import (
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

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

// Spark returns values as one line of exactly width cells, without colour: the
// largest as a full block, nought and nothing as a dot. Few values take several
// cells each; many are averaged.
func Spark(l look.Look, values []float64, width int) string {
	return text.Left(text.Sparkline(values, width), width)
}
