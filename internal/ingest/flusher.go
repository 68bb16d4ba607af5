package ingest

import (
	"context"
	"time"

	"github.com/appmetrics/appmetrics/internal/level"
	"github.com/appmetrics/appmetrics/internal/metric"
)

const (
	// dropLogEvery is the interval in which drops are logged at most once.
	dropLogEvery = 30 * time.Second

	// stopTries says how often Stop tries a store that is away.
	stopTries = 3

	// maxRefusals is how often a batch of recorded requests of which the store
	// takes nothing is tried before it is dropped.
	maxRefusals = 10

	// eagerRefusals is how many of these tries new samples bring forward.
	eagerRefusals = 3

	// spareBlocks is how many written blocks are kept for use again.
	spareBlocks = 4
)

// flusher is the one goroutine that writes recorded requests. What it has taken
// from the queue stays in held, and counted in the queue's depth, until it is
// written or dropped.
type flusher struct {
	q    *Queue
	line *line
	held []metric.Request
	base int64 // number of held[0] in line

	spool *intake // nil without a spool

	failures    int       // in a row
	refusals    int       // of the held batch
	known       int       // samples that were refused one by one by the last of them
	retryAt     time.Time // when a batch that was refused is tried again
	isStopping  bool
	stopFails   int
	loggedDrops int64
	loggedAt    time.Time
	level       *level.Level
}

func newFlusher(q *Queue) *flusher {
	f := &flusher{q: q, line: newLine(q.writer), level: level.New("queue", "observed requests are dropped")}
	if q.opts.Spool != nil {
		f.spool = newIntake(q)
	}
	return f
}

func (f *flusher) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	stop := f.q.stop
	for {
		f.writeRecorded(ctx)
		f.watch()
		f.logDrops()
		if ctx.Err() != nil || f.isStopping && f.isFinished() {
			_ = f.q.close(context.Cause(ctx)) // Stop returns it
			f.logDrops()
			if ctx.Err() == nil && f.line.at > 0 && f.q.outage.away() == nil {
				f.line.forget(ctx, f.line.source)
			}
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
		}
	}
}

// isFinished says whether nothing is left to write, or nothing can be. In the
// first case it closes the queue in the same breath, so that no sample slips
// in between. It waits for posts, so that requests are taken as long.
func (f *flusher) isFinished() bool {
	if f.stopFails >= stopTries {
		return true
	}
	q := f.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.depth > 0 || q.postDepth > 0 {
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
	if q.counts.overflow() > f.loggedDrops {
		wait = max(f.loggedAt.Add(dropLogEvery).Sub(now), 0)
	}
	if q.depth > 0 {
		wait = min(wait, max(f.dueAt(now).Sub(now), 0))
	}
	return wait
}

// dueAt returns when something of the recorded requests is to be done next. The
// caller holds q.mu; q.depth is not 0.
func (f *flusher) dueAt(now time.Time) time.Time {
	if f.spool == nil {
		return f.directAt(now)
	}
	due := f.spooledAt()
	if f.spool.isBroken() || len(f.held) > 0 {
		due = earlier(due, f.directAt(now))
	}
	return due
}

// ripeAt returns when the next block is to be taken: at once when it is full,
// else when it is old enough. The caller holds q.mu.
func (f *flusher) ripeAt() time.Time {
	q := f.q
	switch {
	case len(q.full) > 0 || len(q.open) > 0 && f.isStopping:
		return time.Time{}
	case len(q.open) > 0:
		return q.openedAt.Add(q.opts.MaxAge)
	}
	return never
}

// directAt returns when the next batch is to be handed to the sink. The caller
// holds q.mu.
func (f *flusher) directAt(now time.Time) time.Time {
	q := f.q
	due := f.ripeAt()
	if len(f.held) > 0 {
		due = time.Time{}
	}
	if wait := q.outage.wait(); wait > 0 {
		return now.Add(wait)
	}
	if f.retryAt.IsZero() {
		return due
	}
	if len(q.open) > 0 && len(f.held) < q.opts.BatchSize && f.refusals <= eagerRefusals {
		return earlier(f.retryAt, q.openedAt.Add(q.opts.MaxAge))
	}
	return f.retryAt
}

// take makes held the next batch for the sink and says whether it is due. One
// that was tried before is filled up with what came since: if the store takes
// those, the fault is the batch's own.
func (f *flusher) take() bool {
	q := f.q
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	isOpen := f.spool == nil || f.spool.isBroken() // else the rest is for the spool
	if f.isStopping && isOpen && f.spool != nil && f.spool.stuck != nil && len(f.held) == 0 {
		f.held, f.spool.stuck, q.stuckOldest = f.spool.stuck, nil, time.Time{}
	}
	if len(f.held) == 0 && (!isOpen || q.depth == 0) || now.Before(f.directAt(now)) {
		return false
	}
	for isOpen && len(f.held) < q.opts.BatchSize {
		block := q.next()
		if block == nil {
			break
		}
		if len(f.held) == 0 {
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
	if len(f.held) == 0 {
		return false
	}
	q.heldOldest = f.held[0].Timestamp
	return true
}

// next returns the oldest block, which is full[0] from then on, or nil. The
// caller holds q.mu.
func (q *Queue) next() []metric.Request {
	if len(q.full) == 0 && len(q.open) > 0 {
		q.full, q.open = append(q.full, q.open), nil
	}
	if len(q.full) == 0 {
		return nil
	}
	return q.full[0]
}

// writeRecorded writes recorded requests as long as some are due: into the
// spool where it takes them, else to the sink.
func (f *flusher) writeRecorded(ctx context.Context) {
	for ctx.Err() == nil && f.stopFails < stopTries {
		if f.spool != nil && f.spoolNext(ctx) {
			continue
		}
		if !f.take() || !f.writeHeld(ctx) {
			return
		}
		f.logDrops()
	}
}

// writeHeld hands the held batch to the sink, and says whether that is settled.
func (f *flusher) writeHeld(ctx context.Context) bool {
	s := stretch{
		parts: []part{{first: f.base, batch: metric.Batch{Requests: f.held}, isRecorded: true}},
		end:   f.base + int64(len(f.held)),
	}
	from, before := f.line.at, f.line.found
	v := f.line.write(ctx, &s, trialAfter(f.refusals, f.known))
	if v.isTriedOut && f.line.at != from { // not to be kept for what may come: they are on no disk
		v = f.line.leave(ctx, &s, verdict{refused: v.refused}, v.suspects, v.err)
	}
	f.q.countFound(f.line.found - before)
	f.settle(s.index(f.line.at), len(v.refused))
	switch v.kind {
	case allStored:
		return true
	case storeAway:
		f.q.outage.failed(v.err)
		f.failures++
		if f.isStopping {
			f.stopFails++
		}
	case allRefused:
		return f.refused(&v)
	case timeIsUp:
	}
	return false
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// never is later than anything that is due.
var never = time.Unix(1<<40, 0)
