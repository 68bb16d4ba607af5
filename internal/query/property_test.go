package query_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/sketch"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Every answer equals what plain lists of the same rows give, before and after
// any part of them was retired (R8 to R14, R7b). Run more histories with
// -rapid.checks.
func TestAnswersEqualTheOracle(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var histories atomic.Int64
		rapid.Check(t, func(t *rapid.T) {
			// One app a history keeps the histories of one database apart.
			app := fmt.Sprintf("history-%d", histories.Add(1))
			w := drawWorld(t, app)
			ctx := context.Background()
			if _, err := s.Append(ctx, metric.Batch{Requests: w.requests, Events: w.events}); err != nil {
				t.Fatal(err)
			}
			checkAll(ctx, t, s, w, app)

			cutoff := now.Truncate(time.Hour).Add(-time.Duration(rapid.IntRange(0, 12).Draw(t, "retired before, hours ago")) * time.Hour)
			if _, err := s.Retire(ctx, store.RetireRequest{RawBefore: cutoff}); err != nil {
				t.Fatal(err)
			}
			w.retiredBefore = cutoff
			checkAll(ctx, t, s, w, app)
		})
	})
}

func drawWorld(t *rapid.T, app string) *world {
	id := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	at := rapid.Custom(func(t *rapid.T) time.Time {
		// Whole hours are where boundaries break, and all of yesterday is among them.
		return now.Truncate(time.Hour).Add(
			-time.Duration(rapid.IntRange(-1, 44).Draw(t, "hours ago"))*time.Hour +
				rapid.SampledFrom([]time.Duration{0, time.Microsecond, 34*time.Minute + 56*time.Second, time.Hour - time.Microsecond}).Draw(t, "into the hour"))
	})
	user := rapid.SampledFrom([]string{"", "ann", "bob", "Ann", "zoë", "o'neill", "null"})
	w := &world{}
	for range rapid.IntRange(0, 25).Draw(t, "requests") {
		r := request(at.Draw(t, "at"), rapid.SampledFrom([]string{"/", "/a", "/a/{id}", "/ü%_"}).Draw(t, "endpoint"),
			rapid.SampledFrom([]int{200, 204, 304, 399, 400, 404, 499, 500, 599}).Draw(t, "status"),
			milliseconds.Draw(t, "ms"), user.Draw(t, "user"))
		r.ID, r.App, r.Method = id(), app, rapid.SampledFrom([]string{"GET", "POST"}).Draw(t, "method")
		if r.StatusCode == http.StatusInternalServerError && rapid.Bool().Draw(t, "panicked") {
			r.ErrorType = metric.ErrorPanic
		}
		w.requests = append(w.requests, r)
	}
	for range rapid.IntRange(0, 25).Draw(t, "events") {
		e := event(at.Draw(t, "at"), rapid.SampledFrom([]string{"page_view", "button_click"}).Draw(t, "type"),
			rapid.SampledFrom([]string{"", "/", "/a"}).Draw(t, "page"),
			rapid.SampledFrom([]string{"", "save", "×"}).Draw(t, "element"), user.Draw(t, "user"))
		e.ID, e.App, e.Success = id(), app, rapid.Bool().Draw(t, "success")
		w.events = append(w.events, e)
	}
	return w
}

// milliseconds are mostly ordinary and sometimes at a limit.
var milliseconds = rapid.OneOf(
	rapid.Float64Range(0.01, 5000),
	rapid.SampledFrom([]float64{0, 1e-10, 1e-9, 1e-6, 0.5, 1, 12.25, 1000, 1e9}),
)

