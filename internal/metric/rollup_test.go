package metric_test

import (
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/sketch"
)

// state returns all that a rollup holds in a form that can be compared.
func state(t interface{ Fatal(...any) }, r *metric.Rollup) string {
	numbers := *r
	numbers.Latency, numbers.Users, numbers.Tally = sketch.Histogram{}, sketch.Distinct{}, sketch.Tally{}
	latency, err := r.Latency.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	users, err := r.Users.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	tally, err := r.Tally.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v\nlatency %x\nusers %x\ntally %x", numbers, latency, users, tally)
}

// drawRollup returns the rollup of a few random samples of one kind.
func drawRollup(t *rapid.T, kind metric.Kind) *metric.Rollup {
	r := &metric.Rollup{Key: metric.Key{Bucket: now.Truncate(time.Hour), Kind: kind, App: "shop"}}
	for range rapid.IntRange(0, 12).Draw(t, "samples") {
		user := rapid.IntRange(0, 8).Draw(t, "user")
		r.Count++
		if user == 0 {
			r.Anonymous++
		} else {
			r.Users.Add(strconv.Itoa(user))
		}
		switch kind {
		case metric.KindPerformance:
			ms := rapid.OneOf(rapid.Float64Range(0, 1e9), rapid.Float64Range(0, 300)).Draw(t, "ms")
			status := rapid.SampledFrom([]int{200, 204, 404, 500}).Draw(t, "status")
			addRequest(t, r, ms, status)
		case metric.KindUsage:
			if rapid.Bool().Draw(t, "success") {
				r.SuccessCount++
			} else {
				r.FailureCount++
			}
		case metric.KindError:
			seen := now.Add(time.Duration(rapid.IntRange(-3600, 0).Draw(t, "seen")) * time.Second)
			if r.Count == 1 {
				r.FirstSeen, r.LastSeen = seen, seen
			}
			if seen.Before(r.FirstSeen) {
				r.FirstSeen = seen
			}
			if seen.After(r.LastSeen) {
				r.LastSeen = seen
			}
		case metric.KindUser:
			r.Tally.Add(strconv.Itoa(user), 1)
		}
	}
	return r
}

func addRequest(t interface{ Fatal(...any) }, r *metric.Rollup, ms float64, status int) {
	r.SumNS += metric.Nanoseconds(ms)
	if r.Latency.Count() == 0 {
		r.MinMS, r.MaxMS = ms, ms
	}
	r.MinMS, r.MaxMS = min(r.MinMS, ms), max(r.MaxMS, ms)
	if r.StatusCodes == nil {
		r.StatusCodes = make(map[int]int64)
	}
	r.StatusCodes[status]++
	if status >= 400 {
		r.ErrorCount++
	}
	if err := r.Latency.Add(ms); err != nil {
		t.Fatal(err)
	}
}

func drawKind(t *rapid.T) metric.Kind {
	return rapid.SampledFrom([]metric.Kind{
		metric.KindPerformance, metric.KindUsage, metric.KindError, metric.KindUser,
	}).Draw(t, "kind")
}

// drawForeign adds what only rollups of other programs hold.
func drawForeign(t *rapid.T, r *metric.Rollup) {
	r.OpaqueUsers = rapid.Int64Range(0, 20).Draw(t, "opaque users")
	if r.Kind == metric.KindUsage && rapid.Bool().Draw(t, "pages") {
		r.Pages = map[string]int64{"/": r.Count / 2, rapid.SampledFrom([]string{"/a", "/b"}).Draw(t, "page"): r.Count / 3}
	}
}

func TestMergeIsCommutativeAndAssociative(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := drawKind(t)
		a, b, c := drawRollup(t, kind), drawRollup(t, kind), drawRollup(t, kind)
		for _, r := range []*metric.Rollup{a, b, c} {
			drawForeign(t, r)
		}
		before := state(t, b)
		union := func(rollups ...*metric.Rollup) *metric.Rollup {
			into := &metric.Rollup{Key: a.Key}
			for _, r := range rollups {
				into.Merge(r)
			}
			return into
		}
		for _, law := range []struct {
			name      string
			got, want *metric.Rollup
		}{
			{"identity", union(a), a},
			{"commutative", union(a, b), union(b, a)},
			{"associative", union(a, union(b, c)), union(union(a, b), c)},
		} {
			if got, want := state(t, law.got), state(t, law.want); got != want {
				t.Fatalf("%s: got\n%s\nwant\n%s", law.name, got, want)
			}
		}
		if state(t, b) != before {
			t.Fatal("Merge changed its argument")
		}
	})
}

