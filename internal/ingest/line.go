package ingest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// askTimeout bounds the question where a source stands.
const askTimeout = 5 * time.Second

// errSinkPanic is what a panic of the sink becomes.
var errSinkPanic = errors.New("sink panicked")

// writer hands batches to the sink, bounded in time, its panics made errors.
// It is safe for concurrent use.
type writer struct {
	*outage
	sink      Sink
	timeout   time.Duration
	recovered func() // called when a store that was away has taken something
}

// append is Sink.Append.
func (w *writer) append(ctx context.Context, batch metric.Batch, at metric.Position) (err error) {
	w.began()
	err = w.guard(ctx, w.timeout, func(ctx context.Context) error { return w.sink.Append(ctx, batch, at) })
	w.ended(err)
	if err == nil && w.isBack() {
		w.recovered()
	}
	return err
}

// position is Sink.Position.
func (w *writer) position(ctx context.Context, source uuid.UUID) (at int64, err error) {
	err = w.guard(ctx, min(w.timeout, askTimeout), func(ctx context.Context) (err error) {
		at, err = w.sink.Position(ctx, source)
		return err
	})
	return at, err
}

// forget is Sink.Forget. A source that is not forgotten costs little.
func (w *writer) forget(ctx context.Context, sources ...uuid.UUID) {
	if len(sources) == 0 {
		return
	}
	err := w.guard(ctx, min(w.timeout, askTimeout), func(ctx context.Context) error { return w.sink.Forget(ctx, sources...) })
	if err != nil {
		w.logger.Info("sources that are done were not forgotten", "sources", len(sources), "error", err)
	}
}

func (w *writer) guard(ctx context.Context, timeout time.Duration, call func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer func() {
		cancel()
		if p := recover(); p != nil {
			w.logger.Error("sink panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", errSinkPanic, p)
		}
	}()
	return call(ctx)
}

// isOver says whether a write failed because Stop's time was up.
func isOver(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() != nil
}

// line is the way of one source's samples to the sink. Each has its number, in
// the order in which they are written, and everything before the line's
// position is stored. So it does not matter what becomes of an attempt whose
// answer is lost, not even if the store takes it later: the same samples keep
// their numbers, and whichever attempt comes second stores nothing. It is not
// safe for concurrent use.
type line struct {
	*writer
	source   uuid.UUID
	at       int64 // where the source stands, as far as is known
	isSilent bool  // the store did not say where after the last failure
	found    int64 // samples that were stored by an attempt that seemed to fail

	aside func(refused metric.Batch, cause error) // keeps what is passed over; may be nil
}

// newLine returns the line of a new source, which stands at 0.
func newLine(w *writer) *line { return &line{writer: w, source: uuid.New()} }

// ask finds out where the source stands.
func (l *line) ask(ctx context.Context) error {
	at, err := l.position(ctx, l.source)
	if l.isSilent = err != nil; err == nil {
		l.move(at)
	}
	return err
}

// move notes where the source stands.
func (l *line) move(at int64) {
	if at < l.at {
		l.logger.Warn("the store knows less than it has taken; was it restored?",
			"source", l.source, "position", at, "expected", l.at)
	}
	l.at = at
}

// append writes a batch whose last sample is the one before to. When it returns
// nil, everything before to is stored, by this attempt or an earlier one. When
// it returns an error, the line may stand somewhere else than before.
//
// A store that answers although it did not take the batch is tried once more at
// once: all that is wrong with a connection that broke may be its age.
func (l *line) append(ctx context.Context, batch metric.Batch, to int64, receivedAt time.Time) error {
	from := l.at
	err := l.once(ctx, batch, to, receivedAt)
	if err == nil || ctx.Err() != nil || l.isSilent || l.at != from || !l.unavailable(err) || l.away() != nil {
		return err
	}
	l.repeated()
	return l.once(ctx, batch, to, receivedAt)
}

func (l *line) once(ctx context.Context, batch metric.Batch, to int64, receivedAt time.Time) error {
	from := l.at
	err := l.writer.append(ctx, batch, metric.Position{Source: l.source, From: from, To: to, ReceivedAt: receivedAt})
	var moved *metric.PositionError
	switch {
	case err == nil:
		l.at = to
		return nil
	case ctx.Err() != nil:
		return err
	case errors.As(err, &moved):
		l.isSilent = false
		l.move(moved.Actual)
	default:
		_ = l.ask(ctx) // the next attempt asks again
	}
	if l.at > from {
		l.found += min(l.at, to) - from
	}
	if from < to && l.at >= to {
		return nil
	}
	return err
}
