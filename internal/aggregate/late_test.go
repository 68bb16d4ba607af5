package aggregate_test

import (
	"testing"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// A transaction of another program that was open while its hour was aggregated
// is not lost: its rows count when it commits, and join the rollup at the next
// run. (SQLite has one writer at a time, so that there the question is moot.)
func TestOpenTransactionsAreNotLost(t *testing.T) {
	t.Parallel()
	s, url := storetest.OpenURL(t, store.PostgreSQL)
	truth := &oracle{app: metric.DefaultApp}
	early := metric.Batch{Requests: []metric.Request{request(ago(8*day), "/", 200, 1, "ann")}}
	fill(t, s, early)
	truth.add(early)

	late := request(ago(8*day), "/", 500, 2, "bob")
	tx, err := storetest.DB(t, url).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tx.ExecContext(t.Context(), `INSERT INTO performance_metrics
		(timestamp, endpoint, method, status_code, response_time_ms, user_id) VALUES ($1, $2, $3, $4, $5, $6)`,
		late.Timestamp, late.Endpoint, late.Method, late.StatusCode, late.ResponseTimeMS, late.UserID)
	if err != nil {
		t.Fatal(err)
	}
	j, _ := job(s, aggregate.Thresholds{})
	for _, step := range []string{"while it is open", "after it committed", "after the next run"} {
		switch step {
		case "after it committed":
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			truth.add(metric.Batch{Requests: []metric.Request{late}})
		default:
			if _, err := j.Run(t.Context(), false); err != nil {
				t.Fatalf("%s: %v", step, err)
			}
		}
		if err := truth.check(t.Context(), s, retained(now)); err != nil {
			t.Errorf("%s: %v", step, err)
		}
	}
	if left := rows(t, s); left.Requests != 0 {
		t.Errorf("got %d raw requests left, want none", left.Requests)
	}
}