func TestMergeKeepsTheKey(t *testing.T) {
	t.Parallel()
	r := metric.Rollup{Key: metric.Key{App: "a"}}
	r.Merge(&metric.Rollup{Key: metric.Key{App: "b"}, Count: 1})
	if r.App != "a" || r.Count != 1 {
		t.Errorf("got app %q and count %d, want a and 1", r.App, r.Count)
	}
}

func TestMergeSharesNoMemory(t *testing.T) {
	t.Parallel()
	part := metric.Rollup{Count: 1, StatusCodes: map[int]int64{200: 1}, Pages: map[string]int64{"/": 1}}
	var whole metric.Rollup
	whole.Merge(&part)
	whole.Merge(&part)
	if part.StatusCodes[200] != 1 || part.Pages["/"] != 1 || whole.StatusCodes[200] != 2 {
		t.Errorf("merging twice left %v and %v", part, whole)
	}
}

func TestMergeStopsAtTheLargestCount(t *testing.T) {
	t.Parallel()
	a := metric.Rollup{Count: 2, SumNS: math.MaxInt64 - 1}
	a.Merge(&metric.Rollup{Count: 1, SumNS: 10})
	if a.SumNS != math.MaxInt64 || a.AverageMS() <= 0 {
		t.Errorf("SumNS = %d, want it to stay at %d", a.SumNS, math.MaxInt64)
	}
}

func TestRollupFigures(t *testing.T) {
	t.Parallel()
	var none metric.Rollup
	if none.AverageMS() != 0 || none.ErrorRate() != 0 || none.Percentile(0.5) != 0 || none.ActiveUsers() != 0 {
		t.Error("figures of nothing are not zero")
	}
	r := metric.Rollup{Count: 4}
	for i, ms := range []float64{10.25, 10.25, 10.25, 500} {
		addRequest(t, &r, ms, 200+300*(i/3))
		r.Users.Add(strconv.Itoa(i % 2))
	}
	for name, got := range map[string][2]float64{
		"average":                    {r.AverageMS(), 132.6875},
		"error rate":                 {r.ErrorRate(), 0.25},
		"p0 is the minimum":          {r.Percentile(0), 10.25},
		"p50 is not under the least": {r.Percentile(0.5), 10.25},
		"p100 is not over the most":  {min(r.Percentile(1), 500), r.Percentile(1)},
		"active users":               {float64(r.ActiveUsers()), 2},
	} {
		if math.Abs(got[0]-got[1]) > 0.01*got[1] {
			t.Errorf("%s: got %v, want %v", name, got[0], got[1])
		}
	}
	r.OpaqueUsers = 3
	if got := r.ActiveUsers(); got != 3 {
		t.Errorf("ActiveUsers() = %d, want the 3 that another program counted", got)
	}
}

func TestNanoseconds(t *testing.T) {
	t.Parallel()
	for ms, want := range map[float64]int64{
		0: 0, 1: 1_000_000, 0.0000005: 1, 0.0000004: 0, 12.3456785: 12_345_679, 1e9: 1e15,
		-1: 0, 1e30: math.MaxInt64, math.Inf(1): math.MaxInt64,
	} {
		if got := metric.Nanoseconds(ms); got != want {
			t.Errorf("Nanoseconds(%v) = %d, want %d", ms, got, want)
		}
	}
	if got := metric.Nanoseconds(math.NaN()); got != 0 {
		t.Errorf("Nanoseconds(NaN) = %d, want 0", got)
	}
}

func TestSplitPagesMergesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawRollup(t, metric.KindUsage)
		drawForeign(t, r)
		whole := metric.Rollup{Key: r.Key}
		pages := map[string]int64{}
		for _, part := range r.SplitPages() {
			whole.Merge(&part)
			if part.PageName != "" {
				pages[part.PageName] += part.Count
			}
		}
		if fmt.Sprint(pages) != fmt.Sprint(r.Pages) {
			t.Fatalf("counts by page are %v, want %v", pages, r.Pages)
		}
		whole.Pages = r.Pages
		if got, want := state(t, &whole), state(t, r); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestSplitPagesNeverCountsMoreThanTheWhole(t *testing.T) {
	t.Parallel()
	r := metric.Rollup{Count: 5, Pages: map[string]int64{"/a": 4, "/b": 3}}
	var sum int64
	for _, part := range r.SplitPages() {
		sum += part.Count
	}
	if sum != 5 {
		t.Errorf("the parts count %d, want 5", sum)
	}
}
