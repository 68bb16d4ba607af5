package report_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/report"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// source answers from a database with a quiet day, a busier day after it, and
// an app that nobody asks about.
func source(t *testing.T) query.Source {
	t.Helper()
	db := storetest.Open(t, "sqlite")
	var batch metric.Batch
	request := func(app, path string, at time.Time, status int, ms float64) {
		batch.Requests = append(batch.Requests, metric.Request{
			Timestamp: at, App: app, Endpoint: path, Method: "GET", StatusCode: status, ResponseTimeMS: ms,
			UserID: "u1", ErrorType: metric.ErrorTypeFor(status),
		})
	}
	for i := range 10 {
		request("shop", "/orders", start.Add(-5*time.Hour), 200, 100)
		request("shop", "/orders", start.Add(time.Duration(i)*time.Hour), 200, 200)
		request("shop", "/search", start.Add(3*time.Hour), 503, 50)
		request("wiki", "/pages", start.Add(3*time.Hour), 200, 50)
	}
	batch.Events = append(batch.Events, metric.Event{
		Timestamp: start.Add(time.Hour), App: "shop", EventType: "page_view", PageName: "/orders", UserID: "u2", Success: true,
	})
	if _, err := db.Append(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return query.New(query.Options{Store: db, Now: func() time.Time { return end }})
}

func TestGather(t *testing.T) {
	t.Parallel()
	r, err := report.Gather(t.Context(), source(t), asked(true))
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]int64{
		"requests":                      {r.Performance.Metrics.TotalRequests, 20},
		"endpoints":                     {int64(len(r.Performance.Endpoints)), 2},
		"events":                        {r.Usage.Metrics.TotalEvents, 1},
		"errors":                        {r.Errors.Errors[0].Count, 10},
		"points":                        {int64(len(r.TimeSeries.DataPoints)), 24},
		"requests before":               {r.Performance.Previous.Metrics.TotalRequests, 10},
		"requests of /orders before":    {r.PreviousPerformance.Endpoints[0].RequestCount, 10},
		"endpoints before":              {int64(len(r.PreviousPerformance.Endpoints)), 1},
		"events before":                 {r.Usage.Previous.Metrics.TotalEvents, 0},
		"anonymous users, not asked":    {r.Performance.Metrics.AnonymousRequests, 0},
		"users of requests, events too": {r.Performance.Metrics.ActiveUsers, 2},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %d, want %d", name, pair[0], pair[1])
		}
	}
	if r.Empty() {
		t.Error("the report is empty")
	}
}

func TestGatherNothing(t *testing.T) {
	t.Parallel()
	p := asked(false)
	p.App = "nobody"
	r, err := report.Gather(t.Context(), source(t), p)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Empty() {
		t.Errorf("not empty: %+v", r.Performance)
	}
}

func TestGatherOneEndpoint(t *testing.T) {
	t.Parallel()
	p := asked(false)
	p.Endpoint = "/search"
	r, err := report.Gather(t.Context(), source(t), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Performance.Metrics.TotalRequests; got != 10 || r.PreviousPerformance != nil {
		t.Errorf("%d requests of one endpoint, want 10; previous %+v", got, r.PreviousPerformance)
	}
}

// TestGatherByDay: a point an hour would not fit into the line of a long range.
func TestGatherByDay(t *testing.T) {
	t.Parallel()
	p := asked(true)
	p.Range.Start = end.AddDate(0, 0, -60)
	r, err := report.Gather(t.Context(), source(t), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(r.TimeSeries.DataPoints); r.TimeSeries.Interval != query.Daily || got != 61 {
		t.Errorf("%d points, %s", got, r.TimeSeries.Interval)
	}
	if r.PreviousPerformance != nil {
		t.Error("compared with a period that the retention does not hold")
	}
}

func TestGatherFails(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := report.Gather(ctx, source(t), asked(false)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
