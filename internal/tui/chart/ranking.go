package chart

import (
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Share is one bar of a ranking.
type Share struct {
	Label string // cut in the middle
	Value float64
}

// Ranking draws shares of a whole as bars, one a line, in the order given; when
// there are more than lines, the last line says how many are left out.
type Ranking struct {
	Shares []Share
	Total  float64              // what shares are parts of; their sum when 0
	Unit   func(float64) string // how values read; plain numbers when nil
	Series int                  // which colour: see look.Series
}

// Draw returns the ranking as height lines of width cells.
func (r Ranking) Draw(l look.Look, width, height int) []string {
	var drawn []string
	for _, s := range r.Shares {
		drawn = append(drawn, text.Left(s.Label, max(width-12, 0))+" "+text.Right(text.Count(int64(s.Value)), 11))
	}
	return block(drawn, width, height)
}
