package ingest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

const (
	// dropLogEvery is the interval in which drops are logged at most once.
	dropLogEvery = 30 * time.Second

	// stopTries and stopRetry say how often, and how far apart, Stop tries a
	// store that is away.
	stopTries = 3
	stopRetry = time.Second
)

// errSinkPanic is what a panic of the sink becomes.
var errSinkPanic = errors.New("sink panicked")

// flusher is the one goroutine that writes. What it has taken from the queue
// stays in held, and counted in the queue's depth, until it is written or
// dropped.
type flusher struct {
	q    *Queue
	held []metric.Request

	source uuid.UUID // of what this process writes
	at     int64     // its position

	failures    int // in a row
	refusals    int // of the held batch
	isStopping  bool
	stopFails   int
	loggedDrops int64
	loggedAt    time.Time
}

func newFlusher(q *Queue) *flusher { return &flusher{q: q, source: uuid.New()} }

func (f *flusher) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	stop := f.q.stop
	for {
		f.commitPosts(ctx)
		f.writeRecorded(ctx)
		f.logDrops()
		if ctx.Err() != nil || f.isStopping && f.isFinished() {
			_ = f.q.close(context.Cause(ctx)) // Stop returns it
			f.logDrops()
			return
		}
		wait := f.untilNext()
		if wait == 0 {
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-f.q.wake:
		case <-timer.C:
		case <-stop:
			stop = nil // a closed channel is always ready
			f.isStopping = true
			f.tryNow()
		}
	}
}

// tryNow ends a wait for the next try: there may be no other.
func (f *flusher) tryNow() {
	f.q.mu.Lock()
	defer f.q.mu.Unlock()
	f.q.nextTry = time.Time{}
}

// isFinished says whether nothing is left to write, or nothing can be. In the
// first case it closes the queue in the same breath, so that no sample slips
// in between.
func (f *flusher) isFinished() bool {
	if f.stopFails >= stopTries {
		return true
	}
	q := f.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.depth > 0 || len(q.posts) > 0 {
		return false
	}
	q.closed = true
	return true
}

// untilNext returns how long nothing needs to be done unless the queue wakes
// the flusher.
func (f *flusher) untilNext() time.Duration {
	const idle = time.Hour
	q := f.q
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	wait := idle
	if q.stats.Dropped > f.loggedDrops {
		wait = max(f.loggedAt.Add(dropLogEvery).Sub(now), 0)
	}
	if len(q.posts) > 0 {
		return 0
	}
	if q.depth > 0 {
		wait = min(wait, max(f.dueAt().Sub(now), 0))
	}
	return wait
}

// dueAt returns when the next recorded batch is to be written. The caller
// holds q.mu; q.depth is not 0.
func (f *flusher) dueAt() time.Time {
	q := f.q
	switch {
	case !q.nextTry.IsZero():
		if q.away == nil && len(q.open) > 0 && len(f.held) < q.opts.BatchSize && f.refusals <= eagerRefusals {
			return earlier(q.nextTry, q.openedAt.Add(q.opts.MaxAge))
		}
		return q.nextTry
	case len(f.held) > 0 || len(q.full) > 0 || f.isStopping:
		return time.Time{}
	default:
		return q.openedAt.Add(q.opts.MaxAge)
	}
}

// take makes held the next recorded batch and says whether it is due. A batch
// that was tried before is filled up with what came since: if the store takes
// those, the fault is the batch's own.
func (f *flusher) take() bool {
	q := f.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.depth == 0 || time.Now().Before(f.dueAt()) {
		return false
	}
	for len(f.held) < q.opts.BatchSize {
		if len(q.full) == 0 && len(q.open) > 0 {
			q.full, q.open = append(q.full, q.open), nil
		}
		if len(q.full) == 0 {
			break
		}
		if block := q.full[0]; len(f.held) == 0 {
			f.held = block
			q.full[0], q.full = nil, q.full[1:]
		} else {
			n := min(q.opts.BatchSize-len(f.held), len(block))
			f.held = append(f.held, block[:n]...)
			if q.full[0] = block[n:]; n == len(block) {
				q.full[0], q.full = nil, q.full[1:]
			}
		}
		if f.refusals == 0 && f.failures == 0 {
			break // the block as it is
		}
	}
	q.heldOldest = f.held[0].Timestamp
	return true
}

