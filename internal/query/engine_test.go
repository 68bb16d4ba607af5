package query_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// R13: a person who does both is one person; nobody is one more when asked.
func TestActiveUsersAreOnePeopleOverBothKinds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, orders()) // requests: ann bob cat and nobody; events: ann dan eve and nobody
		e, ctx, today := engine(s), t.Context(), named(t, "24h")
		for name, test := range map[string]struct {
			params query.PerformanceParams
			want   int64
		}{
			"all":                         {query.PerformanceParams{}, 5},
			"with anonymous":              {query.PerformanceParams{IncludeAnonymous: true}, 6},
			"of an endpoint":              {query.PerformanceParams{Endpoint: "/orders"}, 2},
			"of an endpoint, anonymous":   {query.PerformanceParams{Endpoint: "/orders", IncludeAnonymous: true}, 3},
			"of a method":                 {query.PerformanceParams{Method: "GET"}, 3},
			"of an endpoint nobody knows": {query.PerformanceParams{Endpoint: "/orders/{id}", IncludeAnonymous: true}, 2},
		} {
			test.params.Range = today
			answer := must[query.Performance](t)(e.Performance(ctx, test.params))
			if got := answer.Metrics.ActiveUsers; got != test.want {
				t.Errorf("performance, %s: got %d active users, want %d", name, got, test.want)
			}
		}
		for name, test := range map[string]struct {
			params                   query.UsageParams
			unique, active, thisHour int64
		}{
			"all":            {query.UsageParams{}, 3, 5, 1},
			"with anonymous": {query.UsageParams{IncludeAnonymous: true}, 4, 6, 2},
			"of a type":      {query.UsageParams{EventType: "button_click"}, 2, 2, 0},
			"of a page":      {query.UsageParams{PageName: "/orders", IncludeAnonymous: true}, 3, 3, 0},
		} {
			test.params.Range = today
			m := must[query.Usage](t)(e.Usage(ctx, test.params)).Metrics
			if m.UniqueUsers != test.unique || m.ActiveUsers != test.active || m.ActiveUsersCurrentHour != test.thisHour {
				t.Errorf("usage, %s: got %d unique, %d active, %d in this hour; want %d, %d, %d", name,
					m.UniqueUsers, m.ActiveUsers, m.ActiveUsersCurrentHour, test.unique, test.active, test.thisHour)
			}
		}
	})
}

func TestThisHourIsTheClocks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, metric.Batch{Events: []metric.Event{
			event(hour(12).Add(-time.Microsecond), "page_view", "/", "", "before"),
			event(hour(12), "page_view", "/", "", "first"),
			event(now.Add(time.Minute), "page_view", "/", "", "ahead"),
		}})
		week := between(ago(7*24*time.Hour), ago(6*24*time.Hour))
		m := must[query.Usage](t)(engine(s).Usage(t.Context(), query.UsageParams{Range: week})).Metrics
		if m.ActiveUsersCurrentHour != 2 || m.ActiveUsers != 0 {
			t.Errorf("got %d in this hour and %d in the week asked for, want 2 and 0", m.ActiveUsersCurrentHour, m.ActiveUsers)
		}
	})
}

// R23: every app but our own, or one.
func TestQuestionsAreAboutApps(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		batch := metric.Batch{}
		for i, app := range []string{metric.DefaultApp, "shop", metric.SelfApp} {
			r, v := request(ago(time.Minute), "/"+app, 500, float64(10*(i+1)), app+"-user"), event(ago(time.Minute), "page_view", "/"+app, "", app+"-user")
			r.App, v.App = app, app
			batch.Requests, batch.Events = append(batch.Requests, r), append(batch.Events, v)
		}
		fill(t, s, batch)
		e, ctx, today := engine(s), t.Context(), named(t, "24h")
		for app, want := range map[string]int64{"": 2, "shop": 1, metric.SelfApp: 1, "none": 0} {
			p := must[query.Performance](t)(e.Performance(ctx, query.PerformanceParams{Range: today, App: app}))
			u := must[query.Usage](t)(e.Usage(ctx, query.UsageParams{Range: today, App: app}))
			f := must[query.Errors](t)(e.Errors(ctx, query.ErrorsParams{Range: today, App: app}))
			r := must[query.RequestsPage](t)(e.Requests(ctx, query.RequestsParams{Range: today, App: app}))
			v := must[query.EventsPage](t)(e.Events(ctx, query.EventsParams{Range: today, App: app}))
			got := []int64{
				p.Metrics.TotalRequests, p.Metrics.ActiveUsers, u.Metrics.TotalEvents, u.Metrics.ActiveUsersCurrentHour,
				int64(len(f.Errors)), int64(len(r.Requests)), int64(len(v.Events)),
			}
			if !slices.Equal(got, slices.Repeat([]int64{want}, len(got))) {
				t.Errorf("app %q: got %v, want %d each", app, got, want)
			}
		}
	})
}

