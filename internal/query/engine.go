package query

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/sketch"
	"github.com/appmetrics/appmetrics/internal/store"
)

// DefaultTimeout is how long a question may take.
const DefaultTimeout = 10 * time.Second

// Options configure an Engine. Store is required.
type Options struct {
	Store *store.Store
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Timeout is how long a question may take; 0 means DefaultTimeout.
	Timeout time.Duration
	// Collection says what waits to be written; nil where nothing is collected.
	Collection func() Collection
	// WarnRows and LimitRows are the growth guard's thresholds, for Status.
	WarnRows, LimitRows int64
}

// Engine answers questions from a store. Every answer is read from one
// snapshot of the database. It is safe for concurrent use.
type Engine struct {
	store               *store.Store
	now                 func() time.Time
	timeout             time.Duration
	collection          func() Collection
	warnRows, limitRows int64
	known               atomic.Pointer[known]
}

var _ Source = (*Engine)(nil)

// New returns an engine over an open store, which stays the caller's to close.
// Besides what Source promises, its methods return the store's errors wrapped:
// store.ErrUnavailable when the database is away.
func New(o Options) *Engine {
	e := &Engine{
		store: o.Store, now: o.Now, timeout: o.Timeout, collection: o.Collection,
		warnRows: o.WarnRows, limitRows: o.LimitRows,
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.timeout == 0 {
		e.timeout = DefaultTimeout
	}
	if e.collection == nil {
		e.collection = func() Collection { return Collection{} }
	}
	return e
}

// bounded runs one question under a time limit and names it in
// errors. Drivers word an interrupted statement in their own ways, so the
// contexts decide whether the limit was the cause.
func bounded[T any](ctx context.Context, timeout time.Duration, name string, ask func(context.Context) (*T, error)) (*T, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := ask(limited)
	switch {
	case err == nil:
		return answer, nil
	case ctx.Err() == nil && limited.Err() != nil:
		return nil, fmt.Errorf("%s: no answer within %s: %w", name, timeout, ErrTimeout)
	}
	return nil, fmt.Errorf("%s: %w", name, err)
}

// notAllowed says which parameter cannot be asked with.
func notAllowed(field, value, allowed string) error {
	return &metric.FieldError{Field: field, Value: strconv.Quote(fmt.Sprintf("%.80s", value)), Allowed: allowed}
}

// total merges the rollups of one kind.
func total(rollups []metric.Rollup, kind metric.Kind) metric.Rollup {
	sum := metric.Rollup{Key: metric.Key{Kind: kind}}
	for i := range rollups {
		if rollups[i].Kind == kind {
			sum.Merge(&rollups[i])
		}
	}
	return sum
}

// people counts the distinct users of rollups of any kind together.
type people struct {
	known     sketch.Distinct
	opaque    int64
	anonymous int64
}

func (p *people) add(rollups ...*metric.Rollup) {
	for _, r := range rollups {
		p.known.Merge(&r.Users)
		p.opaque = max(p.opaque, r.OpaqueUsers)
		p.anonymous += r.Anonymous
	}
}

// count returns the number of users; all anonymous samples together are one
// more when asked for.
func (p *people) count(includeAnonymous bool) int64 {
	n := max(int64(p.known.Count()), p.opaque)
	if includeAnonymous && p.anonymous > 0 {
		n++
	}
	return n
}

func countUsers(includeAnonymous bool, rollups ...*metric.Rollup) int64 {
	var p people
	p.add(rollups...)
	return p.count(includeAnonymous)
}
