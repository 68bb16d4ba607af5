package tui

import (
	"context"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
)

// question is one that a source can be asked. Two with equal keys are the same
// question and share one answer; a range that has a name is the same range
// later on, so that the old answer can be shown until the new one is there.
type question struct {
	key any
	ask func(context.Context, query.Source) (any, error)
}

// following is a key of a question that is asked again and again, by the clock
// of the dashboard: once a second at most.
type following interface {
	// every is how old an answer may become before the next question.
	every() time.Duration
}

// every is 0 for a question whose answer is as good as the load.
func (q question) every() time.Duration {
	if k, ok := q.key.(following); ok {
		return k.every()
	}
	return 0
}

type statusKey struct{}

func askPerformance(p query.PerformanceParams) question {
	key := p
	key.Range = sameRange(p.Range)
	return question{key, func(ctx context.Context, s query.Source) (any, error) { return s.Performance(ctx, p) }}
}

func askUsage(p query.UsageParams) question {
	key := p
	key.Range = sameRange(p.Range)
	return question{key, func(ctx context.Context, s query.Source) (any, error) { return s.Usage(ctx, p) }}
}

func askTimeSeries(p query.TimeSeriesParams) question {
	key := p
	key.Range = sameRange(p.Range)
	return question{key, func(ctx context.Context, s query.Source) (any, error) { return s.TimeSeries(ctx, p) }}
}

func askErrors(p query.ErrorsParams) question {
	key := p
	key.Range = sameRange(p.Range)
	return question{key, func(ctx context.Context, s query.Source) (any, error) { return s.Errors(ctx, p) }}
}

func askStatus() question {
	return question{statusKey{}, func(ctx context.Context, s query.Source) (any, error) { return s.Status(ctx) }}
}

// asked is a question with what is known of its answer. It is a copy: nothing
// of it changes later.
type asked[T any] struct {
	// Value is the newest answer; nil before the first one. It stays when a
	// later attempt fails, and must not be changed.
	Value *T
	// At is when Value came.
	At time.Time
	// Since is when the question under way was asked; zero when none is.
	Since time.Time
	// Err says why the last attempt failed; nil when it did not.
	Err error
	// LostSince is when the first of the attempts failed that have failed in
	// a row, and NextTry when the next is due; zero when none has, and when it
	// is of no use to try again.
	LostSince, NextTry time.Time
	// Slow says that the question under way takes long.
	Slow bool
	// Old says that Value answers for an earlier load.
	Old bool
}

// phase is what a pane that shows an answer has to say of it.
type phase int

const (
	loading     phase = iota // nothing yet
	calculating              // nothing yet, for a while
	answered
	stale       // an answer that could not be replaced, or not for a while
	unavailable // no answer, and the last attempt failed
)

func (a asked[T]) phase() phase {
	switch {
	case a.Value != nil && (a.Err != nil || a.Old && a.Slow):
		return stale
	case a.Value != nil:
		return answered
	case a.Err != nil:
		return unavailable // while it is tried again, too
	case a.Slow:
		return calculating
	}
	return loading
}
