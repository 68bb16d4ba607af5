package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// spoolRetry is how long a spool that could take nothing is left alone.
const spoolRetry = time.Second

// intake is the flusher's side of the spool.
type intake struct {
	q       *Queue
	failure error     // why the last block was not taken
	retryAt time.Time // when it is tried again

	// stuck is a block that the disk refused in a way that may bring it back
	// after a power cut, until something else is on the disk. So it goes into
	// the spool or, when the program ends, to the sink.
	stuck []metric.Request
}

func newIntake(q *Queue) *intake { return &intake{q: q} }

// isBroken says whether the spool is left alone for now.
func (i *intake) isBroken() bool { return time.Now().Before(i.retryAt) }

// failed leaves the spool alone for a while.
func (i *intake) failed(err error) {
	if i.failure == nil {
		i.q.opts.Logger.Error("spool takes nothing; recorded requests go to the store or wait in memory", "error", err)
	}
	i.failure, i.retryAt = err, time.Now().Add(spoolRetry)
}

func (i *intake) succeeded() {
	if i.failure != nil {
		i.q.opts.Logger.Info("spool takes what is collected again")
	}
	i.failure, i.retryAt = nil, time.Time{}
}

// spooledAt returns when the spool is to take the next block. The caller holds
// q.mu.
func (f *flusher) spooledAt() time.Time {
	due := f.ripeAt()
	if f.spool.stuck != nil {
		due = time.Time{}
	}
	if due.Before(f.spool.retryAt) {
		due = f.spool.retryAt
	}
	return due
}

// spoolNext puts the next block into the spool when it is due, and says whether
// it is there. Until it is, the block stays the queue's oldest.
func (f *flusher) spoolNext(ctx context.Context) bool {
	q := f.q
	block := f.spool.stuck
	q.mu.Lock()
	switch {
	case time.Now().Before(f.spooledAt()):
		block = nil
	case block == nil:
		block = q.next()
	}
	q.mu.Unlock()
	if block == nil {
		return false
	}
	records, err := q.codec.encode(metric.Batch{Requests: block}, true)
	if err == nil {
		err = q.opts.Spool.Append(ctx, records...)
	}
	if err != nil {
		f.spoolFailed(ctx, block, err)
		return false
	}
	f.spool.succeeded()
	f.stopFails = 0
	f.removeBlock(nil)
	q.settleRecorded(block, func(c *counts) { c.spooled += int64(len(block)) })
	q.recycle(block)
	return true
}

// spoolFailed leaves the spool alone for a while. The block that it did not
// take may go to the sink instead, unless it may yet turn up in the spool.
func (f *flusher) spoolFailed(ctx context.Context, block []metric.Request, err error) {
	if ctx.Err() != nil {
		return
	}
	f.spool.failed(err)
	disk := (*spool.DiskError)(nil)
	if errors.As(err, &disk) && disk.MayReturn && f.spool.stuck == nil {
		f.removeBlock(block)
	}
}

// removeBlock takes the block that spoolNext had off the queue, and makes stuck
// the one that is.
func (f *flusher) removeBlock(stuck []metric.Request) {
	q := f.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if f.spool.stuck == nil {
		q.full[0], q.full = nil, q.full[1:]
	}
	f.spool.stuck, q.stuckOldest = stuck, time.Time{}
	if len(stuck) > 0 {
		q.stuckOldest = stuck[0].Timestamp
	}
}
