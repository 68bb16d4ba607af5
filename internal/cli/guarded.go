package cli

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/query"
)

// decisionLife is how long it holds that somebody is, or is not, an
// administrator.
const decisionLife = 5 * time.Minute

// guarded is a source that answers administrators alone. Who asks is looked up
// again when the decision is too old; an error is no decision.
type guarded struct {
	source query.Source
	check  func(context.Context) error
	now    func() time.Time

	turn chan struct{} // holds one token: who has it may look up
	mu   sync.Mutex
	held error // nil or ErrForbidden: the decision
	till time.Time
}

var _ query.Source = (*guarded)(nil)

// newGuarded returns the guarded source of somebody who was found to be an
// administrator by a check that began at a time.
func newGuarded(source query.Source, check func(context.Context) error, now func() time.Time, began time.Time) *guarded {
	g := &guarded{source: source, check: check, now: now, turn: make(chan struct{}, 1), till: began.Add(decisionLife)}
	g.turn <- struct{}{}
	return g
}

// admit returns nil for an administrator, else why not.
func (g *guarded) admit(ctx context.Context) error {
	if held, ok := g.decided(); ok {
		return held
	}
	select { // questions that come together look up once
	case <-g.turn:
		defer func() { g.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if held, ok := g.decided(); ok {
		return held
	}
	began := g.now()
	err := g.check(ctx)
	if err == nil || errors.Is(err, admin.ErrForbidden) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.held, g.till = err, began.Add(decisionLife)
	}
	return err
}

func (g *guarded) decided() (held error, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.held, g.now().Before(g.till)
}

// admitted asks for an administrator.
func admitted[P, A any](ctx context.Context, g *guarded, p P, ask func(context.Context, P) (*A, error)) (*A, error) {
	if err := g.admit(ctx); err != nil {
		return nil, err
	}
	return ask(ctx, p)
}

// Performance implements query.Source.
func (g *guarded) Performance(ctx context.Context, p query.PerformanceParams) (*query.Performance, error) {
	return admitted(ctx, g, p, g.source.Performance)
}

// Usage implements query.Source.
func (g *guarded) Usage(ctx context.Context, p query.UsageParams) (*query.Usage, error) {
	return admitted(ctx, g, p, g.source.Usage)
}

// TimeSeries implements query.Source.
func (g *guarded) TimeSeries(ctx context.Context, p query.TimeSeriesParams) (*query.TimeSeries, error) {
	return admitted(ctx, g, p, g.source.TimeSeries)
}

// Errors implements query.Source.
func (g *guarded) Errors(ctx context.Context, p query.ErrorsParams) (*query.Errors, error) {
	return admitted(ctx, g, p, g.source.Errors)
}

// Requests implements query.Source.
func (g *guarded) Requests(ctx context.Context, p query.RequestsParams) (*query.RequestsPage, error) {
	return admitted(ctx, g, p, g.source.Requests)
}

// Events implements query.Source.
func (g *guarded) Events(ctx context.Context, p query.EventsParams) (*query.EventsPage, error) {
	return admitted(ctx, g, p, g.source.Events)
}

// Count implements query.Source.
func (g *guarded) Count(ctx context.Context, p query.CountParams) (*query.Count, error) {
	return admitted(ctx, g, p, g.source.Count)
}

// Status implements query.Source.
func (g *guarded) Status(ctx context.Context) (*query.Status, error) {
	if err := g.admit(ctx); err != nil {
		return nil, err
	}
	return g.source.Status(ctx)
}
