package tui

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

// holding makes a database of requests, aggregated as it would be by now, and
// returns what opens the dashboard on it.
func holding(t testing.TB, requests ...metric.Request) func(*Options) {
	t.Helper()
	now := func() time.Time { return noon }
	s, err := store.Open(t.Context(), store.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "held.db"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.MigrateUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), metric.Batch{Requests: requests}); err != nil {
		t.Fatal(err)
	}
	if _, err := aggregate.New(aggregate.Options{Store: s, Now: now}).Run(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	source := query.New(query.Options{Store: s, Now: now, WarnRows: 800_000, LimitRows: 1_000_000})
	return func(o *Options) {
		o.Open = func(context.Context) (query.Source, func() error, error) { return source, nil, nil }
	}
}

// orderAt is a request to [orders], some time ago.
func orderAt(ago time.Duration, ms float64, status int, user, correlation string) metric.Request {
	return metric.Request{
		Timestamp: noon.Add(-ago), App: "default", Endpoint: orders.endpoint, Method: orders.method, StatusCode: status,
		ResponseTimeMS: ms, UserID: user, ErrorType: metric.ErrorTypeFor(status), CorrelationID: correlation,
	}
}

// listOf returns the first cells of the rows of a list.
func (d *driver) listOf(of section) [][]string {
	var rows [][]string
	for _, row := range d.endpoints().opened.tableOf(of).Shown() {
		var cells []string
		for _, c := range row.Cells {
			cells = append(cells, c.Text)
		}
		rows = append(rows, cells)
	}
	return rows
}
