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
	// Append stores one batch.
	Append func(context.Context, metric.Batch) error
	// Progress, when set, is told after each day how many are done.
	Progress func(done, total int64)
}

// batchSize is how many samples go into one transaction.
const batchSize = 20_000

// Fill writes the samples of the 90 days before h.Now, the newest day first,
// so that what is looked at first is there first.
func Fill(ctx context.Context, h History) error {
	const hours = int(metric.Retention / time.Hour)
	now := h.Now.UTC()
	newest := now.Truncate(time.Hour)
	var batch metric.Batch
	for back := range hours {
		start := newest.Add(-time.Duration(back) * time.Hour)
		// Each hour has a source of its own, so that it does not depend on
		// the order in which hours are made.
		g := newGenerator(h.Seed+uint64(start.Unix()), now) //nolint:gosec // any 64 bits will do
		more := g.hour(start)
		batch.Requests = append(batch.Requests, more.Requests...)
		batch.Events = append(batch.Events, more.Events...)
		last := back == hours-1
		if batch.Len() >= batchSize || last {
			if err := h.Append(ctx, batch); err != nil {
				return fmt.Errorf("fill demo: %w", err)
			}
			batch.Requests, batch.Events = batch.Requests[:0], batch.Events[:0]
		}
		if h.Progress != nil && (back%24 == 23 || last) {
			h.Progress(int64(back+1), int64(hours))
		}
	}
	return nil
}
