package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// committer is the one goroutine that stores posts whose senders wait for the
// sink. Its source counts attempts rather than samples: each goes to a position
// of its own, so that where the source stands says which of them was stored.
type committer struct {
	q      *Queue
	writer *writer
	source uuid.UUID
	at     int64 // where the source stands, as far as is known
	top    int64 // the highest position of any attempt
}

func newCommitter(q *Queue) *committer {
	return &committer{q: q, writer: q.writer, source: uuid.New()}
}

func (c *committer) run(ctx context.Context) {
	stop := c.q.stop
	isStopping := false
	for {
		group := c.q.takeGroup()
		if len(group) > 0 {
			c.commit(ctx, group)
			continue
		}
		if ctx.Err() != nil || isStopping {
			if ctx.Err() == nil && c.at > 0 && c.writer.away() == nil {
				c.writer.forget(ctx, c.source)
			}
			return
		}
		select {
		case <-ctx.Done():
		case <-c.q.postWake:
		case <-stop:
			stop, isStopping = nil, true
		}
	}
}

// commit stores a group of posts. When it is refused they are stored one by
// one, so that only those at fault fail.
func (c *committer) commit(ctx context.Context, group []*post) {
	batches := make([]metric.Batch, len(group))
	for i, p := range group {
		batches[i] = p.batch
	}
	err := c.store(ctx, join(batches))
	if err != nil && len(group) > 1 && !isOver(ctx, err) && !c.writer.isAway(err) {
		c.commitEach(ctx, group)
		return
	}
	err = c.result(ctx, err)
	for _, p := range group {
		c.q.settle(p, err)
	}
}

func (c *committer) commitEach(ctx context.Context, group []*post) {
	var unavailable *UnavailableError
	for _, p := range group {
		if unavailable == nil {
			err := c.result(ctx, c.store(ctx, p.batch))
			if !errors.As(err, &unavailable) {
				c.q.settle(p, err)
				continue
			}
		}
		c.q.settle(p, unavailable)
	}
}

// result makes of a sink's error what the sender of a post gets.
func (c *committer) result(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case isOver(ctx, err):
		return &UnavailableError{RetryAfter: time.Second, Err: ErrStopped}
	case c.writer.isAway(err), isMoved(err):
		wait := c.writer.failed(err)
		return &UnavailableError{RetryAfter: min(wait, maxRetryAfter), Err: err}
	}
	c.q.opts.Logger.Error("posted batch was refused by the store", "error", err)
	return err
}

// tries bounds how often one batch is attempted: after its own failure, and
// after finding that an earlier one was stored after all.
const tries = 3

// store writes a batch. It returns nil when the batch is stored, and otherwise
// does not leave open whether it will be, as long as the sink answers.
func (c *committer) store(ctx context.Context, batch metric.Batch) (err error) {
	for range tries {
		to := c.next(batch.Len())
		if err = c.append(ctx, batch, to); err == nil || ctx.Err() != nil {
			return err
		}
		if isMoved(err) {
			continue // an earlier attempt came through: this one did not
		}
		isAnswered := c.fence(ctx)
		if c.at == to {
			c.q.countFound(int64(batch.Len()))
			return nil
		}
		if !isAnswered || !c.writer.unavailable(err) {
			return err
		}
		c.writer.repeated() // the sink is there: all that was wrong may be an old connection
	}
	return err
}

// fence moves the source on without a batch, so that an attempt that seemed to
// fail can no longer be stored, if it is not already. It says whether the sink
// answered.
func (c *committer) fence(ctx context.Context) bool {
	err := c.append(ctx, metric.Batch{}, c.next(1))
	return err == nil || isMoved(err) // any move is the end of attempts from before it
}

func (c *committer) next(n int) int64 {
	c.top += int64(n)
	return c.top
}

// append makes an attempt to go to a position, and learns where the source
// stands.
func (c *committer) append(ctx context.Context, batch metric.Batch, to int64) error {
	err := c.writer.append(ctx, batch, metric.Position{Source: c.source, From: c.at, To: to})
	var moved *metric.PositionError
	switch {
	case err == nil:
		c.at = to
	case errors.As(err, &moved):
		c.at = moved.Actual
	}
	return err
}
