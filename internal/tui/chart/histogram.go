package chart

import "github.com/appmetrics/appmetrics/internal/tui/look"

// Bucket counts the values in [Low, High).
type Bucket struct {
	Low, High float64
	Count     int64
}

// Mark is a named place on the axis of values, such as a percentile.
type Mark struct {
	Name   string
	Value  float64
	Series int // which colour: see look.Series
}

// Histogram draws how values are distributed, with marks above.
type Histogram struct {
	Buckets []Bucket // in ascending order
	Marks   []Mark
	Unit    func(float64) string // how values read; plain numbers when nil
	Series  int                  // which colour: see look.Series
}

// Draw returns the histogram as height lines of width cells.
func (h Histogram) Draw(l look.Look, width, height int) []string {
	values := make([]float64, len(h.Buckets))
	for i, b := range h.Buckets {
		values[i] = float64(b.Count)
	}
	return block([]string{Spark(l, values, width)}, width, height)
}
