package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

const (
	// suspicion is how many samples the store must refuse one by one, with
	// nothing of their batch taken, before the fault is seen in the store.
	suspicion = 16

	// maxRefusals is how often a batch of which the store takes nothing is
	// tried before it is dropped.
	maxRefusals = 10

	// eagerRefusals is how many of these tries new samples bring forward.
	eagerRefusals = 3
)

// isAway says whether an error means that the store can take nothing now.
func (f *flusher) isAway(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || f.q.opts.Unavailable(err)
}

// backOffPost is backOff for a post. One that asked before it was time leaves
// the time of the next try as it is.
func (f *flusher) backOffPost(err error) time.Duration {
	q := f.q
	q.mu.Lock()
	now := time.Now()
	if now.Before(q.nextTry) && q.away != nil {
		defer q.mu.Unlock()
		q.away, q.probedAt = err, now
		return max(q.nextTry.Sub(now), time.Second)
	}
	q.mu.Unlock()
	return f.backOff(err)
}

// backOff puts recorded requests off after the store was found away, and
// returns for how long.
func (f *flusher) backOff(err error) time.Duration {
	q := f.q
	steps := q.opts.Backoff
	wait := steps[min(f.failures, len(steps)-1)]
	if f.isStopping {
		wait = min(wait, stopRetry)
		f.stopFails++
	}
	f.failures++

	q.mu.Lock()
	isNew := q.away == nil
	q.away = err
	q.nextTry = time.Now().Add(wait)
	q.probedAt = time.Now()
	q.stats.Retries++
	depth := q.depth
	q.mu.Unlock()
	if isNew {
		q.opts.Logger.Error("store is unavailable; recorded requests are kept in memory and written later",
			"error", err, "retry_in", wait, "waiting", depth)
	}
	return wait
}

// recovered ends a backoff: the store has just taken something.
func (f *flusher) recovered() {
	f.failures, f.stopFails = 0, 0
	q := f.q
	q.mu.Lock()
	wasAway := q.away != nil
	if wasAway {
		q.away, q.nextTry = nil, time.Time{}
	}
	depth := q.depth
	q.mu.Unlock()
	if wasAway {
		q.opts.Logger.Info("store is available again", "waiting", depth)
	}
}

// isolate finds the samples for which the store refused the held batch: it
// writes the halves, and the halves of refused halves. Samples refused alone
// while others of the batch were taken are dropped. When the store takes
// nothing at all the fault is likely its own: the batch stays held.
func (f *flusher) isolate(ctx context.Context, cause error) {
	var refused []metric.Request
	isAnyWritten := false
	todo := split(nil, f.held) // a stack, oldest samples on top
	if len(todo) == 0 {
		refused = f.held
	}
	// keep makes held what is not written.
	keep := func() {
		for len(todo) > 0 {
			refused = append(refused, todo[len(todo)-1]...)
			todo = todo[:len(todo)-1]
		}
		f.hold(refused)
	}
	for len(todo) > 0 && (isAnyWritten || len(refused) < suspicion) {
		part := todo[len(todo)-1]
		err := f.write(ctx, metric.Batch{Requests: part})
		switch {
		case err == nil:
			isAnyWritten = true
			f.settleRecorded(part, true)
		case isOver(ctx, err):
			keep()
			return
		case f.isAway(err):
			keep()
			f.backOff(err)
			return
		case len(part) == 1:
			cause = err
			refused = append(refused, part...)
		}
		todo = todo[:len(todo)-1]
		if err != nil {
			todo = split(todo, part)
		}
	}
	f.refusals++
	if keep(); !isAnyWritten && f.refusals < maxRefusals {
		f.retryRefused()
		return
	}
	if len(f.held) > 0 { // else the parts passed, only the whole did not
		f.q.opts.Logger.Error("recorded requests dropped: refused by the store",
			"dropped", len(f.held), "correlation_id", f.held[0].CorrelationID, "error", cause)
		f.settleRecorded(f.held, false)
		f.hold(nil)
	}
	if isAnyWritten {
		f.recovered()
	}
}

// split pushes the halves of a part, unless it is a single sample.
func split(todo [][]metric.Request, part []metric.Request) [][]metric.Request {
	if half := len(part) / 2; half > 0 {
		todo = append(todo, part[half:], part[:half])
	}
	return todo
}

// retryRefused puts off a batch of which the store took nothing.
func (f *flusher) retryRefused() {
	q := f.q
	wait := min(q.opts.MaxAge<<min(f.refusals, 16), q.opts.Backoff[0])
	if f.isStopping {
		wait = min(wait, stopRetry)
		f.stopFails++
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.nextTry = time.Now().Add(wait)
	q.stats.Retries++
}

// hold makes requests the ones in the flusher's hands.
func (f *flusher) hold(requests []metric.Request) {
	f.held = requests
	q := f.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(requests) > 0 {
		q.heldOldest = requests[0].Timestamp
		return
	}
	// The next batch begins with a clean record, whatever held this one back.
	f.refusals, q.heldOldest = 0, time.Time{}
	if q.away == nil {
		q.nextTry = time.Time{}
	}
}

// settleRecorded takes recorded requests off the queue's books.
func (f *flusher) settleRecorded(requests []metric.Request, isWritten bool) {
	var size int64
	for i := range requests {
		size += requestSize(&requests[i])
	}
	q, n := f.q, int64(len(requests))
	q.mu.Lock()
	defer q.mu.Unlock()
	q.depth -= len(requests)
	q.bytes -= size
	if isWritten {
		q.stats.Written += n
	} else {
		q.stats.Dropped += n
		f.loggedDrops += n // by isolate
	}
}

// recycle keeps a written block for use again.
func (f *flusher) recycle(block []metric.Request) {
	q := f.q
	if cap(block) != q.opts.BatchSize {
		return
	}
	clear(block)
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.spare) < spareBlocks {
		q.spare = append(q.spare, block[:0])
	}
}

// logDrops says once per interval how many samples the full queue dropped.
func (f *flusher) logDrops() {
	q := f.q
	q.mu.Lock()
	total, depth, now := q.stats.Dropped, q.depth, time.Now()
	q.isDropNoted = false
	q.mu.Unlock()
	n := total - f.loggedDrops
	if n == 0 || now.Sub(f.loggedAt) < dropLogEvery {
		return
	}
	f.loggedDrops, f.loggedAt = total, now
	q.opts.Logger.Warn("recorded requests dropped", "dropped", n, "dropped_total", total,
		"waiting", depth, "capacity", q.opts.Capacity)
}
