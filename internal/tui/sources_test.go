package tui

import (
	"context"
	"fmt"
	"sync"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

// remembering answers a question that it knows at once, so that hundreds of
// dashboards can be drawn from one database. Its answers are not to be changed.
type remembering struct {
	source  query.Source
	mu      sync.Mutex
	answers map[any]any
}

func remember[P comparable, A any](ctx context.Context, r *remembering, params P, ask func(context.Context, P) (*A, error)) (*A, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if known, ok := r.answers[params].(*A); ok {
		return known, nil
	}
	answer, err := ask(ctx, params)
	if err == nil {
		if r.answers == nil {
			r.answers = make(map[any]any)
		}
		r.answers[params] = answer
	}
	return answer, err
}

func (r *remembering) Performance(ctx context.Context, p query.PerformanceParams) (*query.Performance, error) {
	return remember(ctx, r, p, r.source.Performance)
}

func (r *remembering) Usage(ctx context.Context, p query.UsageParams) (*query.Usage, error) {
	return remember(ctx, r, p, r.source.Usage)
}

func (r *remembering) TimeSeries(ctx context.Context, p query.TimeSeriesParams) (*query.TimeSeries, error) {
	return remember(ctx, r, p, r.source.TimeSeries)
}

func (r *remembering) Errors(ctx context.Context, p query.ErrorsParams) (*query.Errors, error) {
	return remember(ctx, r, p, r.source.Errors)
}

func (r *remembering) Requests(ctx context.Context, p query.RequestsParams) (*query.RequestsPage, error) {
	return remember(ctx, r, p, r.source.Requests)
}

func (r *remembering) Events(ctx context.Context, p query.EventsParams) (*query.EventsPage, error) {
	return remember(ctx, r, p, r.source.Events)
}

func (r *remembering) Count(ctx context.Context, p query.CountParams) (*query.Count, error) {
	return remember(ctx, r, p, r.source.Count)
}

// Status is asked anew each time: some tests make an ailing one of its answer.
func (r *remembering) Status(ctx context.Context) (*query.Status, error) { return r.source.Status(ctx) }

// away is a source that was lost after it was opened.
type away struct{}

func (away) err() error { return fmt.Errorf("read snapshot: %w", store.ErrUnavailable) }

func (a away) Performance(context.Context, query.PerformanceParams) (*query.Performance, error) {
	return nil, a.err()
}

func (a away) Usage(context.Context, query.UsageParams) (*query.Usage, error) { return nil, a.err() }

func (a away) TimeSeries(context.Context, query.TimeSeriesParams) (*query.TimeSeries, error) {
	return nil, a.err()
}

func (a away) Errors(context.Context, query.ErrorsParams) (*query.Errors, error) { return nil, a.err() }

func (a away) Requests(context.Context, query.RequestsParams) (*query.RequestsPage, error) {
	return nil, a.err()
}

func (a away) Events(context.Context, query.EventsParams) (*query.EventsPage, error) {
	return nil, a.err()
}

func (a away) Count(context.Context, query.CountParams) (*query.Count, error) { return nil, a.err() }

func (a away) Status(context.Context) (*query.Status, error) { return nil, a.err() }
