package ingest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/level"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

const (
	// drainBatches is how many BatchSizes one write from the spool carries at
	// most, and drainBytes how many bytes of the spool.
	drainBatches = 10
	drainBytes   = 4 << 20

	// maxPatience is how many doublings of suspicion a store that takes nothing
	// is given: one sample that it takes behind 8,192 others shows that the
	// fault is theirs. maxLarger is how many doublings of drainBytes, for others
	// to be seen behind large ones.
	maxPatience = 10
	maxLarger   = 2

	// touchEvery is how often an idle spool lets the store know that nothing
	// old is to come of it.
	touchEvery = time.Hour
)

// drainer is the one goroutine that stores what is in the spool, in its order,
// and only then lets the spool forget it.
type drainer struct {
	q     *Queue
	spool *spool.Spool
	line  *line // of the source that is drained; nil before the first

	limit     int         // samples of one write
	refusals  int         // of what the spool holds first, in a row
	known     int         // samples that were refused one by one by the last of them
	retryAt   time.Time   // when it is tried again
	blamed    []uuid.UUID // sources that were refused before others were taken
	touchedAt time.Time
	done      []uuid.UUID // sources of which nothing is left, to be forgotten
	complaint string      // what was logged last of the spool

	level      *level.Level
	quarantine *level.Level

	isEmpty    bool // nothing was in the spool
	isStopping bool
	isSealed   bool // nothing more will be put into the spool
	hasGivenUp bool // a try since Stop failed
}

func newDrainer(q *Queue) *drainer {
	return &drainer{
		q: q, spool: q.opts.Spool, limit: drainBatches * q.opts.BatchSize,
		level:      level.New("spool", "posts are refused with 503"),
		quarantine: level.New("quarantine", "damaged records and refused samples are no longer kept for people to look at"),
	}
}

func (d *drainer) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	stop, flushed := d.q.stop, d.q.flushed
	for {
		wait := d.step(ctx)
		d.watch()
		if ctx.Err() != nil || d.isSealed && (d.isEmpty || d.hasGivenUp) {
			d.end(ctx)
			return
		}
		if wait <= 0 {
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-d.q.drainWake:
		case <-d.spool.Ready():
			if d.refusals <= eagerRefusals {
				d.retryAt = time.Time{} // new samples may show where the fault is
			}
		case <-stop:
			stop, d.isStopping, d.retryAt = nil, true, time.Time{}
		case <-flushed:
			flushed, d.isSealed = nil, true
		}
	}
}

// step stores the next stretch of the spool, and returns how long nothing needs
// to be done unless something is put into it.
func (d *drainer) step(ctx context.Context) time.Duration {
	d.isEmpty = false
	if wait := max(d.q.outage.wait(), time.Until(d.retryAt)); wait > 0 {
		return wait
	}
	if d.line != nil && d.line.isSilent {
		// Whether the store is back is asked with little, not with a full write.
		if err := d.line.ask(ctx); err != nil {
			return d.away(ctx, err)
		}
	}
	now := time.Now()
	entries, err := d.spool.Peek(d.limit, d.bytes())
	if err != nil {
		return d.complain("spool cannot be read", err, spoolRetry)
	}
	if d.isEmpty = len(entries) == 0; d.isEmpty {
		return d.idle(ctx, now)
	}
	if source := entries[0].Source; d.line == nil || d.line.source != source {
		return d.turnTo(ctx, source)
	}
	s, err := d.stretch(entries)
	if err != nil {
		return d.complain("spool waits for a newer version of appmetrics", err, d.lastStep())
	}
	s.trim(d.limit)
	return d.write(ctx, &s)
}

// turnTo begins with another source, where the store says that it stands.
func (d *drainer) turnTo(ctx context.Context, source uuid.UUID) time.Duration {
	l := d.lineOf(source)
	if err := l.ask(ctx); err != nil {
		return d.away(ctx, err)
	}
	d.line = l
	return d.release()
}

func (d *drainer) lineOf(source uuid.UUID) *line {
	return &line{writer: d.q.writer, source: source, aside: d.setAsideBatch}
}

