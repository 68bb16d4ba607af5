package metric

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/sketch"
)

// Kind says what a rollup sums up.
type Kind string

// The kinds of rollups, as aggregated_metrics.metric_type holds them.
const (
	KindPerformance Kind = "performance" // requests of an endpoint and method
	KindUsage       Kind = "usage"       // events of a type, page and element
	KindError       Kind = "error"       // requests of an endpoint, method and error type
	KindUser        Kind = "user"        // events of each user of an app
)

// Key says what a rollup is about. Dimensions that a kind does not have, or
// that a question does not separate, are empty.
type Key struct {
	Bucket    time.Time // start of the hour or day, UTC
	Kind      Kind
	App       string
	Endpoint  string
	Method    string
	EventType string
	PageName  string
	ElementID string
	ErrorType string
}

// Rollup sums up the samples of one key, a row of aggregated_metrics. Any two
// rollups can be merged, so hours add up to days and endpoints to apps with
// nothing lost. The fields of other kinds are zero.
//
// Rollups share memory when copied, as the sketches in them do: merge into a
// new one where the original is needed again.
type Rollup struct {
	Key

	Count       int64           // samples
	Anonymous   int64           // samples without a user id
	Users       sketch.Distinct // users of the other samples
	OpaqueUsers int64           // users that another program counted without saying who: a lower bound

	// Of KindPerformance.
	SumNS        int64   // response times, each rounded to Nanoseconds, so that the sum is exact in any order
	MinMS, MaxMS float64 // valid while Count > 0
	ErrorCount   int64
	StatusCodes  map[int]int64
	Latency      sketch.Histogram

	// Of KindUsage. Pages holds what another program counted by page in one
	// rollup; our own have one page each, in the key.
	SuccessCount, FailureCount int64
	Pages                      map[string]int64

	// Of KindError.
	FirstSeen, LastSeen time.Time

	// Of KindUser.
	Tally sketch.Tally
}

// Nanoseconds returns a response time in whole nanoseconds, rounded half up:
// floor(ms*1e6+0.5), as SQL computes it too. Times beyond 64 bits are cut.
func Nanoseconds(ms float64) int64 {
	ns := math.Floor(ms*1e6 + 0.5)
	switch {
	case !(ns > 0): // NaN too
		return 0
	case ns >= math.MaxInt64:
		return math.MaxInt64
	}
	return int64(ns)
}

// Merge adds all samples of o to r, whose key stays. It is commutative and
// associative. o is not changed and shares no memory with r afterwards.
func (r *Rollup) Merge(o *Rollup) {
	switch {
	case o.Count == 0:
	case r.Count == 0:
		r.MinMS, r.MaxMS = o.MinMS, o.MaxMS
	default:
		r.MinMS, r.MaxMS = min(r.MinMS, o.MinMS), max(r.MaxMS, o.MaxMS)
	}
	r.Count = AddCounts(r.Count, o.Count)
	r.Anonymous = AddCounts(r.Anonymous, o.Anonymous)
	r.Users.Merge(&o.Users)
	r.OpaqueUsers = max(r.OpaqueUsers, o.OpaqueUsers)

	r.SumNS = AddCounts(r.SumNS, o.SumNS)
	r.ErrorCount = AddCounts(r.ErrorCount, o.ErrorCount)
	r.StatusCodes = mergeCounts(r.StatusCodes, o.StatusCodes)
	r.Latency.Merge(&o.Latency)

	r.SuccessCount = AddCounts(r.SuccessCount, o.SuccessCount)
	r.FailureCount = AddCounts(r.FailureCount, o.FailureCount)
	r.Pages = mergeCounts(r.Pages, o.Pages)

	r.FirstSeen = earlier(r.FirstSeen, o.FirstSeen)
	r.LastSeen = later(r.LastSeen, o.LastSeen)
	r.Tally.Merge(&o.Tally)
}

// ActiveUsers returns how many different users the samples name: exact up to
// sketch.MaxExact, and a lower bound where another program wrote a rollup that
// only says how many.
func (r *Rollup) ActiveUsers() int64 { return max(int64(r.Users.Count()), r.OpaqueUsers) }

// AverageMS returns the mean response time in milliseconds, 0 without samples.
func (r *Rollup) AverageMS() float64 {
	if r.Count == 0 {
		return 0
	}
	return float64(r.SumNS) / float64(r.Count) / 1e6
}

// ErrorRate returns the share of requests that failed, from 0 to 1.
func (r *Rollup) ErrorRate() float64 {
	if r.Count == 0 {
		return 0
	}
	return float64(r.ErrorCount) / float64(r.Count)
}

// Percentile returns the response time in milliseconds that the share q of the
// requests (0.95 for p95) did not exceed, within sketch.RelativeAccuracy; 0
// without samples.
func (r *Rollup) Percentile(q float64) float64 {
	ms, ok := r.Latency.Quantile(q)
	if !ok {
		return 0
	}
	return min(max(ms, r.MinMS), r.MaxMS)
}

// SplitPages returns r as one rollup for each page that it counts, and one
// more with everything that is not known by page. Together they merge to r.
// A rollup without counts by page, as all of our own are, is returned alone.
func (r *Rollup) SplitPages() []Rollup {
	if len(r.Pages) == 0 {
		return []Rollup{*r}
	}
	rest := *r
	rest.Pages = nil
	parts := make([]Rollup, 0, len(r.Pages)+1)
	for _, page := range slices.Sorted(maps.Keys(r.Pages)) {
		part := Rollup{Key: r.Key, Count: min(r.Pages[page], rest.Count)}
		part.PageName = page
		rest.Count -= part.Count
		parts = append(parts, part)
	}
	return append(parts, rest)
}

// AddCounts adds two counts or sums, neither negative, and stops at the largest
// BIGINT instead of wrapping around.
func AddCounts(a, b int64) int64 {
	if sum := a + b; sum >= 0 {
		return sum
	}
	return math.MaxInt64
}

func mergeCounts[K comparable](into, from map[K]int64) map[K]int64 {
	if into == nil && len(from) > 0 {
		return maps.Clone(from)
	}
	for key, n := range from {
		into[key] = AddCounts(into[key], n)
	}
	return into
}

// earlier and later take the zero time for "never".
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		a = b
	}
	return a.UTC()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		a = b
	}
	return a.UTC()
}
