package metric_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

func TestValuesOfEveryKind(t *testing.T) {
	t.Parallel()
	performance := metric.Rollup{Key: metric.Key{Kind: metric.KindPerformance}, Count: 2, Anonymous: 1}
	addRequest(t, &performance, 10, 200)
	addRequest(t, &performance, 10, 503)
	performance.Users.Add("ann")
	usage := metric.Rollup{Key: metric.Key{Kind: metric.KindUsage, PageName: "/a"}, Count: 3, Anonymous: 3, SuccessCount: 2, FailureCount: 1}
	failures := metric.Rollup{Key: metric.Key{Kind: metric.KindError}, Count: 1, Anonymous: 1, FirstSeen: now, LastSeen: now}
	users := metric.Rollup{Key: metric.Key{Kind: metric.KindUser}, Count: 7}
	for _, test := range []struct {
		rollup *metric.Rollup
		want   string
	}{
		{&performance, `{"avg":10,"min":10,"max":10,"count":2,"sum":20,"sum_ns":20000000,"p50":10,"p95":10,"p99":10,` +
			`"error_count":1,"error_rate":0.5,"status_codes":{"200":1,"503":1},"unique_users":1,"anonymous":1}`},
		{&usage, `{"count":3,"unique_users":0,"success_count":2,"failure_count":1,"anonymous":3,"pages":{"/a":3}}`},
		{&failures, `{"count":1,"unique_users":0,"anonymous":1,"first_seen":"2026-03-15T12:30:15.123456Z","last_seen":"2026-03-15T12:30:15.123456Z"}`},
		{&users, `{"count":7}`},
		{&metric.Rollup{Key: metric.Key{Kind: metric.KindPerformance}},
			`{"avg":0,"min":0,"max":0,"count":0,"sum":0,"sum_ns":0,"p50":0,"p95":0,"p99":0,` +
				`"error_count":0,"error_rate":0,"status_codes":{},"unique_users":0,"anonymous":0}`},
		{&metric.Rollup{Key: metric.Key{Kind: metric.KindUsage}},
			`{"count":0,"unique_users":0,"success_count":0,"failure_count":0,"anonymous":0,"pages":{}}`},
		{&metric.Rollup{Key: metric.Key{Kind: metric.KindError}}, `{"count":0,"unique_users":0,"anonymous":0}`},
	} {
		got, err := test.rollup.Values()
		if err != nil || string(got) != test.want {
			t.Errorf("Values() of %s = %s, %v\nwant %s", test.rollup.Kind, got, err, test.want)
		}
	}
	if _, err := (&metric.Rollup{Key: metric.Key{Kind: "weather"}}).Values(); err == nil {
		t.Error("Values() of an unknown kind has an answer")
	}
}

func TestValuesComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawRollup(t, drawKind(t))
		drawForeign(t, r)
		if r.OpaqueUsers <= int64(r.Users.Count()) {
			r.OpaqueUsers = 0 // adds nothing, and so is not kept
		}
		if r.Kind == metric.KindUser {
			r.Anonymous, r.OpaqueUsers = 0, 0 // its document holds the count alone
		}
		maps.DeleteFunc(r.Pages, func(_ string, n int64) bool { return n == 0 })
		values, err := r.Values()
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "as jsonb writes it") {
			values = indented(t, values)
		}
		// The columns beside the document are set before it is decoded.
		got := metric.Rollup{Key: r.Key, Latency: r.Latency, Users: r.Users, Tally: r.Tally}
		if err := got.DecodeValues(values); err != nil {
			t.Fatalf("DecodeValues(%s): %v", values, err)
		}
		if got, want := state(t, &got), state(t, r); got != want {
			t.Fatalf("%s\ndecoded as\n%s\nwant\n%s", values, got, want)
		}
	})
}