// write stores a stretch.
func (d *drainer) write(ctx context.Context, s *stretch) time.Duration {
	from, found := d.line.at, d.line.found
	v := d.line.write(ctx, s, trialAfter(d.refusals, d.known))
	if v.isTriedOut && (slices.Contains(d.blamed, d.line.source) || d.othersAreTaken(ctx)) {
		v = d.line.leave(ctx, s, verdict{refused: v.refused}, v.suspects, v.err)
	}
	hasMoved := d.line.at != from
	isAnswering := !d.line.isSilent // it may have cut short a statement that took too long
	d.account(s, from, &v)
	d.q.countFound(d.line.found - found)
	if hasMoved || v.kind == allStored { // the spool may have failed to forget it before
		d.refusals, d.known, d.retryAt, d.hasGivenUp = 0, 0, time.Time{}, false
		if wait := d.release(); wait > 0 {
			return wait
		}
	}
	switch v.kind {
	case allStored:
		d.limit = min(d.limit+d.limit/10+1, drainBatches*d.q.opts.BatchSize)
		d.complaint = ""
	case storeAway:
		if isAnswering || errors.Is(v.err, context.DeadlineExceeded) {
			d.takeLess()
		}
		return d.away(ctx, v.err)
	case allRefused:
		if hasMoved {
			return 0 // others may be behind what is left
		}
		d.refusals++
		d.known = len(v.suspects)
		d.limit = min(2*d.limit, drainBatches*d.q.opts.BatchSize) // others may be behind them
		d.hasGivenUp = d.isStopping
		wait := min(d.q.opts.MaxAge<<min(d.refusals, 16), d.lastStep())
		d.retryAt = time.Now().Add(wait)
		d.q.outage.repeated()
		return d.complain("store refuses what the spool holds first; it is kept until others are taken", v.err, wait)
	case timeIsUp:
	}
	return 0
}

// bytes is how much of the spool is read for one write.
func (d *drainer) bytes() int64 { return drainBytes << min(d.refusals, maxLarger) }

// takeLess makes the next write smaller: a slow store takes a few samples, and
// says so in time.
func (d *drainer) takeLess() { d.limit = max(d.limit/4, 1) }

// release lets the spool forget what is stored.
func (d *drainer) release() time.Duration {
	isGone, err := d.spool.Release(d.line.source, d.line.at)
	if err != nil {
		return d.complain("spool cannot forget what is stored", err, spoolRetry)
	}
	if isGone {
		d.done = append(d.done, d.line.source)
		d.line = nil
	}
	return 0
}

// idle lets the store know now and then that the spool holds nothing from
// before now, so that it need not remember ids for its sake.
func (d *drainer) idle(ctx context.Context, now time.Time) time.Duration {
	d.forget(ctx)
	if d.q.opts.Ack != AckDisk || d.isSealed {
		return touchEvery
	}
	if wait := touchEvery - now.Sub(d.touchedAt); wait > 0 {
		return wait
	}
	if source := d.spool.Source(); d.line == nil || d.line.source != source {
		return d.turnTo(ctx, source)
	}
	if err := d.line.append(ctx, metric.Batch{}, d.line.at, now); err != nil {
		return d.away(ctx, err)
	}
	d.touchedAt = now
	return touchEvery
}

// forget lets the store forget sources of which nothing is left.
func (d *drainer) forget(ctx context.Context) {
	if len(d.done) > 0 && ctx.Err() == nil {
		d.q.writer.forget(ctx, d.done...)
		d.done = nil
	}
}

// end says what is left.
func (d *drainer) end(ctx context.Context) {
	if n := d.spool.Stats().Samples; n > 0 {
		d.q.opts.Logger.Info("samples stay in the spool until the next start", "samples", n)
		return
	}
	if d.line != nil {
		d.done = append(d.done, d.line.source)
	}
	d.forget(ctx)
}

// away puts everything off after the store was found away.
func (d *drainer) away(ctx context.Context, err error) time.Duration {
	if isOver(ctx, err) {
		return 0
	}
	d.q.outage.failed(err)
	d.hasGivenUp = d.isStopping
	return d.q.outage.wait()
}

// complain logs what a person must see to, once, and returns how long to wait.
func (d *drainer) complain(what string, err error, wait time.Duration) time.Duration {
	if errors.Is(err, spool.ErrClosed) {
		d.isEmpty = true // for us it is
		return touchEvery
	}
	d.hasGivenUp = d.isStopping
	if d.complaint != what {
		d.complaint = what
		d.q.opts.Logger.Error(what, "error", err, "retry_in", wait) //nolint:sloglint // each is a constant of its caller
	}
	return wait
}

func (d *drainer) lastStep() time.Duration {
	steps := d.q.opts.Backoff
	return steps[len(steps)-1]
}

// watch warns of a spool, and of what it sets aside, that is nearly full.
func (d *drainer) watch() {
	s := d.spool.Stats()
	d.level.Check(d.q.opts.Logger, s.Bytes, s.MaxBytes)
	d.quarantine.Check(d.q.opts.Logger, s.QuarantineBytes, s.QuarantineMax)
}
