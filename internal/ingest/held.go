package ingest

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/level"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// settle takes the first n of the held requests off the books, of which the
// store refused some.
func (f *flusher) settle(n, refused int) {
	if n == 0 {
		return
	}
	done, rest := f.held[:n], f.held[n:]
	f.q.settleRecorded(done, func(c *counts) {
		c.written += int64(n - refused)
		c.drop(Refused, refused)
	})
	f.base += int64(n)
	f.failures, f.stopFails, f.refusals, f.known, f.retryAt = 0, 0, 0, 0, time.Time{}
	f.hold(rest)
	if len(rest) == 0 {
		f.q.recycle(done)
	}
}

// refused puts off a batch of which the store took nothing, and says whether it
// was dropped instead, after many tries.
func (f *flusher) refused(v *verdict) (isDropped bool) {
	f.refusals++
	f.known = len(v.suspects)
	if f.refusals >= maxRefusals {
		n := len(f.held)
		f.q.opts.Logger.Error("recorded requests dropped: refused by the store",
			"dropped", n, "correlation_id", f.held[0].CorrelationID, "error", v.err)
		f.settle(n, n)
		return true
	}
	wait := min(f.q.opts.MaxAge<<min(f.refusals, 16), f.q.opts.Backoff[0])
	if f.isStopping {
		wait = min(wait, stopRetry)
		f.stopFails++
	}
	f.retryAt = time.Now().Add(wait)
	f.q.outage.repeated()
	return false
}

// hold makes requests the ones in the flusher's hands.
func (f *flusher) hold(requests []metric.Request) {
	f.held = requests
	if len(requests) == 0 {
		f.held = nil
	}
	q := f.q
	q.mu.Lock()
	defer q.mu.Unlock()
	q.heldOldest = time.Time{}
	if len(requests) > 0 {
		q.heldOldest = requests[0].Timestamp
	}
}

// settleRecorded takes recorded requests off the queue's books, and lets count
// say as what.
func (q *Queue) settleRecorded(requests []metric.Request, count func(*counts)) {
	var size int64
	for i := range requests {
		size += requestSize(&requests[i])
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.depth -= len(requests)
	q.bytes -= size
	count(&q.counts)
}

// recycle keeps a written block for use again.
func (q *Queue) recycle(block []metric.Request) {
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

// countFound counts samples that were stored by attempts that seemed to fail.
func (q *Queue) countFound(n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counts.duplicates += n
}

// watch warns of a queue that is nearly full.
func (f *flusher) watch() {
	q := f.q
	q.mu.Lock()
	depth, bytes := q.depth, q.bytes
	q.mu.Unlock()
	q.check(f.level, depth, bytes)
}

// check warns when samples, or the memory that they take, nearly fill what may
// wait: whichever is scarcer.
func (q *Queue) check(l *level.Level, samples int, bytes int64) {
	used, capacity := int64(samples), int64(q.opts.Capacity)
	if bytes*capacity > used*q.opts.CapacityBytes {
		used, capacity = bytes, q.opts.CapacityBytes
	}
	l.Check(q.opts.Logger, used, capacity)
}

// logDrops says once per interval how many samples were dropped.
func (f *flusher) logDrops() {
	q := f.q
	q.mu.Lock()
	total, depth, now := q.counts.overflow(), q.depth, time.Now()
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
