package ingest

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"
	"unsafe"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Defaults of Options.
const (
	defaultCapacity      = 100_000
	defaultCapacityBytes = 64 << 20
	defaultBatchSize     = 1000
	defaultMaxAge        = 500 * time.Millisecond
	defaultWriteTimeout  = 30 * time.Second

	// stopGrace is how long Stop waits for a sink to notice that its context
	// is over.
	stopGrace = time.Second

	// spareBlocks is how many written blocks are kept for use again.
	spareBlocks = 4
)

// Queue holds samples on their way to the sink. It takes recorded requests
// from New on, writes from Start on, and ends with Stop. It is safe for
// concurrent use.
type Queue struct {
	opts Options
	wake chan struct{} // capacity 1: something changed that the flusher looks at
	stop chan struct{} // closed by the first Stop
	done chan struct{} // closed when the flusher has ended

	mu       sync.Mutex
	cancel   context.CancelCauseFunc // ends the write under way; nil before Start
	stopping bool
	closed   bool // nothing is taken any more

	// Recorded requests: blocks that are full, oldest first, then the one
	// being filled. Blocks never grow, so that no Record ever copies the rest.
	full     [][]metric.Request
	open     []metric.Request
	openedAt time.Time // when open took its first
	spare    [][]metric.Request
	depth    int // recorded requests held, those being written included
	bytes    int64

	posts     []*post // waiting for a group commit
	postDepth int     // samples in posts and in the commit under way
	postBytes int64
	nextTry   time.Time // when the store is away: when to try again
	probedAt  time.Time // when the store is away: when a post was last let through
	away      error     // why the last write failed, when the store is away
	isWriting bool

	isDropNoted bool // the flusher was told of drops since it last looked

	heldOldest time.Time // oldest recorded request in the flusher's hands
	lost       error     // result of Stop
	stats      Stats     // the counts
}

// New returns a queue that takes samples at once and writes them after Start.
func New(opts Options) *Queue {
	opts.Capacity = cmp.Or(opts.Capacity, defaultCapacity)
	opts.CapacityBytes = cmp.Or(opts.CapacityBytes, defaultCapacityBytes)
	opts.BatchSize = min(cmp.Or(opts.BatchSize, defaultBatchSize), opts.Capacity)
	opts.MaxAge = cmp.Or(opts.MaxAge, defaultMaxAge)
	opts.WriteTimeout = cmp.Or(opts.WriteTimeout, defaultWriteTimeout)
	if opts.Unavailable == nil {
		opts.Unavailable = func(error) bool { return false }
	}
	if len(opts.Backoff) == 0 {
		opts.Backoff = []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &Queue{
		opts: opts,
		wake: make(chan struct{}, 1),
		stop: make(chan struct{}),
		done: make(chan struct{}),
	}
}

// Start begins to write. It does not block. The queue runs until Stop, not
// until ctx is over: what it holds when a program is told to end must still be
// written. A second call does nothing.
func (q *Queue) Start(ctx context.Context) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.cancel != nil || q.stopping {
		return
	}
	ctx, q.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	go func() {
		defer close(q.done)
		newFlusher(q).run(ctx)
	}()
}

// Stop writes what the queue holds and ends it. When ctx is over first, or the
// store stays unavailable, it returns a *LostError that says how much is lost.
// Posts are refused as soon as Stop is called, recorded requests taken until
// everything is written. Every call waits for the end and returns the same.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	if !q.stopping {
		q.stopping = true
		close(q.stop)
	}
	cancel := q.cancel
	q.mu.Unlock()

	if cancel == nil {
		return q.close(nil) // never started
	}
	defer cancel(nil)
	select {
	case <-q.done:
	case <-ctx.Done():
		cancel(context.Cause(ctx))
		grace := time.NewTimer(stopGrace)
		defer grace.Stop()
		select {
		case <-q.done:
		case <-grace.C:
		}
	}
	return q.close(context.Cause(ctx))
}

// close refuses everything from now on and settles what is lost.
func (q *Queue) close(why error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return q.lost
	}
	q.closed = true
	for _, p := range q.posts {
		q.stats.Rejected += int64(p.batch.Len())
		p.done <- &UnavailableError{RetryAfter: time.Second, Err: ErrStopped}
	}
	q.posts = nil
	if q.depth > 0 {
		q.stats.Dropped += int64(q.depth)
		q.lost = &LostError{Requests: q.depth, Err: cmp.Or(q.away, why, ErrStopped)}
	}
	return q.lost
}

// Record takes a request sample. It never blocks and never fails: when the
// queue is full or stopped, the sample is dropped and counted.
func (q *Queue) Record(r metric.Request) {
	size := requestSize(&r)
	q.mu.Lock()
	if q.closed || q.depth >= q.opts.Capacity || q.bytes+size > q.opts.CapacityBytes {
		q.stats.Dropped++
		wasNoted := q.isDropNoted
		q.isDropNoted = true
		q.mu.Unlock()
		if !wasNoted {
			q.signal() // so that the drop is logged
		}
		return
	}
	if q.open == nil {
		q.openBlock()
	}
	q.open = append(q.open, r)
	isFirst, isFull := len(q.open) == 1, len(q.open) == cap(q.open)
	if isFull {
		q.full = append(q.full, q.open)
		q.open = nil
	}
	q.depth++
	q.bytes += size
	q.mu.Unlock()
	if isFirst || isFull {
		q.signal()
	}
}

// openBlock begins an empty block. The caller holds q.mu.
func (q *Queue) openBlock() {
	if n := len(q.spare); n > 0 {
		q.open, q.spare = q.spare[n-1], q.spare[:n-1]
	} else {
		q.open = make([]metric.Request, 0, q.opts.BatchSize)
	}
	q.openedAt = time.Now()
}

func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// CountLate adds n posted events whose timestamps were replaced.
func (q *Queue) CountLate(n int) {
	q.mu.Lock()
	q.stats.Late += int64(n)
	q.mu.Unlock()
}

// CountRejected adds n posted samples that were refused before Accept.
func (q *Queue) CountRejected(n int) {
	q.mu.Lock()
	q.stats.Rejected += int64(n)
	q.mu.Unlock()
}

// Stats returns what the queue holds and has done.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.stats
	s.Depth, s.DepthBytes, s.Capacity = q.depth, q.bytes, q.opts.Capacity
	s.Away = q.away != nil
	switch {
	case !q.heldOldest.IsZero():
		s.OldestUnsent = q.heldOldest
	case len(q.full) > 0:
		s.OldestUnsent = q.full[0][0].Timestamp
	case len(q.open) > 0:
		s.OldestUnsent = q.open[0].Timestamp
	}
	return s
}

// requestSize estimates the memory that a waiting sample holds.
func requestSize(r *metric.Request) int64 {
	return int64(unsafe.Sizeof(*r)) + int64(len(r.App)+len(r.Endpoint)+len(r.Method)+
		len(r.UserID)+len(r.ErrorType)+len(r.CorrelationID))
}
