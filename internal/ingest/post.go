package ingest

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unsafe"

	"github.com/appmetrics/appmetrics/internal/metric"
)

const (
	// groupBatches is how many BatchSizes one group commit carries at most.
	groupBatches = 10

	// probeEvery is how often a post may find out whether a store that was
	// away is back.
	probeEvery = time.Second

	// maxRetryAfter bounds what refused posts are told: they find the store
	// back sooner than the backoff would.
	maxRetryAfter = 30 * time.Second
)

// post is a batch whose sender waits.
type post struct {
	batch metric.Batch
	size  int64
	done  chan error // capacity 1: its result
}

// Accept stores a posted batch and returns nil only after it is committed.
// Batches that arrive while a commit is under way share the next one, each
// with its own result. A *UnavailableError says that the batch may be sent
// again later; any other error of the sink, that this batch was refused. When
// ctx is over first, ctx's error is returned and the batch may or may not be
// stored. The batch must not be changed after the call.
func (q *Queue) Accept(ctx context.Context, batch metric.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	p := &post{batch: batch, size: batchSize(batch), done: make(chan error, 1)}
	if err := q.enqueue(p); err != nil {
		return err
	}
	q.signal()
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		q.abandon(p)
		return fmt.Errorf("accept batch: %w", context.Cause(ctx))
	}
}

func (q *Queue) enqueue(p *post) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := p.batch.Len()
	if err := q.refusal(n, p.size); err != nil {
		q.stats.Rejected += int64(n)
		return err
	}
	q.posts = append(q.posts, p)
	q.postDepth += n
	q.postBytes += p.size
	return nil
}

// refusal returns why a batch is not taken at present, or nil. The caller
// holds q.mu.
func (q *Queue) refusal(n int, size int64) error {
	switch {
	case q.stopping:
		return &UnavailableError{RetryAfter: time.Second, Err: ErrStopped}
	case q.postDepth > 0 && (q.postDepth+n > q.opts.Capacity || q.postBytes+size > q.opts.CapacityBytes):
		return &UnavailableError{RetryAfter: time.Second, Err: ErrBusy}
	case q.away == nil:
		return nil
	}
	now := time.Now()
	if q.isWriting || now.Sub(q.probedAt) < probeEvery {
		wait := min(max(q.nextTry.Sub(now), time.Second), maxRetryAfter)
		return &UnavailableError{RetryAfter: wait, Err: q.away}
	}
	q.probedAt = now
	return nil
}

// abandon takes a post out of the line when its commit has not begun.
func (q *Queue) abandon(p *post) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.posts, p); i >= 0 {
		q.posts = slices.Delete(q.posts, i, i+1)
		q.release(p)
		q.stats.Rejected += int64(p.batch.Len())
	}
}

// release gives back the room of a post. The caller holds q.mu.
func (q *Queue) release(p *post) {
	q.postDepth -= p.batch.Len()
	q.postBytes -= p.size
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
	n := int64(p.batch.Len())
	q.mu.Lock()
	q.release(p)
	if err == nil {
		q.stats.Accepted += n
	} else {
		q.stats.Rejected += n
	}
	q.mu.Unlock()
	p.done <- err
}

// combine joins the batches of a group.
func combine(group []*post) metric.Batch {
	all := group[0].batch
	if len(group) == 1 {
		return all
	}
	all.Requests, all.Events = slices.Clip(all.Requests), slices.Clip(all.Events)
	for _, p := range group[1:] {
		all.Requests = append(all.Requests, p.batch.Requests...)
		all.Events = append(all.Events, p.batch.Events...)
	}
	return all
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
