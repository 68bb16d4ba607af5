// Package demo owns the believable data that a newcomer sees first: 90 days
// of history of an order system, and that system itself, a small web
// application with visitors. It writes through the same store, queue and
// middleware as real traffic and is used by nothing but serve --demo.
package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// History describes the past that Fill writes.
type History struct {
	// Now is where the history ends.
	Now time.Time
	// Seed makes the data; the same seed and Now give the same data.
	Seed uint64
	// From and To are the ages of the newest and the oldest hour to write,
	// [From, To), so that the newest data can be there first.
	From, To time.Duration
	// Append stores one batch.
	Append func(context.Context, metric.Batch) error
	// Progress, when set, is told after each day how many hours are done.
	Progress func(done, total int64)
}

// batchSize is how many samples go into one transaction: few enough that live
// traffic does not wait for long.
const batchSize = 5_000

// Fill writes the samples of the hours that h names, the newest hour first.
func Fill(ctx context.Context, h History) error {
	first, end := int(h.From/time.Hour), int(h.To/time.Hour)
	now := h.Now.UTC()
	newest := now.Truncate(time.Hour)
	var batch metric.Batch
	for back := first; back < end; back++ {
		start := newest.Add(-time.Duration(back) * time.Hour)
		// Each hour has a source of its own, so that it does not depend on
		// the order in which hours are made.
		g := newGenerator(h.Seed+uint64(start.Unix()), now) //nolint:gosec // any 64 bits will do
		more := g.hour(start)
		batch.Requests = append(batch.Requests, more.Requests...)
		batch.Events = append(batch.Events, more.Events...)
		last := back == end-1
		if batch.Len() >= batchSize || last {
			if err := h.Append(ctx, batch); err != nil {
				return fmt.Errorf("fill demo: %w", err)
			}
			batch.Requests, batch.Events = batch.Requests[:0], batch.Events[:0]
		}
		if done := back - first + 1; h.Progress != nil && (done%24 == 0 || last) {
			h.Progress(int64(done), int64(end-first))
		}
	}
	return nil
}
