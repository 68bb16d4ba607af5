package query

import (
	"context"
	"errors"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// awayPatience is the part of an engine's timeout that Status gives a database
// of which it is known that it is away.
const awayPatience = 5

// known is what a database said of its health when it last answered.
type known struct {
	health store.Health
	at     time.Time
}

// Status implements Source. In a process that collects it is answered without
// the database too, with what that said last.
func (e *Engine) Status(ctx context.Context) (*Status, error) {
	timeout := e.timeout
	if before := e.collection(); !before.DatabaseAwaySince.IsZero() {
		timeout /= awayPatience
	}
	now := e.now().UTC()
	health, err := bounded(ctx, timeout, "status", func(ctx context.Context) (*store.Health, error) {
		health, err := e.store.Health(ctx)
		return &health, err
	})
	// Later than what the database holds, so that nothing on its way is missed.
	collection := e.collection().inUTC()
	switch {
	case err == nil:
		e.known.Store(&known{*health, now})
		return e.status(*health, collection, now), nil
	case ctx.Err() == nil && collection.Collects() &&
		(errors.Is(err, store.ErrUnavailable) || !collection.DatabaseAwaySince.IsZero()):
		return e.statusAway(collection, now), nil
	}
	return nil, err
}

func (e *Engine) statusAway(collection Collection, now time.Time) *Status {
	last := known{health: store.Health{Engine: e.store.Engine()}}
	if k := e.known.Load(); k != nil {
		last = *k
	}
	if collection.DatabaseAwaySince.IsZero() {
		collection.DatabaseAwaySince = instant(now) // nothing was to be written yet
	}
	last.health.CompleteUpTo = now
	answer := e.status(last.health, collection, now)
	answer.AsOf = instant(last.at)
	return answer
}

func (e *Engine) status(health store.Health, collection Collection, now time.Time) *Status {
	answer := &Status{
		Engine:        health.Engine,
		SchemaVersion: health.SchemaVersion,
		DatabaseBytes: health.SizeBytes,
		Apps:          health.Apps,
		Tables: Tables{
			PerformanceMetrics: table(health.Requests),
			UsageEvents:        table(health.Events),
			AggregatedMetrics:  table(health.Rollups),
		},
		CompleteUpTo: instant(health.CompleteUpTo),
		Aggregation:  Aggregation{LagSeconds: lag(health, now).Seconds()},
		SizeGuard:    SizeGuard{Rows: health.Rows(), Warn: e.warnRows, Limit: e.limitRows},
		Collection:   collection,
	}
	if answer.Apps == nil {
		answer.Apps = []string{}
	}
	if oldest := collection.Queue.OldestUnsent; !oldest.IsZero() && oldest.Before(answer.CompleteUpTo) {
		answer.CompleteUpTo = instant(oldest)
	}
	if run := health.LastRun; run != nil {
		answer.Aggregation.LastRun = instant(run.FinishedAt)
		answer.Aggregation.Outcome = run.Outcome
	}
	return answer
}

func table(h store.TableHealth) Table {
	return Table{Rows: h.Rows, Oldest: instant(h.Oldest), Newest: instant(h.Newest)}
}

// lag is how far the oldest raw row is past the hour at which a run of
// aggregation would stop now.
func lag(h store.Health, now time.Time) time.Duration {
	cutoff := now.Add(-metric.RawRetention).Truncate(time.Hour)
	longest := time.Duration(0)
	for _, t := range []store.TableHealth{h.Requests, h.Events} {
		if !t.Oldest.IsZero() {
			longest = max(longest, cutoff.Sub(t.Oldest))
		}
	}
	return longest
}