func indented(t *rapid.T, values []byte) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, values, "", "\t"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDecodeValuesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	performance, usage := metric.KindPerformance, metric.KindUsage
	type figures struct {
		count, sumNS, errors, users, success, failure int64
		min, p50, p95, max                            float64
	}
	tests := map[string]struct {
		kind        metric.Kind
		sampleCount int64
		values      string
		want        figures
	}{
		"all of R7": {performance, 200, `{"avg": 12.5, "min": 1.5, "max": 900, "count": 200, "sum": 2500, "p50": 10, "p95": 30, "p99": 400,
			"error_count": 5, "error_rate": 0.025, "status_codes": {"200": 195, "500": 5}, "unique_users": 17}`,
			figures{200, 2_500_000_000, 5, 17, 0, 0, 1.5, 10, 30, 900}},
		"average without sum": {performance, 0, `{"count": 4, "avg": 2.5, "p50": 2, "p95": 4}`,
			figures{4, 10_000_000, 0, 0, 0, 0, 2, 2, 4, 4}},
		"only an average": {performance, 0, `{"count": 4, "avg": 2.5}`,
			figures{4, 10_000_000, 0, 0, 0, 0, 2.5, 2.5, 2.5, 2.5}},
		"only sample_count":              {performance, 9, `{}`, figures{count: 9}},
		"the count of the document wins": {performance, 9, `{"count": 8}`, figures{count: 8}},
		"a negative sample_count":        {performance, -9, `{}`, figures{}},
		"errors by rate":                 {performance, 200, `{"error_rate": 0.1}`, figures{count: 200, errors: 20}},
		"errors by status":               {performance, 200, `{"status_code_distribution": {"200": 190, "404": 7, "502": 3}}`, figures{count: 200, errors: 10}},
		"more errors than requests":      {performance, 3, `{"error_count": 5}`, figures{count: 3, errors: 3}},
		"decimals as strings":            {performance, 0, `{"count": "10", "sum": "25.50", "p50": "2"}`, figures{10, 25_500_000, 0, 0, 0, 0, 2, 2, 2, 2}},
		"whole numbers as decimals":      {performance, 0, `{"count": 10.0, "error_count": 1e0}`, figures{count: 10, errors: 1}},
		"percentiles out of order":       {performance, 100, `{"p50": 10, "p95": 5, "p99": 7}`, figures{count: 100, min: 10, p50: 10, p95: 10, max: 10}},
		"nulls":                          {performance, 1, `{"count": null, "p50": null, "status_codes": null, "max": 7}`, figures{count: 1, min: 7, p50: 7, p95: 7, max: 7}},
		"escaped names":                  {performance, 0, `{"co\u0075nt": 6}`, figures{count: 6}},
		"the last of equal names":        {performance, 0, `{"count": 6, "count": 7}`, figures{count: 7}},
		"values nobody knows":            {performance, 3, `{"x":{"y":["]}",{"count":1}]},"z":"\"},","count":4,"w":[]}`, figures{count: 4}},
		"beyond the histogram":           {performance, 1, `{"max": 1e12}`, figures{count: 1, min: 1e9, p50: 1e9, p95: 1e9, max: 1e9}},
		"usage":                          {usage, 0, `{"count": 12, "unique_users": 3, "success_count": 10, "failure_count": 2}`, figures{count: 12, users: 3, success: 10, failure: 2}},
	}
	for name, test := range tests {
		r := metric.Rollup{Key: metric.Key{Kind: test.kind}, Count: test.sampleCount}
		if err := r.DecodeValues([]byte(test.values)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := figures{r.Count, r.SumNS, r.ErrorCount, r.ActiveUsers(), r.SuccessCount, r.FailureCount,
			r.MinMS, r.Percentile(0.5), r.Percentile(0.95), r.MaxMS}
		near := func(got, want float64) bool { return math.Abs(got-want) <= 0.0101*want }
		if !near(got.p50, test.want.p50) || !near(got.p95, test.want.p95) {
			t.Errorf("%s: p50 and p95 are %v and %v, want %v and %v", name, got.p50, got.p95, test.want.p50, test.want.p95)
		}
		got.p50, got.p95 = test.want.p50, test.want.p95
		if got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
		if test.kind == performance && int64(r.Latency.Count()) != r.Count {
			t.Errorf("%s: the histogram counts %d of %d", name, r.Latency.Count(), r.Count)
		}
	}
}

