package query

import (
	"context"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// Status implements Source.
func (e *Engine) Status(ctx context.Context) (*Status, error) {
	return bounded(ctx, e, "status", func(ctx context.Context) (*Status, error) {
		now := e.now().UTC()
		health, err := e.store.Health(ctx)
		if err != nil {
			return nil, err
		}
		return e.status(health, now), nil
	})
}

func (e *Engine) status(health store.Health, now time.Time) *Status {
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
		Collection:   e.collection(),
	}
	if answer.Apps == nil {
		answer.Apps = []string{}
	}
	if oldest := answer.Queue.OldestUnsent; !oldest.IsZero() && oldest.Before(answer.CompleteUpTo) {
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