// writeRecorded writes recorded batches as long as one is due and no post
// waits.
func (f *flusher) writeRecorded(ctx context.Context) {
	for ctx.Err() == nil && f.stopFails < stopTries && f.take() {
		err := f.write(ctx, metric.Batch{Requests: f.held})
		switch {
		case err == nil:
			f.recovered()
			written := f.held
			f.settleRecorded(written, true)
			f.hold(nil)
			f.recycle(written)
		case isOver(ctx, err):
			return
		case f.isAway(err):
			f.backOff(err)
			return
		default:
			f.isolate(ctx, err)
		}
		f.logDrops()
		if f.hasPosts() {
			return
		}
	}
}

// commitPosts stores what senders wait for: one group, so that recorded
// requests get their turn however many posts come.
func (f *flusher) commitPosts(ctx context.Context) {
	group := f.q.takeGroup()
	if len(group) == 0 {
		return
	}
	err := f.write(ctx, combine(group))
	if err != nil && len(group) > 1 && !isOver(ctx, err) && !f.isAway(err) {
		f.commitEach(ctx, group)
		return
	}
	err = f.postResult(ctx, err)
	for _, p := range group {
		f.q.settle(p, err)
	}
}

// commitEach stores the posts of a refused group one by one, so that only
// those at fault fail.
func (f *flusher) commitEach(ctx context.Context, group []*post) {
	var unavailable *UnavailableError
	for _, p := range group {
		if unavailable == nil {
			err := f.postResult(ctx, f.write(ctx, p.batch))
			if !errors.As(err, &unavailable) {
				f.q.settle(p, err)
				continue
			}
		}
		f.q.settle(p, unavailable)
	}
}

// postResult makes of a sink's error what the sender of a post gets.
func (f *flusher) postResult(ctx context.Context, err error) error {
	switch {
	case err == nil:
		f.recovered()
		return nil
	case isOver(ctx, err):
		return &UnavailableError{RetryAfter: time.Second, Err: ErrStopped}
	case f.isAway(err):
		wait := f.backOffPost(err)
		return &UnavailableError{RetryAfter: min(wait, maxRetryAfter), Err: err}
	}
	f.q.opts.Logger.Error("posted batch was refused by the store", "error", err)
	return err
}

// write hands a batch to the sink, bounded in time, its panics made errors.
func (f *flusher) write(ctx context.Context, batch metric.Batch) (err error) {
	q := f.q
	q.mu.Lock()
	q.isWriting = true
	q.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, q.opts.WriteTimeout)
	defer func() {
		cancel()
		if p := recover(); p != nil {
			q.opts.Logger.Error("sink panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errSinkPanic, p)
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		q.isWriting = false
		q.stats.LastError = ""
		if err != nil {
			q.stats.LastError = err.Error()
		}
	}()
	position := metric.Position{Source: f.source, From: f.at, To: f.at + int64(batch.Len())}
	err = q.opts.Sink.Append(ctx, batch, position)
	if err == nil {
		f.at = position.To
	} else if at, askErr := q.opts.Sink.Position(ctx, f.source); askErr == nil {
		f.at = at
		if at == position.To {
			err = nil
		}
	}
	return err
}

// isOver says whether a write failed because Stop's time was up.
func isOver(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() != nil
}

func (f *flusher) hasPosts() bool {
	f.q.mu.Lock()
	defer f.q.mu.Unlock()
	return len(f.q.posts) > 0
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