func checkAll(ctx context.Context, t *rapid.T, s *store.Store, w *world, app string) {
	t.Helper()
	e := engine(s)
	start := now.Add(-time.Duration(rapid.IntRange(1, 44).Draw(t, "start, hours ago")) * time.Hour)
	end := now
	if rapid.Bool().Draw(t, "whole hours") {
		start, end = start.Truncate(time.Hour), end.Truncate(time.Hour)
	}
	r := between(start, end)
	anonymous := rapid.Bool().Draw(t, "include anonymous")
	endpoint := rapid.SampledFrom([]string{"", "/a", "/none"}).Draw(t, "asked endpoint")
	method := rapid.SampledFrom([]string{"", "POST"}).Draw(t, "asked method")
	eventType := rapid.SampledFrom([]string{"", "page_view"}).Draw(t, "asked type")
	page := rapid.SampledFrom([]string{"", "/a"}).Draw(t, "asked page")

	performance := query.PerformanceParams{Range: r, App: app, Endpoint: endpoint, Method: method, IncludeAnonymous: anonymous}
	answer, err := e.Performance(ctx, performance)
	if err != nil {
		t.Fatal(err)
	}
	want := w.performance(performance)
	checkHistogram(t, answer)
	checkPerformance(t, answer, &want)

	usage := query.UsageParams{Range: r, App: app, EventType: eventType, PageName: page, IncludeAnonymous: anonymous}
	got, err := e.Usage(ctx, usage)
	same(t, "usage", got, err, w.usage(usage))

	failures := query.ErrorsParams{Range: r, App: app, Endpoint: endpoint}
	groups, err := e.Errors(ctx, failures)
	same(t, "errors", groups, err, w.errors(failures))

	count, err := e.Count(ctx, query.CountParams{Range: r, App: app, UserID: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	if want := len(w.eventsIn(r, func(e metric.Event) bool { return e.UserID == "ann" })); count.Count != int64(want) {
		t.Fatalf("count of ann's events: got %d, want %d", count.Count, want)
	}

	series := query.TimeSeriesParams{
		Range: r, App: app, Endpoint: endpoint, EventType: eventType,
		MetricType: rapid.SampledFrom([]query.MetricType{query.MetricPerformance, query.MetricUsage, query.MetricBoth}).Draw(t, "metric type"),
		Interval:   rapid.SampledFrom([]query.Interval{query.Hourly, query.Daily}).Draw(t, "interval"),
	}
	points, err := e.TimeSeries(ctx, series)
	if err != nil {
		t.Fatal(err)
	}
	wanted := w.series(series)
	checkSeries(t, points, &wanted)
}

// same compares answers that are exact in every field.
func same(t *rapid.T, name string, got any, err error, want any) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if g, w := text(t, got), text(t, want); g != w {
		t.Fatalf("%s:\n got %s\nwant %s", name, g, w)
	}
}

func text(t *rapid.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkPerformance compares percentiles within their stated error, and then
// all the rest exactly.
func checkPerformance(t *rapid.T, got, want *query.Performance) {
	t.Helper()
	near(t, &got.Metrics.Latency, want.Metrics.Latency)
	if len(got.Endpoints) == len(want.Endpoints) {
		for i := range got.Endpoints {
			near(t, &got.Endpoints[i].Latency, want.Endpoints[i].Latency)
		}
	}
	got.Histogram = nil
	same(t, "performance", got, nil, want)
}

func checkSeries(t *rapid.T, got, want *query.TimeSeries) {
	t.Helper()
	for i := range min(len(got.DataPoints), len(want.DataPoints)) {
		g, w := got.DataPoints[i].PerformancePoint, want.DataPoints[i].PerformancePoint
		if g == nil || w == nil || g.P50MS == nil || w.P50MS == nil {
			continue
		}
		l := query.Latency{P50MS: *g.P50MS, P95MS: *g.P95MS, P99MS: *g.P99MS}
		near(t, &l, query.Latency{P50MS: *w.P50MS, P95MS: *w.P95MS, P99MS: *w.P99MS})
		g.P50MS, g.P95MS, g.P99MS = w.P50MS, w.P95MS, w.P99MS
	}
	same(t, "time series", got, nil, want)
}

// near checks each percentile and then replaces it by the exact one.
func near(t *rapid.T, got *query.Latency, want query.Latency) {
	t.Helper()
	for _, p := range []struct {
		name      string
		got, want float64
	}{{"p50", got.P50MS, want.P50MS}, {"p95", got.P95MS, want.P95MS}, {"p99", got.P99MS, want.P99MS}} {
		if math.Abs(p.got-p.want) > sketch.RelativeAccuracy*p.want*(1+1e-9)+sketch.MinValue {
			t.Fatalf("%s: got %v, want %v within 1%%", p.name, p.got, p.want)
		}
	}
	got.P50MS, got.P95MS, got.P99MS = want.P50MS, want.P95MS, want.P99MS
}

func checkHistogram(t *rapid.T, answer *query.Performance) {
	t.Helper()
	if answer.Histogram == nil {
		return
	}
	var sum int64
	low := -1.0
	for _, b := range answer.Histogram {
		// The bucket of zeros ends at MinValue, inside the first of the others.
		if b.LowMS < low-sketch.MinValue || b.HighMS < b.LowMS || b.Count <= 0 {
			t.Fatalf("histogram is not ascending: %+v", answer.Histogram)
		}
		low, sum = b.HighMS, sum+b.Count
	}
	if sum != answer.Metrics.TotalRequests {
		t.Fatalf("histogram counts %d of %d requests", sum, answer.Metrics.TotalRequests)
	}
}
