package tui

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/query"
)

func TestCoarseBucketsHoldEveryRequest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var buckets []query.HistogramBucket
		total, low := int64(0), rapid.Float64Range(0, 1000).Draw(r, "low")
		for range rapid.IntRange(0, 40).Draw(r, "buckets") {
			high := low*1.02 + 0.001
			b := query.HistogramBucket{LowMS: low, HighMS: high, Count: rapid.Int64Range(0, 1e9).Draw(r, "count")}
			total += b.Count
			buckets = append(buckets, b)
			low = high * rapid.Float64Range(1, 3).Draw(r, "gap")
		}
		most := rapid.IntRange(0, 100).Draw(r, "most")
		got := coarse(buckets, most)
		if len(got) > most {
			r.Fatalf("%d buckets, want at most %d", len(got), most)
		}
		sum := int64(0)
		for i, b := range got {
			sum += b.Count
			if i > 0 && math.Abs(b.LowMS-got[i-1].HighMS) > 1e-9*b.LowMS {
				r.Fatalf("a gap between %v and %v", got[i-1], b)
			}
		}
		if most > 0 && sum != total {
			r.Fatalf("%d requests of %d", sum, total)
		}
	})
}

func TestExceeded(t *testing.T) {
	t.Parallel()
	buckets := []query.HistogramBucket{{LowMS: 1, HighMS: 2, Count: 50}, {LowMS: 2, HighMS: 3, Count: 5}, {LowMS: 3, HighMS: 4, Count: 2}}
	for wanted, want := range map[int64]float64{1: 3, 2: 3, 3: 2, 7: 2, 8: 1, 57: 1, 58: 0} {
		if got := exceeded(buckets, wanted); got != want {
			t.Errorf("%d requests took at least %v ms, want %v", wanted, got, want)
		}
	}
}
