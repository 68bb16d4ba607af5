package chart

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestLogarithmic(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		low, high float64
		want      []float64
	}{
		{"tens and hundreds", 12, 480, []float64{10, 20, 50, 100, 200, 500}},
		{"decades", 3, 4200, []float64{1, 10, 100, 1000, 10000}},
		{"one value", 30, 30, []float64{20, 50}},
		{"a power of ten", 100, 100, []float64{100, 200}},
		{"nothing above nought", math.Inf(1), 0, []float64{1, 2, 5, 10}},
	} {
		got := logarithmic(test.low, test.high, 5, func(float64) string { return "" }).ticks
		if len(got) != len(test.want) || slices.ContainsFunc(got, func(v float64) bool {
			return !slices.ContainsFunc(test.want, func(w float64) bool { return math.Abs(v-w) < 1e-9*w })
		}) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// TestScalesHold: axes rise, hold their values and have few labels, and rows
// fall where values rise.
func TestScalesHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		low, high := rapid.Float64().Draw(t, "low"), rapid.Float64().Draw(t, "high")
		steps, rows := rapid.IntRange(4, 5).Draw(t, "steps"), rapid.IntRange(1, 60).Draw(t, "rows")
		words := func(float64) string { return "x" }
		for _, s := range []scale{logarithmic(low, high, steps, words), linear(low, high, steps, 0, words)} {
			if n := len(s.ticks); n < 2 || n > steps+2 || len(s.labels) != n {
				t.Fatalf("ticks %v", s.ticks)
			}
			for i, v := range s.ticks {
				if math.IsNaN(v) || math.IsInf(v, 0) || i > 0 && v <= s.ticks[i-1] {
					t.Fatalf("ticks %v do not rise", s.ticks)
				}
				if row := s.row(v, rows); row < 0 || row >= rows || i > 0 && row > s.row(s.ticks[i-1], rows) {
					t.Fatalf("%v of %v stands in row %d of %d", v, s.ticks, row, rows)
				}
			}
			if placed := s.placed(rows); len(placed) != rows || placed[0] == "" || placed[rows-1] == "" {
				t.Fatalf("labels %q", placed)
			}
		}
	})
}
