package sketch

import (
	"fmt"
	"iter"
	"math"
)

const (
	// RelativeAccuracy bounds the error of a quantile: the answer lies within
	// this fraction of the exact sample.
	RelativeAccuracy = 0.01

	// MinValue is the shortest latency in milliseconds with a bucket of its
	// own; shorter ones count as zero.
	MinValue = 1e-9

	// MaxValue is the longest latency in milliseconds that is accepted.
	MaxValue = 1e9

	// ZeroIndex is the index of the bucket of latencies below MinValue. It
	// fits a 32-bit integer and sorts before every other index.
	ZeroIndex = math.MinInt32
)

const (
	gamma    = (1 + RelativeAccuracy) / (1 - RelativeAccuracy)
	minIndex = -1036 // Index(MinValue)
	maxIndex = 1037  // Index(MaxValue)
)

var logGamma = math.Log(gamma)

// LogGamma returns ln(gamma), by which a logarithm is divided to find a bucket
// index: ceil(ln(ms) / LogGamma()). SQL computes the same.
func LogGamma() float64 { return logGamma }

// Index returns the bucket of a latency in milliseconds: i for latencies in
// (gamma^(i-1), gamma^i], or ZeroIndex below MinValue. Latencies beyond
// MaxValue share the last bucket.
func Index(ms float64) int {
	switch {
	case !(ms >= MinValue): // NaN too
		return ZeroIndex
	case ms >= MaxValue:
		return maxIndex
	}
	return int(math.Ceil(math.Log(ms) / logGamma))
}

// Histogram counts latencies in buckets whose bounds grow by a constant
// factor, so that every quantile has the same small relative error (Masson,
// Rim and Lee, "DDSketch", VLDB 2019). Its size depends on the spread of the
// latencies, at most 17 KB, and not on how many there are.
type Histogram struct {
	zero  uint64 // latencies below MinValue
	total uint64

	// counts[i] belongs to index first+i. The window grows to cover what was
	// added; a window adds faster than a map or a sorted list, and latencies
	// of one endpoint lie close together.
	first  int
	counts []uint64
}

// Bucket is a non-empty range of latencies (Low, High] in milliseconds.
type Bucket struct {
	Low, High float64
	Count     uint64
}

// Add counts one latency in milliseconds. It returns ErrValue, and counts
// nothing, for NaN, negative values and values above MaxValue.
func (h *Histogram) Add(ms float64) error {
	if !(ms >= 0 && ms <= MaxValue) {
		return fmt.Errorf("%w: %v ms", ErrValue, ms)
	}
	h.AddBucket(Index(ms), 1)
	return nil
}

// AddBucket counts n latencies of the bucket with this index. An index beyond
// the first or last bucket counts for that one; ZeroIndex is the zero bucket.
func (h *Histogram) AddBucket(index int, n uint64) {
	if n == 0 {
		return
	}
	n = min(n, maxCount)
	h.total = addCounts(h.total, n)
	if index == ZeroIndex {
		h.zero = addCounts(h.zero, n)
		return
	}
	index = min(max(index, minIndex), maxIndex)
	h.cover(index, index)
	c := &h.counts[index-h.first]
	*c = addCounts(*c, n)
}

// Merge adds all of o, which stays as it is.
func (h *Histogram) Merge(o *Histogram) {
	h.total = addCounts(h.total, o.total)
	h.zero = addCounts(h.zero, o.zero)
	if len(o.counts) == 0 {
		return
	}
	h.cover(o.first, o.first+len(o.counts)-1)
	window := h.counts[o.first-h.first:]
	for i, n := range o.counts {
		window[i] = addCounts(window[i], n)
	}
}

// Count returns how many latencies were added.
func (h *Histogram) Count() uint64 { return h.total }

// Rank returns the place, from 0, of the quantile q among n sorted latencies:
// the first that at least the share q of them does not exceed, which is the
// nearest-rank definition (and SQL's percentile_disc). A q outside 0 to 1
// counts as the nearer end; n must not be 0.
func Rank(q float64, n uint64) uint64 {
	// 0.07 * 100 is a little more than 7 in floating point, and still rank 7.
	const rounding = 1e-9
	place := math.Ceil(min(max(q, 0), 1)*float64(n) - rounding)
	return min(uint64(max(place, 1)), n) - 1
}

// Quantile returns the latency in milliseconds at Rank(q, n) of the n sorted
// latencies, off by at most RelativeAccuracy. It returns false when the
// histogram is empty or q is NaN.
func (h *Histogram) Quantile(q float64) (ms float64, ok bool) {
	if h.total == 0 || math.IsNaN(q) {
		return 0, false
	}
	rank := Rank(q, h.total)
	seen := h.zero
	if rank < seen {
		return 0, true
	}
	last := 0
	for i, n := range h.counts {
		if n == 0 {
			continue
		}
		last = i
		if seen = addCounts(seen, n); rank < seen {
			break
		}
	}
	return middle(h.first + last), true
}

// Buckets yields the non-empty buckets in ascending order.
func (h *Histogram) Buckets() iter.Seq[Bucket] {
	return func(yield func(Bucket) bool) {
		if h.zero > 0 && !yield(Bucket{High: MinValue, Count: h.zero}) {
			return
		}
		for i, n := range h.counts {
			if n > 0 && !yield(Bucket{Low: bound(h.first + i - 1), High: bound(h.first + i), Count: n}) {
				return
			}
		}
	}
}

// bound returns the upper bound of a bucket.
func bound(index int) float64 { return math.Exp(float64(index) * logGamma) }

// middle returns the value whose relative distance to both bounds of a bucket
// is the same, RelativeAccuracy.
func middle(index int) float64 { return bound(index) * 2 / (1 + gamma) }

// windowStep is the granularity of the window, so that it grows seldom.
const windowStep = 64

// cover makes the window hold the indexes from low to high.
func (h *Histogram) cover(low, high int) {
	old, end := h.counts, h.first+len(h.counts)
	if len(old) > 0 {
		if low >= h.first && high < end {
			return
		}
		low, high = min(low, h.first), max(high, end-1)
	}
	first := low &^ (windowStep - 1)
	h.counts = make([]uint64, (high|(windowStep-1))+1-first)
	if len(old) > 0 {
		copy(h.counts[h.first-first:], old)
	}
	h.first = first
}
