package chart

import (
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Spark returns values as one line of exactly width cells, without colour: the
// largest as a full block, nought and nothing as a dot. Few values take several
// cells each; many are averaged.
func Spark(l look.Look, values []float64, width int) string {
	line := text.Sparkline(text.Stretch(values, width), width)
	if l.Plain() {
		line = strings.Map(asciiLevel, line)
	}
	return text.Left(line, width)
}

// asciiLevel stands for a block of a sparkline; the dot of nothing is a space,
// since a full stop is a level.
func asciiLevel(r rune) rune {
	if r >= '▁' && r <= '█' {
		return rune(".:-=+*%#"[r-'▁'])
	}
	return ' '
}
