package api

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/semaphore"
)

// DefaultMaxQuestions is how many questions of administrators are answered at
// once: what a dashboard asks when it opens.
const DefaultMaxQuestions = 8

// questionPatience is how long a question waits for others to be answered, and
// then how long who asked it should wait before asking again.
const questionPatience = 2 * time.Second

// errBusy is why a question is refused that waited for too long.
var errBusy = errors.New("too many questions at once")

// places bound how many questions are answered at once, so that heavy ones hold
// neither every connection of the database nor all of the processor. Those that
// wait are let in by order of their coming.
type places struct{ free *semaphore.Weighted }

func newPlaces(n int) places { return places{semaphore.NewWeighted(int64(n))} }

// take returns once there is a place; leave gives it back. The error is errBusy,
// or that of ctx.
func (p places) take(ctx context.Context) (leave func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, questionPatience)
	defer cancel()
	switch err := p.free.Acquire(waiting, 1); {
	case err == nil:
		return func() { p.free.Release(1) }, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, errBusy
}
