package ingest

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"
	"unsafe"

	"github.com/appmetrics/appmetrics/internal/level"
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
)

// Queue holds samples on their way to the sink. It takes recorded requests
// from New on, writes from Start on, and ends with Stop. It is safe for
// concurrent use.
//
// Up to three goroutines write, each what it alone can: the flusher recorded
// requests into the spool, or where there is none to the sink; the committer
// posts to the sink; the drainer what the spool holds to the sink.
type Queue struct {
	opts   Options
	codec  codec
	outage *outage
	writer *writer

	wake      chan struct{} // capacity 1: something changed that the flusher looks at
	postWake  chan struct{} // the same for the committer
	drainWake chan struct{} // the same for the drainer
	stop      chan struct{} // closed by the first Stop
	flushed   chan struct{} // closed when the flusher has ended
	done      chan struct{} // closed when all three have ended

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

	postLevel *level.Level // of the posts that wait

	posts     []*post // waiting for a group commit
	postDepth int     // posted samples whose senders wait
	postBytes int64

	isDropNoted bool // the flusher was told of drops since it last looked

	heldOldest  time.Time // oldest recorded request in the flusher's hands
	stuckOldest time.Time // the same of those that wait for the spool alone
	lost        error     // result of Stop
	counts      counts
}

// New returns a queue that takes samples at once and writes them after Start.
// It panics when opts say AckDisk without a spool.
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
	if opts.Ack == AckDisk && opts.Spool == nil {
		panic("ingest: AckDisk needs a spool")
	}
	q := &Queue{
		opts:      opts,
		codec:     newCodec(),
		outage:    newOutage(opts),
		postLevel: level.New("posts that wait", "posts are refused with 503"),
		wake:      make(chan struct{}, 1),
		postWake:  make(chan struct{}, 1),
		drainWake: make(chan struct{}, 1),
		stop:      make(chan struct{}),
		flushed:   make(chan struct{}),
		done:      make(chan struct{}),
	}
	q.writer = &writer{outage: q.outage, sink: opts.Sink, timeout: opts.WriteTimeout, recovered: func() {
		signal(q.wake)
		signal(q.drainWake)
	}}
	return q
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
	var writers sync.WaitGroup
	writers.Go(func() {
		defer close(q.flushed)
		newFlusher(q).run(ctx)
	})
	writers.Go(func() { newCommitter(q).run(ctx) })
	if q.opts.Spool != nil {
		writers.Go(func() { newDrainer(q).run(ctx) })
	}
	go func() {
		defer close(q.done)
		writers.Wait()
	}()
}

// Stop writes what the queue holds and ends it. With a spool that is to write
// everything into it, and to empty it as far as ctx and the store allow: what
// stays in it is not lost. When recorded requests can be written nowhere, or
// ctx is over first, it returns a *LostError that says how much is lost. Posts
// are refused as soon as Stop is called, recorded requests taken until
// everything is written. Every call waits for the end and returns the same.
// The spool remains the caller's to close.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	if !q.stopping {
		q.stopping = true
		q.outage.hurry()
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
		q.counts.reject(Stopping, p.batch.Len())
		p.done <- &UnavailableError{RetryAfter: time.Second, Err: ErrStopped}
	}
	q.posts = nil
	if q.depth > 0 {
		q.counts.drop(Stopped, q.depth)
		q.lost = &LostError{Requests: q.depth, Err: cmp.Or(q.outage.away(), why, ErrStopped)}
	}
	return q.lost
}

// Record takes a request sample. It never blocks and never fails: when the
// queue is full or stopped, the sample is dropped and counted. To requests to
// appmetrics itself it is full when it is half full: posts that are refused and
// sent again leave room for what the application is asked.
func (q *Queue) Record(r metric.Request) {
	size := requestSize(&r)
	room := q.opts.Capacity
	if r.App == metric.SelfApp {
		room = max(room/2, 1)
	}
	q.mu.Lock()
	if q.closed || q.depth >= room || q.bytes+size > q.opts.CapacityBytes {
		wasNoted := q.dropped()
		q.mu.Unlock()
		if !wasNoted {
			signal(q.wake) // so that the drop is logged
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
		signal(q.wake)
	}
}

// dropped counts a request that is not taken, and says whether the flusher
// knows of such. The caller holds q.mu.
func (q *Queue) dropped() (wasNoted bool) {
	reason := QueueFull
	if q.closed {
		reason = Stopped
	}
	q.counts.drop(reason, 1)
	wasNoted, q.isDropNoted = q.isDropNoted, true
	return wasNoted
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

// signal leaves word in a channel of capacity 1.
func signal(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// requestSize estimates the memory that a waiting sample holds.
func requestSize(r *metric.Request) int64 {
	return int64(unsafe.Sizeof(*r)) + int64(len(r.App)+len(r.Endpoint)+len(r.Method)+
		len(r.UserID)+len(r.ErrorType)+len(r.CorrelationID))
}
