package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/server"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// figuresOf returns what reads what Prometheus is told.
func figuresOf(t *testing.T, m *server.Metrics) func() string {
	t.Helper()
	s, err := server.New(server.Options{API: http.NotFoundHandler(), Checker: admin.Local{}, Metrics: m})
	if err != nil {
		t.Fatal(err)
	}
	return func() string {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "http://localhost/internal/appmetrics/prometheus", http.NoBody)
		r.RemoteAddr = "127.0.0.1:1"
		s.Handler().ServeHTTP(w, r)
		return w.Body.String()
	}
}

// Each operation is measured once, under its own name, and there from the start.
func TestOperationsOfTheDatabaseAreMeasured(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite)
	m := server.NewMetrics()
	for _, operation := range operations() {
		m.Operation(operation)
	}
	within, err := metric.ParseRange("24h", "", "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx, source := t.Context(), uuid.New()
	var written ingest.Sink = sink{s, m}
	var asked query.Source = measured{query.New(query.Options{Store: s}), m}
	r := &run{settings: &config.Settings{}, now: time.Now, log: slog.New(slog.DiscardHandler)}
	done := map[string]func() error{
		"append":      func() error { return written.Append(ctx, metric.Batch{}, metric.Position{Source: source, To: 1}) },
		"position":    func() error { _, err := written.Position(ctx, source); return err },
		"forget":      func() error { return written.Forget(ctx, source) },
		"aggregate":   func() error { r.aggregateOnTime(ctx, r.aggregation(s, nil), m); return nil },
		"performance": func() error { _, err := asked.Performance(ctx, query.PerformanceParams{Range: within}); return err },
		"usage":       func() error { _, err := asked.Usage(ctx, query.UsageParams{Range: within}); return err },
		"time_series": func() error {
			_, err := asked.TimeSeries(ctx, query.TimeSeriesParams{Range: within, MetricType: query.MetricBoth, Interval: query.Hourly})
			return err
		},
		"errors":   func() error { _, err := asked.Errors(ctx, query.ErrorsParams{Range: within}); return err },
		"requests": func() error { _, err := asked.Requests(ctx, query.RequestsParams{Range: within}); return err },
		"events":   func() error { _, err := asked.Events(ctx, query.EventsParams{Range: within}); return err },
		"count":    func() error { _, err := asked.Count(ctx, query.CountParams{Range: within, UserID: "ada"}); return err },
		"status":   func() error { _, err := asked.Status(ctx); return err },
	}
	figures := figuresOf(t, m)
	before, times := figures(), 0
	for _, operation := range operations() {
		times++
		for range times {
			if err := done[operation](); err != nil && operation != "append" { // the source has moved
				t.Fatalf("%s: %v", operation, err)
			}
		}
		if want := fmt.Sprintf("appmetrics_store_duration_seconds_count{operation=%q} 0\n", operation); !strings.Contains(before, want) {
			t.Errorf("before: missing %s", want)
		}
	}
	after := figures()
	for n, operation := range operations() {
		for _, want := range []string{
			fmt.Sprintf("appmetrics_store_duration_seconds_count{operation=%q} %d\n", operation, n+1),
			fmt.Sprintf("appmetrics_store_errors_total{operation=%q} 0\n", operation),
		} {
			if !strings.Contains(after, want) {
				t.Errorf("missing %s", want)
			}
		}
	}
	if len(done) != len(operations()) {
		t.Errorf("%d operations are tried, there are %d", len(done), len(operations()))
	}
}

// An error of the database counts; a wrong question and an impatient reader do not.
func TestErrorsThatAreNotTheDatabases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{fmt.Errorf("append: %w", store.ErrUnavailable), 1},
		{query.ErrTimeout, 1},
		{context.DeadlineExceeded, 1},
		{fmt.Errorf("ask: %w", context.Canceled), 0},
		{&metric.FieldError{Field: "cursor"}, 0},
		{&metric.RangeError{}, 0},
		{errors.New("constraint"), 1},
	} {
		m := server.NewMetrics()
		_, err := timed(m, "usage", func() (int, error) { return 0, c.err })
		if want := fmt.Sprintf("appmetrics_store_errors_total{operation=\"usage\"} %d\n", c.want); !errors.Is(err, c.err) || !strings.Contains(figuresOf(t, m)(), want) {
			t.Errorf("%v: got %v, and not %s", c.err, err, want)
		}
	}
}
