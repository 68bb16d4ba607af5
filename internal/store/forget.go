package store

import (
	"context"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

const (
	// forgetIDs is how long ids of clients are kept: longer than a client may
	// send a sample late.
	forgetIDs = metric.RawRetention + 24*time.Hour

	// forgetSources is how long the position of a source is kept that nobody
	// hears of: whatever it may still replay is past the retention.
	forgetSources = metric.Retention
)

// forget deletes positions of sources that are gone, and ids that nothing can
// come with any more: neither from a client, nor from a source that replays
// what it received when the id was new.
func (r *retirement) forget(ctx context.Context) error {
	now := r.store.now()
	gone := r.store.engine.time(now.Add(-forgetSources))
	if _, err := r.delete(ctx, "retire.forget-sources", positionTable, "updated_at < $1", gone); err != nil {
		return err
	}
	if err := r.store.reach(ctx, "retire.find-replays"); err != nil {
		return err
	}
	var replayed time.Time
	err := r.tx.QueryRowContext(ctx, `SELECT min(replayed_until) FROM replay_positions`).Scan(instant{&replayed})
	if err != nil {
		return err
	}
	if replayed.IsZero() || replayed.After(now) {
		replayed = now
	}
	_, err = r.delete(ctx, "retire.forget-ids", "received_ids", "received_at < $1",
		r.store.engine.time(replayed.Add(-forgetIDs)))
	return err
}
