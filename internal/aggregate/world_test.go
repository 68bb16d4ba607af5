package aggregate_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// skew is how wrong the clock of a machine is at most.
const skew = 26 * time.Hour

// ground is what histories happen on.
type ground struct{ engine, isolation string }

var grounds = map[string]ground{
	"sqlite":                    {engine: store.SQLite},
	"postgresql serializable":   {engine: store.PostgreSQL},
	"postgresql read committed": {engine: store.PostgreSQL, isolation: "read committed"},
}

// machine is a process with connections and a clock of its own.
type machine struct {
	store *store.Store
	skew  time.Duration
}

// world is one database and the machines that use it.
type world struct {
	engine    string
	db        *sql.DB // of another program
	machines  []machine
	now       time.Time // the true one; it changes between steps only
	histories int
	saw       *tally
}

func newWorld(t *testing.T, on ground, saw *tally) *world {
	t.Helper()
	_, url := storetest.OpenURL(t, on.engine)
	w := &world{engine: on.engine, db: storetest.DB(t, url), now: now, saw: saw}
	for _, wrong := range []time.Duration{0, skew, -skew} {
		w.machines = append(w.machines, machine{skew: wrong, store: storetest.OpenAt(t, store.Options{
			URL: url, Isolation: on.isolation, Failpoint: failpoint, PoolMax: 12,
			Now: func() time.Time { return w.now.Add(wrong) },
		})})
	}
	return w
}

// clock is what a machine believes that it is.
func (w *world) clock(m machine) time.Time { return w.now.Add(m.skew) }

// begin starts a history: nobody remembers anything. What was measured stays
// for a few histories, so that there is more than the app that is looked at.
func (w *world) begin() error {
	tables := []string{"received_ids", "replay_positions", "aggregation_runs"}
	const together = 4
	if w.histories++; w.histories%together == 0 {
		tables = append(tables, "performance_metrics", "usage_events", "aggregated_metrics", "coarse_metrics", "coarse_days")
	}
	for _, table := range tables {
		if _, err := w.db.ExecContext(context.Background(), "DELETE FROM "+table); err != nil {
			return err
		}
	}
	w.now = now
	return nil
}

// time is a moment as programs of the engine write it.
func (w *world) time(t time.Time) any {
	if w.engine == store.SQLite {
		return t.UnixMicro()
	}
	return t
}
