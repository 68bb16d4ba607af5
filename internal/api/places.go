package api

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/appmetrics/appmetrics/internal/level"
)

// DefaultMaxQuestions is how many questions of administrators are answered at
// once: what a dashboard asks when it opens.
const DefaultMaxQuestions = 8

// questionPatience is how long a question waits for others to be answered, and
// then how long who asked it should wait before asking again.
const questionPatience = 2 * time.Second

// errBusy is why a question is refused that waited for too long.
var errBusy = errors.New("too many questions at once")

// lasts is how long a question holds its place before it counts for the warning
// that places run out: for a moment all of them may well be taken.
const lasts = time.Second

// places bound how many questions are answered at once, so that heavy ones hold
// neither every connection of the database nor all of the processor. Those that
// wait are let in by order of their coming.
type places struct {
	free *semaphore.Weighted
	most int64

	lasting atomic.Int64 // questions that have held their places for longer than a moment
	level   *level.Level
	log     *slog.Logger
}

// newPlaces returns n places for what the log calls what.
func newPlaces(n int, what string, log *slog.Logger) *places {
	return &places{
		free: semaphore.NewWeighted(int64(n)), most: int64(n), log: log,
		level: level.New(what, "further ones wait for 2 s and are then refused with 503"),
	}
}

// take returns once there is a place; leave gives it back. The error is errBusy,
// or that of ctx.
func (p *places) take(ctx context.Context) (leave func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, questionPatience)
	defer cancel()
	switch err := p.free.Acquire(waiting, 1); {
	case err == nil:
		counted := time.AfterFunc(lasts, func() { p.last(1) })
		return func() {
			p.free.Release(1)
			if !counted.Stop() {
				p.last(-1)
			}
		}, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, errBusy
}

// last notes that so many questions more hold their places for long.
func (p *places) last(change int64) { p.level.Check(p.log, p.lasting.Add(change), p.most) }
