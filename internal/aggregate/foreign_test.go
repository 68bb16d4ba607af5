package aggregate_test

import (
	"context"
	"time"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// Other programs may insert and delete rollups at any time, by plain SQL (R5a).

func (h *past) execute(t *rapid.T, statement string, args ...any) {
	if _, err := h.db.ExecContext(context.Background(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// insertRollup inserts what another program would make of one request.
func (h *past) insertRollup(t *rapid.T) { h.insertRollupAt(t, h.drawLate(t).Truncate(time.Hour)) }

func (h *past) insertRollupAt(t *rapid.T, hour time.Time) {
	h.execute(t, `INSERT INTO aggregated_metrics (time_bucket, metric_type, endpoint_path, sample_count, app, aggregated_values)
		VALUES ($1, 'performance', '/foreign', 1, $2, '{"avg": 12.5, "min": 12.5, "max": 12.5, "p50": 12.5, "p95": 12.5, "p99": 12.5,
			"error_count": 0, "status_codes": {"200": 1}, "anonymous": 1}')`, h.time(hour), h.oracle.app)
	h.changed = true
	r := request(hour, "/foreign", 200, 12.5, "")
	r.App, r.Method = h.oracle.app, ""
	h.oracle.requests = append(h.oracle.requests, r)
}

// deleteRollups deletes all rollups of an hour.
func (h *past) deleteRollups(t *rapid.T) { h.deleteRollupsAt(t, h.drawLate(t).Truncate(time.Hour)) }

func (h *past) deleteRollupsAt(t *rapid.T, hour time.Time) {
	h.execute(t, `DELETE FROM aggregated_metrics WHERE app = $1 AND `+h.column()+` = $2`, h.oracle.app, h.time(hour))
	h.changed = true
	// What is left of the hour are its raw rows.
	r := metric.Range{Start: hour, End: hour.Add(time.Hour)}
	requests, _, err := h.store.Requests(context.Background(), store.RequestFilter{Range: r, App: h.oracle.app, Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := h.store.Events(context.Background(), store.EventFilter{Range: r, App: h.oracle.app, Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	h.oracle.forget(r)
	h.oracle.add(metric.Batch{Requests: requests, Events: events})
}

func (h *past) column() string {
	if h.engine == store.SQLite {
		return "time_bucket_us"
	}
	return "time_bucket"
}

// exchangeRollups deletes an hour that has rollups, and inserts another one of
// the same day.
func (h *past) exchangeRollups(t *rapid.T) {
	if len(h.oracle.requests) == 0 {
		return
	}
	r := rapid.SampledFrom(h.oracle.requests).Draw(t, "request")
	hour := r.Timestamp.Truncate(time.Hour)
	h.deleteRollupsAt(t, hour)
	h.insertRollupAt(t, hour.Truncate(day).Add(time.Duration(rapid.IntRange(0, 23).Draw(t, "hour"))*time.Hour))
}

// forget drops what lies in a range.
func (o *oracle) forget(r metric.Range) {
	var kept oracle
	for _, q := range o.requests {
		if !r.Contains(q.Timestamp) {
			kept.requests = append(kept.requests, q)
		}
	}
	for _, e := range o.events {
		if !r.Contains(e.Timestamp) {
			kept.events = append(kept.events, e)
		}
	}
	o.requests, o.events = kept.requests, kept.events
}
