package chart_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
)

// checkSize fails unless a drawing has exactly the lines and cells asked for.
func checkSize(t rapid.TB, lines []string, width, height int) {
	t.Helper()
	if len(lines) != max(height, 0) {
		t.Fatalf("%d lines of %d", len(lines), height)
	}
	for i, line := range lines {
		if got := text.Width(line); got != max(width, 0) {
			t.Fatalf("line %d takes %d cells of %d: %q", i, got, width, line)
		}
	}
}

func anyValues(t *rapid.T) []float64 {
	odd := rapid.SampledFrom([]float64{nan, math.Inf(1), math.Inf(-1), 0, -1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64})
	return rapid.SliceOfN(rapid.OneOf(rapid.Float64(), odd, rapid.Float64Range(0, 1e4)), 0, 300).Draw(t, "values")
}

func anyName(t *rapid.T) string { return text.Terminal(rapid.StringN(0, 20, -1).Draw(t, "name")) }

func anyTime(t *rapid.T) chart.Time {
	zones := []*time.Location{nil, time.UTC, time.FixedZone("odd", 20700)}
	drawn := chart.Time{
		Start:  time.Unix(rapid.Int64Range(0, 2e9).Draw(t, "start"), 0),
		Step:   rapid.SampledFrom([]time.Duration{-1, 0, 1, time.Minute, time.Hour, 24 * time.Hour}).Draw(t, "step"),
		Zone:   rapid.SampledFrom(zones).Draw(t, "zone"),
		Unit:   rapid.SampledFrom([]func(float64) string{nil, text.Duration, compact}).Draw(t, "unit"),
		Margin: rapid.IntRange(-1, 9).Draw(t, "margin"),
		Cursor: rapid.IntRange(-2, 310).Draw(t, "cursor"),
		Floor0: rapid.Bool().Draw(t, "floor"), Whole: rapid.Bool().Draw(t, "whole"), Log: rapid.Bool().Draw(t, "log"), Bars: rapid.Bool().Draw(t, "bars"),
	}
	for range rapid.IntRange(0, 8).Draw(t, "lines") {
		drawn.Lines = append(drawn.Lines, chart.Line{Name: anyName(t), Values: anyValues(t), Series: rapid.Int().Draw(t, "series")})
	}
	return drawn
}

func anyHistogram(t *rapid.T) chart.Histogram {
	value := rapid.OneOf(rapid.Float64(), rapid.Float64Range(0, 1e4), rapid.Just(nan), rapid.Just(math.Inf(1)))
	return chart.Histogram{
		Unit: text.Duration,
		Buckets: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) chart.Bucket {
			return chart.Bucket{Low: value.Draw(t, "low"), High: value.Draw(t, "high"), Count: rapid.Int64().Draw(t, "count")}
		}), 0, 300).Draw(t, "buckets"),
		Marks: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) chart.Mark {
			return chart.Mark{Name: anyName(t), Value: value.Draw(t, "value")}
		}), 0, 5).Draw(t, "marks"),
	}
}

func anyRanking(t *rapid.T) chart.Ranking {
	return chart.Ranking{
		Total: rapid.SampledFrom([]float64{0, -1, 100, nan}).Draw(t, "total"),
		Shares: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) chart.Share {
			return chart.Share{Label: anyName(t), Value: rapid.OneOf(rapid.Float64(), rapid.Just(nan), rapid.Just(math.Inf(1))).Draw(t, "value")}
		}), 0, 40).Draw(t, "shares"),
	}
}

// TestSizes: whatever the values are, a drawing has its size.
func TestSizes(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(*rapid.T) drawer{
		"time":      func(t *rapid.T) drawer { return anyTime(t) },
		"histogram": func(t *rapid.T) drawer { return anyHistogram(t) },
		"ranking":   func(t *rapid.T) drawer { return anyRanking(t) },
	}
	for name, anyOf := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				l := looks[rapid.SampledFrom([]string{"braille", "plain", "colour"}).Draw(t, "look")]
				width, height := rapid.IntRange(-1, 130).Draw(t, "width"), rapid.IntRange(-1, 25).Draw(t, "height")
				checkSize(t, anyOf(t).Draw(l, width, height), width, height)
			})
		})
	}
	t.Run("spark", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			width := rapid.IntRange(-1, 100).Draw(t, "width")
			for _, l := range looks {
				checkSize(t, []string{chart.Spark(l, anyValues(t), width)}, width, 1)
			}
		})
	})
	t.Run("many points", func(t *testing.T) {
		t.Parallel()
		for _, width := range []int{0, 1, 2, 9, 10, 31, 60} {
			for _, l := range looks {
				for _, drawn := range []chart.Time{latency(10_000), traffic(10_000), latency(1), traffic(1)} {
					checkSize(t, drawn.Draw(l, width, 9), width, 9)
				}
			}
		}
	})
}

// TestIndex: the value at the column of a value is that value, as long as each
// has a column of its own; columns rise with values.
func TestIndex(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		drawn, width := anyTime(t), rapid.IntRange(-1, 400).Draw(t, "width")
		points := 0
		for _, line := range drawn.Lines {
			points = max(points, len(line.Values))
		}
		last, columns := -1, 0
		for x := range max(width, 0) {
			if i := drawn.Index(width, x); i >= 0 {
				columns++
				if i < last || i >= points {
					t.Fatalf("column %d shows %d after %d of %d", x, i, last, points)
				}
				last = i
			}
		}
		for i := range points {
			x := drawn.Column(width, i)
			if columns >= points && drawn.Index(width, x) != i {
				t.Fatalf("value %d stands in column %d, which shows %d", i, x, drawn.Index(width, x))
			}
		}
	})
}

// TestMargin: charts with one margin line up.
func TestMargin(t *testing.T) {
	t.Parallel()
	upper, lower := latency(24), traffic(24)
	upper.Margin, lower.Margin = 8, 8
	for i := range 24 {
		if a, b := upper.Column(80, i), lower.Column(80, i); a != b {
			t.Fatalf("value %d stands in columns %d and %d", i, a, b)
		}
	}
}

// TestLinesDiffer: without colours the lines of a chart differ all the same.
func TestLinesDiffer(t *testing.T) {
	t.Parallel()
	flat := make([]float64, 60)
	for i := range flat {
		flat[i] = 5
	}
	for _, style := range []string{"braille", "plain"} {
		seen := map[string]int{}
		for i := range 4 {
			lines := make([]chart.Line, 4)
			lines[i] = chart.Line{Values: flat}
			drawn := strings.Join(chart.Time{Lines: lines, Cursor: -1, Step: time.Hour}.Draw(looks[style], 60, 3), "\n")
			if other, same := seen[drawn]; same {
				t.Errorf("%s: lines %d and %d look the same:\n%s", style, other, i, drawn)
			}
			seen[drawn] = i
		}
	}
}
