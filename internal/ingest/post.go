package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unsafe"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// groupBatches is how many BatchSizes one group commit carries at most.
const groupBatches = 10

// post is a batch whose sender waits.
type post struct {
	batch metric.Batch
	size  int64
	done  chan error // capacity 1: its result
}

// Accept takes a posted batch and returns nil only after it is kept: with AckDB
// committed by the sink, with AckDisk on the disk. Batches that arrive while a
// commit is under way share the next one, each with its own result. A
// *UnavailableError says that the batch may be sent again later; any other
// error of the sink, that this batch was refused. When ctx is over first, its
// error and its cause are returned, and the batch may or may not be kept. The
// batch must not be changed after the call.
func (q *Queue) Accept(ctx context.Context, batch metric.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	p := &post{batch: batch, size: batchSize(batch), done: make(chan error, 1)}
	defer q.watchPosts() // its room is free again
	if err := q.accept(ctx, p); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("accept batch: %w: %w", ctx.Err(), context.Cause(ctx))
		}
		return err
	}
	return nil
}

func (q *Queue) accept(ctx context.Context, p *post) error {
	if q.opts.Ack == AckDisk {
		return q.keep(ctx, p)
	}
	if err := q.enqueue(p); err != nil {
		return err
	}
	q.watchPosts()
	signal(q.postWake)
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		q.abandon(p)
		return ctx.Err()
	}
}

func (q *Queue) enqueue(p *post) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.reserve(p); err != nil {
		return err
	}
	if err := q.outage.refusal(); err != nil {
		q.release(p)
		q.counts.reject(Away, p.batch.Len())
		return err
	}
	q.posts = append(q.posts, p)
	return nil
}

// reserve makes room for a post in memory. The caller holds q.mu.
func (q *Queue) reserve(p *post) error {
	n := p.batch.Len()
	switch {
	case q.stopping:
		q.counts.reject(Stopping, n)
		return &UnavailableError{RetryAfter: time.Second, Err: ErrStopped}
	case q.postDepth > 0 && (q.postDepth+n > q.opts.Capacity || q.postBytes+p.size > q.opts.CapacityBytes):
		q.counts.reject(Busy, n)
		return &UnavailableError{RetryAfter: time.Second, Err: ErrBusy}
	}
	q.postDepth += n
	q.postBytes += p.size
	return nil
}

// watchPosts warns of posts that nearly fill what may wait.
func (q *Queue) watchPosts() {
	q.mu.Lock()
	depth, bytes := q.postDepth, q.postBytes
	q.mu.Unlock()
	q.check(q.postLevel, depth, bytes)
}

// abandon takes a post out of the line when its commit has not begun.
func (q *Queue) abandon(p *post) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.posts, p); i >= 0 {
		q.posts = slices.Delete(q.posts, i, i+1)
		q.release(p)
		q.counts.reject(Busy, p.batch.Len()) // its sender would not wait
	}
}

// release gives back the room of a post. The caller holds q.mu.
func (q *Queue) release(p *post) {
	q.postDepth -= p.batch.Len()
	q.postBytes -= p.size
	if q.postDepth == 0 && q.stopping {
		signal(q.wake) // the flusher waits for it
	}
}

// takeGroup removes the posts of the next commit: those that came first, as
// long as they agree on CheckIDs.
func (q *Queue) takeGroup() []*post {
	q.mu.Lock()
	defer q.mu.Unlock()
	total, n := 0, 0
	for _, p := range q.posts {
		total += p.batch.Len()
		if n > 0 && (total > groupBatches*q.opts.BatchSize || p.batch.CheckIDs != q.posts[0].batch.CheckIDs) {
			break
		}
		n++
	}
	group := slices.Clone(q.posts[:n])
	q.posts = slices.Delete(q.posts, 0, n)
	return group
}

// settle gives a post its result.
func (q *Queue) settle(p *post, err error) {
	q.mu.Lock()
	q.release(p)
	if n := p.batch.Len(); err == nil {
		q.counts.accepted += int64(n)
	} else {
		q.counts.reject(rejection(err), n)
	}
	q.mu.Unlock()
	p.done <- err
}

// rejection returns why a post was rejected by the sink.
func rejection(err error) Reason {
	unavailable := (*UnavailableError)(nil)
	switch {
	case errors.Is(err, ErrStopped):
		return Stopping
	case errors.As(err, &unavailable):
		return Away
	}
	return Refused
}

// batchSize estimates the memory that a posted batch holds.
func batchSize(b metric.Batch) int64 {
	var size int64
	for i := range b.Requests {
		size += requestSize(&b.Requests[i])
	}
	for i := range b.Events {
		e := &b.Events[i]
		size += int64(unsafe.Sizeof(*e)) + int64(len(e.App)+len(e.EventType)+len(e.UserID)+
			len(e.PageName)+len(e.ElementID)+len(e.Metadata)+len(e.CorrelationID))
	}
	return size
}
