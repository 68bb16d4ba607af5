package metric

import (
	"math"

	"github.com/appmetrics/appmetrics/internal/sketch"
)

// anchors are the points of a latency distribution that a rollup without a
// histogram still tells, in ascending order of q.
type anchors []anchor

type anchor struct{ q, ms float64 }

// anchors returns the minimum, the percentiles and the maximum as far as they
// are known, made to ascend. Where nothing is known the average stands in.
func (d *document) anchors(average float64) anchors {
	var known anchors
	least := 0.0
	for _, point := range []struct {
		name string
		q    float64
	}{{"min", 0}, {"p50", 0.50}, {"p95", 0.95}, {"p99", 0.99}, {"max", 1}} {
		if ms, ok := d.number(point.name); ok {
			least = min(max(ms, least), sketch.MaxValue)
			known = append(known, anchor{point.q, least})
		}
	}
	if known == nil {
		return anchors{{0.5, min(average, sketch.MaxValue)}}
	}
	return known
}

func (a anchors) min() float64 { return a[0].ms }
func (a anchors) max() float64 { return a[len(a)-1].ms }

// histogram returns count latencies that have the anchors as their quantiles
// and lie evenly, on a logarithmic scale, between them.
func (a anchors) histogram(count int64) sketch.Histogram {
	var h sketch.Histogram
	if count == 0 {
		return h
	}
	low := anchorAt{rank: -1, ms: a.min()}
	for _, high := range a.ranks(count) {
		low.spread(&h, high)
		h.AddBucket(sketch.Index(high.ms), 1)
		low = high
	}
	low.spread(&h, anchorAt{rank: count, ms: low.ms})
	return h
}

// anchorAt is the latency at a rank of the sorted samples.
type anchorAt struct {
	rank int64
	ms   float64
}

// ranks returns the anchors by rank. Where few samples leave one rank to
// several anchors, a percentile is worth more than the minimum and maximum,
// which are kept beside the histogram, and a low one more than a high one.
func (a anchors) ranks(count int64) []anchorAt {
	var at []anchorAt
	for _, anchor := range a {
		next := anchorAt{rank: int64(sketch.Rank(anchor.q, uint64(count))), ms: anchor.ms}
		last := len(at) - 1
		switch {
		case last < 0 || at[last].rank < next.rank:
			at = append(at, next)
		case anchor.q == 0.5: // only the minimum has a lower q
			at[last] = next
		}
	}
	return at
}

// spread adds the latencies of the ranks between low and high. A few dozen
// buckets stand for any number of them.
func (low anchorAt) spread(h *sketch.Histogram, high anchorAt) {
	const most = 64
	between := high.rank - low.rank - 1
	steps := min(between, most)
	for i := range steps {
		share := (float64(i) + 0.5) / float64(steps)
		n := between / steps
		if i < between%steps {
			n++
		}
		h.AddBucket(sketch.Index(interpolate(low.ms, high.ms, share)), uint64(n))
	}
}

// interpolate goes from a to b by ratio, or by difference where one is zero.
func interpolate(a, b, share float64) float64 {
	if a < sketch.MinValue || b < sketch.MinValue {
		return a + (b-a)*share
	}
	return a * math.Pow(b/a, share)
}
