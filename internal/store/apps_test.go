package store_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

func expectApps(t *testing.T, when string, s *store.Store, want ...string) {
	t.Helper()
	h, err := s.Health(t.Context())
	if err != nil || !slices.Equal(h.Apps, want) {
		t.Errorf("%s: got apps %q, %v; want %q", when, h.Apps, err, want)
	}
}

// TestAppsOfOtherPrograms names an app as soon as a row of it is committed,
// whoever wrote it to whichever table and whatever its time, and no longer
// once its last row is gone. A store that only looks sees the same.
func TestAppsOfOtherPrograms(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, url := storetest.OpenURL(t, engine, atNow)
			looking, err := store.OpenReadOnly(t.Context(), store.Options{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = looking.Close() }()
			db := storetest.DB(t, url)
			expect := func(when string, want ...string) {
				t.Helper()
				expectApps(t, when, s, want...)
				expectApps(t, when+", looking", looking, want...)
			}
			expect("empty")
			const request = `INSERT INTO performance_metrics (timestamp, endpoint, method, status_code, response_time_ms`
			for _, statement := range []string{
				request + `) VALUES ('2026-03-20 10:00:00+00:00', '/', 'GET', 200, 1)`,
				request + `, app) VALUES ('2026-03-20 10:00:00+00:00', '/', 'GET', 200, 1, '')`,
				request + `, app) VALUES ('2027-01-01 00:00:00+00:00', '/', 'GET', 200, 1, 'Ahead')`,
				`INSERT INTO usage_events (timestamp, event_type, app) VALUES ('2026-03-20 10:00:00+00:00', 'page_view', 'zoë')`,
				`INSERT INTO aggregated_metrics (time_bucket, metric_type, app) VALUES ('2025-12-20 09:00:00+00:00', 'usage', 'faded')`,
			} {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			expect("inserted", "Ahead", metric.DefaultApp, "faded", "zoë")
			retire(t, s, store.RetireRequest{RollupsBefore: ago(metric.Retention)})
			expect("past the retention", "Ahead", metric.DefaultApp, "zoë")
			for _, table := range []string{"performance_metrics", "usage_events"} {
				if _, err := db.ExecContext(t.Context(), `DELETE FROM `+table+` WHERE app <> 'default'`); err != nil {
					t.Fatal(err)
				}
			}
			expect("deleted", metric.DefaultApp)
		})
	}
}

// TestAppsReadNoTable holds that the list of apps comes from its indexes, and
// that a question about one app keeps to the index on time.
func TestAppsReadNoTable(t *testing.T) {
	t.Parallel()
	s, url := storetest.OpenURL(t, store.SQLite)
	appendAll(t, s, history())
	db := storetest.DB(t, url)
	list := plan(t, db, store.AppsStatement)
	for _, table := range []string{"performance_metrics", "usage_events", "aggregated_metrics"} {
		if !strings.Contains(list, "SEARCH "+table+" USING COVERING INDEX "+table+"_app") {
			t.Errorf("the list of apps reads %s otherwise:\n%s", table, list)
		}
	}
	one := plan(t, db, `SELECT id FROM performance_metrics WHERE timestamp_us >= 1 AND timestamp_us < 2 AND app = 'shop'`)
	if !strings.Contains(one, "performance_metrics_time") {
		t.Errorf("a question about one app leaves its range:\n%s", one)
	}
}

// plan returns how SQLite would run a statement, a step a line.
func plan(t *testing.T, db *sql.DB, statement string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+statement)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}