func TestDecodeValuesKeepsPagesOfOtherPrograms(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pages", "page_counts"} {
		r := metric.Rollup{Key: metric.Key{Kind: metric.KindUsage}}
		if err := r.DecodeValues([]byte(`{"count": 9, "` + name + `": {"/a": 4, "/\u00e9": 3, "/none": 0}}`)); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(r.Pages, map[string]int64{"/a": 4, "/é": 3}) {
			t.Errorf("%s: Pages = %v", name, r.Pages)
		}
		own := metric.Rollup{Key: metric.Key{Kind: metric.KindUsage, PageName: "/a"}}
		if err := own.DecodeValues([]byte(`{"count": 9, "` + name + `": {"/a": 9}}`)); err != nil || own.Pages != nil {
			t.Errorf("%s of a rollup of one page: Pages = %v, %v; want none", name, own.Pages, err)
		}
	}
}

// A sample's percentiles, told by another program, come back out of the
// histogram that is made of them.
func TestRebuiltHistogramHasThePercentilesItIsMadeOf(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 2, 3, 10, 99, 100, 101, 5000} {
		sample := make([]float64, n)
		var sum float64
		for i := range sample {
			sample[i] = 80 * math.Exp(0.6*r.NormFloat64())
			sum += sample[i]
		}
		slices.Sort(sample)
		at := func(q float64) float64 { return sample[max(int(math.Ceil(q*float64(n)-1e-9)), 1)-1] }
		told, err := json.Marshal(map[string]any{
			"count": n, "sum": sum, "min": sample[0], "max": sample[n-1], "p50": at(0.5), "p95": at(0.95), "p99": at(0.99),
		})
		if err != nil {
			t.Fatal(err)
		}
		rollup := metric.Rollup{Key: metric.Key{Kind: metric.KindPerformance}}
		if err := rollup.DecodeValues(told); err != nil {
			t.Fatal(err)
		}
		if got := rollup.Latency.Count(); got != uint64(n) {
			t.Errorf("%d samples: the histogram counts %d", n, got)
		}
		for _, q := range []float64{0, 0.5, 0.95, 0.99, 1} {
			if got, want := rollup.Percentile(q), at(q); math.Abs(got-want) > 0.0101*want {
				t.Errorf("%d samples: Percentile(%v) = %v, want %v", n, q, got, want)
			}
		}
		if n >= 1000 {
			if got, want := rollup.Percentile(0.75), at(0.75); math.Abs(got-want) > 0.2*want {
				t.Errorf("%d samples: Percentile(0.75) between the points told = %v, want about %v", n, got, want)
			}
		}
	}
}

