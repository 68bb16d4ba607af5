package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// now is the time of all tests, in the middle of an hour.
var now = time.Date(2026, 3, 20, 10, 30, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

const day = 24 * time.Hour

var (
	everything = metric.Range{Start: ago(100 * day), End: now.Add(day), Name: "custom"}
	allKinds   = []metric.Kind{metric.KindPerformance, metric.KindUsage, metric.KindError, metric.KindUser}
	allDims    = []store.Dims{
		store.ByHour, store.ByDay, store.ByApp, store.ByEndpoint, store.ByMethod, store.ByEventType,
		store.ByPage, store.ByElement, store.ByErrorType,
	}
)

// atNow makes a store live at the time of the tests.
func atNow(o *store.Options) { o.Now = func() time.Time { return now } }

// renew gives every request a new id.
func renew(requests []metric.Request) {
	for i := range requests {
		requests[i].ID = uuid.New()
	}
}

func request(at time.Time, endpoint string, status int, ms float64, user string) metric.Request {
	return metric.Request{
		Timestamp: at, App: "shop", Endpoint: endpoint, Method: "GET", StatusCode: status, ResponseTimeMS: ms,
		UserID: user, ErrorType: metric.ErrorTypeFor(status),
	}
}

func event(at time.Time, eventType, page, element, user string, success bool) metric.Event {
	return metric.Event{
		Timestamp: at, App: "shop", EventType: eventType, PageName: page, ElementID: element, UserID: user,
		Success: success,
	}
}

// history spreads a few samples with every feature over four weeks.
func history() metric.Batch {
	var b metric.Batch
	for i, at := range []time.Time{
		ago(28 * day), ago(28*day - time.Minute), ago(9 * day), ago(8 * day), ago(8*day - 30*time.Second), ago(2 * day),
		ago(time.Hour), ago(time.Minute),
	} {
		ms := float64(1+i*i) * 1.37
		b.Requests = append(b.Requests,
			request(at, "/orders/{id}", 200, ms, "ada"), request(at, "/orders/{id}", 404, ms/3, ""),
			request(at, "/orders", 503, ms*10, "grace"), request(at, "/health", 200, 0, ""))
		odd := request(at, "/orders", 504, 30_000, "ada")
		odd.ErrorType, odd.Method, odd.App = metric.ErrorTimeout, "POST", metric.DefaultApp
		self := request(at, "/api", 200, 1, "admin")
		self.App = metric.SelfApp
		b.Requests = append(b.Requests, odd, self)
		b.Events = append(b.Events,
			event(at, "page_view", "/orders", "", "ada", true), event(at, "page_view", "/orders", "", "", true),
			event(at, "button_click", "/orders", "add", "grace", false), event(at, "export_triggered", "", "", "ada", true))
	}
	return b
}

func appendAll(t testing.TB, s *store.Store, b metric.Batch) store.Stored {
	t.Helper()
	stored, err := s.Append(t.Context(), b)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return stored
}

func retire(t testing.TB, s *store.Store, q store.RetireRequest) store.RetireReport {
	t.Helper()
	if q.RawBefore.IsZero() {
		q.RawBefore = ago(metric.RawRetention)
	}
	report, err := s.Retire(t.Context(), q)
	if err != nil {
		t.Fatalf("retire: %v", err)
	}
	return report
}

// ask returns one answer, in a fixed order.
func ask(t testing.TB, s *store.Store, q store.Question) []metric.Rollup {
	t.Helper()
	if q.Kinds == nil {
		q.Kinds = allKinds
	}
	if q.Range.Start.IsZero() {
		q.Range = everything
	}
	answers, err := s.Summarize(t.Context(), q)
	if err != nil {
		t.Fatalf("summarize: %v", err)
	}
	slices.SortFunc(answers[0], compareKeys)
	return answers[0]
}

// figures are the numbers of a rollup that do not depend on how it came about.
type figures struct {
	metric.Key
	Count, Anonymous, Users, SumNS, Errors, Successes, Failures int64
	Min, Max, P50, P99                                          float64
	First, Last                                                 time.Time
	Ada                                                         uint64
}

func figuresOf(rollups []metric.Rollup) []figures {
	all := make([]figures, len(rollups))
	for i := range rollups {
		r := &rollups[i]
		all[i] = figures{
			Key: r.Key, Count: r.Count, Anonymous: r.Anonymous, Users: r.ActiveUsers(), SumNS: r.SumNS,
			Errors: r.ErrorCount, Successes: r.SuccessCount, Failures: r.FailureCount, Min: r.MinMS, Max: r.MaxMS,
			P50: r.Percentile(0.5), P99: r.Percentile(0.99), First: r.FirstSeen, Last: r.LastSeen, Ada: r.Tally.Get("ada"),
		}
	}
	return all
}

// same fails unless two answers have the same figures.
func same(t testing.TB, what string, got, want []metric.Rollup) {
	t.Helper()
	g, w := figuresOf(got), figuresOf(want)
	if slices.Equal(g, w) {
		return
	}
	t.Errorf("%s: got %d rollups, want %d", what, len(g), len(w))
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			t.Errorf("%s: missing %+v", what, w[i])
		case i >= len(w):
			t.Errorf("%s: unexpected %+v", what, g[i])
		case g[i] != w[i]:
			t.Errorf("%s: got\n%+v, want\n%+v", what, g[i], w[i])
		}
	}
}
