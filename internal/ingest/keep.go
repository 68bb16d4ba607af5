package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/appmetrics/appmetrics/internal/spool"
)

// diskRetry is when a sender may come again after the spool's disk failed.
const diskRetry = 5 * time.Second

// keep puts a posted batch into the spool, and returns nil when it is on the
// disk.
func (q *Queue) keep(ctx context.Context, p *post) error {
	q.mu.Lock()
	err := q.reserve(p)
	q.mu.Unlock()
	if err != nil {
		return err
	}
	q.watchPosts()
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.release(p)
	}()
	records, err := q.codec.encode(p.batch, false)
	if err != nil {
		return err
	}
	err = q.opts.Spool.Append(ctx, records...)
	if err != nil && ctx.Err() != nil {
		return err // it may be there or not: nobody waits any more
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	n := p.batch.Len()
	if err == nil {
		q.counts.accepted += int64(n)
		q.counts.spooled += int64(n)
		return nil
	}
	reason, retry := Disk, diskRetry
	switch {
	case errors.Is(err, spool.ErrFull):
		reason, retry = SpoolFull, retryAfter(q.outage.wait())
	case errors.Is(err, spool.ErrClosed):
		reason, retry, err = Stopping, time.Second, ErrStopped
	}
	q.counts.reject(reason, n)
	return &UnavailableError{RetryAfter: retry, Err: err}
}