func TestDecodeValuesNamesWhatItCannotReadAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	r := metric.Rollup{Key: metric.Key{Kind: metric.KindPerformance}, Count: 5}
	err := r.DecodeValues([]byte(`{"count": 6, "sum": -1, "avg": 2, "p50": "fast", "error_count": 1.5, "sum_ns": "x",
		"status_codes": {"2xx": 5, "200": "many", "500": 1}, "unique_users": 1e300, "anonymous": {}}`))
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"sum", "sum_ns", "p50", "error_count", "status_codes", "status_codes.200", "unique_users", "anonymous"} {
		if !strings.Contains(err.Error(), "aggregated_values."+name+": ") {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
	if r.Count != 6 || r.SumNS != 12_000_000 || r.ErrorCount != 1 || r.StatusCodes[500] != 1 {
		t.Errorf("what can be read was not kept: %+v", r)
	}

	failures := metric.Rollup{Key: metric.Key{Kind: metric.KindError}}
	if err := failures.DecodeValues([]byte(`{"first_seen": "today", "last_seen": "2026-03-15T13:00:00+01:00"}`)); err == nil ||
		!failures.FirstSeen.IsZero() || !failures.LastSeen.Equal(time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("first and last seen are %v and %v, error %v", failures.FirstSeen, failures.LastSeen, err)
	}

	for _, values := range []string{"", " ", "null", "[]", "7", `"x"`, `{"count":`, `{"pages":[]}`} {
		r := metric.Rollup{Key: metric.Key{Kind: metric.KindUsage}, Count: 5}
		if err := r.DecodeValues([]byte(values)); err == nil || r.Count != 5 {
			t.Errorf("DecodeValues(%q) = %v and leaves a count of %d; want an error and 5", values, err, r.Count)
		}
	}
}

func FuzzDecodeValues(f *testing.F) {
	for _, seed := range []string{
		`{"avg":10,"min":10,"max":10,"count":2,"sum":20,"sum_ns":20000000,"p50":10,"p95":10,"p99":10,"error_count":1,"status_codes":{"200":1}}`,
		`{"count": 1e15, "max": 1e300, "p50": 0, "error_rate": 7}`, `{"x":[{"y":"\"}"}],"count":"3"}`, `{"pages":{"a\u0000":1}}`, ` { } `,
	} {
		f.Add([]byte(seed), int64(3))
	}
	f.Fuzz(func(t *testing.T, values []byte, sampleCount int64) {
		for _, kind := range []metric.Kind{metric.KindPerformance, metric.KindUsage, metric.KindError, metric.KindUser} {
			r := metric.Rollup{Key: metric.Key{Kind: kind}, Count: sampleCount}
			if err := r.DecodeValues(values); err != nil {
				continue
			}
			if r.Count < 0 || r.SumNS < 0 || r.ErrorCount < 0 || r.ErrorCount > r.Count || r.MinMS > r.MaxMS || r.ActiveUsers() < 0 {
				t.Fatalf("%q decoded as %+v", values, r)
			}
			if kind == metric.KindPerformance && int64(r.Latency.Count()) != r.Count {
				t.Fatalf("%q: the histogram counts %d of %d", values, r.Latency.Count(), r.Count)
			}
			again, err := r.Values()
			if err != nil || !json.Valid(again) {
				t.Fatalf("%q decoded, and is then written as %s, %v", values, again, err)
			}
			// What is written after that is stable.
			second := metric.Rollup{Key: r.Key, Latency: r.Latency}
			if err := second.DecodeValues(again); err != nil {
				t.Fatalf("%s was written and is not read: %v", again, err)
			}
		}
	})
}

func BenchmarkValues(b *testing.B) {
	r, _ := benchmarkRollup(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Values(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeValues(b *testing.B) {
	r, values := benchmarkRollup(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.DecodeValues(values); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRollupMerge(b *testing.B) {
	r, _ := benchmarkRollup(b)
	var into metric.Rollup
	b.ReportAllocs()
	for b.Loop() {
		into.Merge(r)
	}
}

// benchmarkRollup is an hour of an endpoint: 100 requests of 30 users.
func benchmarkRollup(b *testing.B) (r *metric.Rollup, values []byte) {
	random := rand.New(rand.NewPCG(1, 2))
	r = &metric.Rollup{Key: metric.Key{Kind: metric.KindPerformance}, Count: 100}
	for i := range 100 {
		addRequest(b, r, 40*math.Exp(0.7*random.NormFloat64()), []int{200, 200, 200, 404}[i%4])
		r.Users.AddHash(random.Uint64N(30) * 0x9e3779b97f4a7c15)
	}
	values, err := r.Values()
	if err != nil {
		b.Fatal(err)
	}
	return r, values
}