func TestComparisonIsWithThePeriodBefore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const day = 24 * time.Hour
		fill(t, s, metric.Batch{
			Requests: []metric.Request{
				request(ago(2*day), "/", 200, 30, "first"), // the first instant of the period before
				request(ago(day+time.Microsecond), "/", 500, 50, ""),
				request(ago(day), "/", 200, 10, "ann"),
				request(ago(2*day+time.Microsecond), "/", 200, 999, "too early"),
			},
			Events: []metric.Event{event(ago(day+time.Hour), "page_view", "/", "", "dan")},
		})
		e, ctx := engine(s), t.Context()
		p := must[query.Performance](t)(e.Performance(ctx, query.PerformanceParams{Range: named(t, "24h"), Compare: true}))
		if p.Metrics.TotalRequests != 1 || p.Previous == nil {
			t.Fatalf("got %s", encode(t, p))
		}
		b := p.Previous
		if b.Metrics.TotalRequests != 2 || b.Metrics.AverageMS != 40 || b.Metrics.ErrorRate != 0.5 || b.Metrics.ActiveUsers != 2 ||
			!b.Complete || !b.StartTime.Equal(ago(2*day)) || !b.EndTime.Equal(ago(day)) {
			t.Errorf("got previous %s", encode(t, b))
		}
		u := must[query.Usage](t)(e.Usage(ctx, query.UsageParams{Range: named(t, "24h"), Compare: true}))
		if u.Metrics.TotalEvents != 0 || u.Previous.Metrics.TotalEvents != 1 || u.Previous.Metrics.ActiveUsers != 2 {
			t.Errorf("got usage %s", encode(t, u))
		}
		long := must[query.Performance](t)(e.Performance(ctx, query.PerformanceParams{Range: named(t, "90d"), Compare: true}))
		if long.Previous.Complete {
			t.Error("90 days before the last 90 days are past the retention, yet the answer calls them complete")
		}
	})
}

// What waits to be deleted is not compared with: how much of it is left says
// when aggregation last ran, and nothing about the app.
func TestNothingIsComparedPastTheRetention(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		left := ago(metric.Retention + time.Hour)
		fill(t, s, metric.Batch{
			Requests: []metric.Request{request(left, "/", 200, 30, "ann")},
			Events:   []metric.Event{event(left, "page_view", "/", "", "dan"), event(ago(time.Minute), "page_view", "/", "", "eve")},
		})
		e, ctx, r := engine(s), t.Context(), named(t, "90d")
		p := must[query.Performance](t)(e.Performance(ctx, query.PerformanceParams{Range: r, Compare: true})).Previous
		if p == nil || p.Complete || !p.EndTime.Equal(r.Start) || p.Metrics != (query.PerformanceMetrics{}) {
			t.Errorf("got previous performance %s, want zeros up to %s", encode(t, p), r.Start)
		}
		u := must[query.Usage](t)(e.Usage(ctx, query.UsageParams{Range: r, Compare: true})).Previous
		if u == nil || u.Complete || !u.EndTime.Equal(r.Start) || u.Metrics != (query.UsageMetrics{ActiveUsersCurrentHour: 1}) {
			t.Errorf("got previous usage %s, want zeros up to %s but for the current hour", encode(t, u), r.Start)
		}
	})
}

func TestSlowQuestionsAreCutOff(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		hasty := query.New(query.Options{Store: s, Timeout: time.Nanosecond})
		for name, ask := range questions(hasty, named(t, "24h")) {
			if err := ask(t.Context()); !errors.Is(err, query.ErrTimeout) {
				t.Errorf("%s: got %v, want ErrTimeout", name, err)
			}
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for name, ask := range questions(engine(s), named(t, "24h")) {
			if err := ask(gone); !errors.Is(err, context.Canceled) || errors.Is(err, query.ErrTimeout) {
				t.Errorf("%s: got %v, want the caller's own cancellation", name, err)
			}
		}
	})
}

func TestQuestionsWithoutADatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for name, ask := range questions(engine(s), named(t, "24h")) {
			if err := ask(t.Context()); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s: got %v, want ErrUnavailable", name, err)
			}
		}
	})
}

func questions(e *query.Engine, r metric.Range) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"performance": func(ctx context.Context) error {
			_, err := e.Performance(ctx, query.PerformanceParams{Range: r})
			return err
		},
		"usage": func(ctx context.Context) error { _, err := e.Usage(ctx, query.UsageParams{Range: r}); return err },
		"series": func(ctx context.Context) error {
			_, err := e.TimeSeries(ctx, query.TimeSeriesParams{Range: r, MetricType: query.MetricBoth})
			return err
		},
		"errors":   func(ctx context.Context) error { _, err := e.Errors(ctx, query.ErrorsParams{Range: r}); return err },
		"requests": func(ctx context.Context) error { _, err := e.Requests(ctx, query.RequestsParams{Range: r}); return err },
		"events":   func(ctx context.Context) error { _, err := e.Events(ctx, query.EventsParams{Range: r}); return err },
		"count": func(ctx context.Context) error {
			_, err := e.Count(ctx, query.CountParams{Range: r, UserID: "ann"})
			return err
		},
		"status": func(ctx context.Context) error { _, err := e.Status(ctx); return err },
	}
}

func TestBadParameters(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite)
	e, ctx, r := engine(s), t.Context(), named(t, "24h")
	series := func(p query.TimeSeriesParams) error {
		p.Range = r
		_, err := e.TimeSeries(ctx, p)
		return err
	}
	requests := func(p query.RequestsParams) error { p.Range = r; _, err := e.Requests(ctx, p); return err }
	events := func(p query.EventsParams) error { p.Range = r; _, err := e.Events(ctx, p); return err }
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no metric type":     {series(query.TimeSeriesParams{}), `metric_type: "" is not allowed; one of performance, usage, both`},
		"metric type":        {series(query.TimeSeriesParams{MetricType: "all"}), `metric_type: "all" is not allowed; one of performance, usage, both`},
		"interval":           {series(query.TimeSeriesParams{MetricType: query.MetricBoth, Interval: "weekly"}), `interval: "weekly" is not allowed; one of hourly, daily`},
		"status":             {requests(query.RequestsParams{Status: "6xx"}), `status: "6xx" is not allowed; a class such as 4xx or a code such as 404`},
		"limit of requests":  {requests(query.RequestsParams{Limit: 501}), `limit: "501" is not allowed; 1 to 500`},
		"limit of events":    {events(query.EventsParams{Limit: -1}), `limit: "-1" is not allowed; 1 to 500`},
		"negative time":      {requests(query.RequestsParams{MinMS: -1}), `min_ms: "-1" is not allowed; 0 or more`},
		"cursor of requests": {requests(query.RequestsParams{Cursor: "x"}), `cursor: "x" is not allowed; next_cursor of the page before`},
		"cursor of events":   {events(query.EventsParams{Cursor: "'; --"}), `cursor: "'; --" is not allowed; next_cursor of the page before`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var field *metric.FieldError
			if !errors.As(test.err, &field) {
				t.Fatalf("got %v, want a FieldError", test.err)
			}
			if field.Error() != test.want {
				t.Errorf("got %s, want %s", field, test.want)
			}
		})
	}
}

func TestParseStatus(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string][2]int{"": {0, 0}, "4xx": {400, 499}, "1xx": {100, 199}, "404": {404, 404}, "599": {599, 599}} {
		lowest, highest, err := query.ParseStatus(filter)
		if err != nil || [2]int{lowest, highest} != want {
			t.Errorf("%q: got %d to %d and %v, want %v", filter, lowest, highest, err, want)
		}
	}
	for _, filter := range []string{"0xx", "6xx", "4XX", "4x", "99", "600", "+40", "4 4", "0404", "٤٠٤"} {
		if lowest, highest, err := query.ParseStatus(filter); err == nil {
			t.Errorf("%q: got %d to %d, want an error", filter, lowest, highest)
		}
	}
}
