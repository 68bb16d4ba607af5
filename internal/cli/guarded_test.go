package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// R16a: a decision holds for five minutes, yes and no; an error is none, and an
// expired yes is worth nothing.
func TestGuardedAsksAgainForAnAdministrator(t *testing.T) {
	t.Parallel()
	source := query.New(query.Options{Store: storetest.Open(t, store.SQLite)})
	clock := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	var says error
	asked := 0
	g := newGuarded(source, func(context.Context) error { asked++; return says }, func() time.Time { return clock }, clock)

	for _, step := range []struct {
		name  string
		pass  time.Duration
		says  error
		want  error
		asked int
	}{
		{"as found when it was opened", 0, nil, nil, 0},
		{"a moment before the end", 5*time.Minute - time.Nanosecond, admin.ErrForbidden, nil, 0},
		{"after five minutes", time.Nanosecond, nil, nil, 1},
		{"not extended by use", 4 * time.Minute, nil, nil, 1},
		{"no longer an administrator", time.Minute, fmt.Errorf("bob: %w", admin.ErrForbidden), admin.ErrForbidden, 2},
		{"a no is kept as well", time.Minute, nil, admin.ErrForbidden, 2},
		{"again an administrator", 4 * time.Minute, nil, nil, 3},
		{"the workspace is away", 5 * time.Minute, admin.ErrUnverifiable, admin.ErrUnverifiable, 4},
		{"that is not kept", 0, admin.ErrUnverifiable, admin.ErrUnverifiable, 5},
		{"it is back", 0, nil, nil, 6},
	} {
		clock, says = clock.Add(step.pass), step.says
		status, err := g.Status(t.Context())
		if !errors.Is(err, step.want) || asked != step.asked || (status == nil) != (err != nil) {
			t.Errorf("%s: got %v, %v, asked %d times; want %v, %d times", step.name, status, err, asked, step.want, step.asked)
		}
	}
}

func TestGuardedGuardsEveryQuestion(t *testing.T) {
	t.Parallel()
	now := time.Now()
	g := newGuarded(query.New(query.Options{Store: storetest.Open(t, store.SQLite)}),
		func(context.Context) error { return admin.ErrForbidden }, time.Now, now.Add(-decisionLife))
	ctx := t.Context()
	for name, ask := range map[string]func() (any, error){
		"performance": func() (any, error) { return g.Performance(ctx, query.PerformanceParams{}) },
		"usage":       func() (any, error) { return g.Usage(ctx, query.UsageParams{}) },
		"time series": func() (any, error) { return g.TimeSeries(ctx, query.TimeSeriesParams{}) },
		"errors":      func() (any, error) { return g.Errors(ctx, query.ErrorsParams{}) },
		"requests":    func() (any, error) { return g.Requests(ctx, query.RequestsParams{}) },
		"events":      func() (any, error) { return g.Events(ctx, query.EventsParams{}) },
		"count":       func() (any, error) { return g.Count(ctx, query.CountParams{}) },
		"status":      func() (any, error) { return g.Status(ctx) },
	} {
		if _, err := ask(); !errors.Is(err, admin.ErrForbidden) {
			t.Errorf("%s: got %v, want ErrForbidden", name, err)
		}
	}
}

// Questions that come together look up once, and one that is given up meanwhile
// does not wait for it.
func TestGuardedLooksUpOnceForQuestionsThatComeTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		g := newGuarded(nil, func(context.Context) error {
			asked.Add(1)
			time.Sleep(time.Second) // of synctest: how long the workspace takes
			return nil
		}, time.Now, time.Now().Add(-decisionLife))
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := g.admit(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := g.admit(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("given up: got %v", err)
		}
		all.Wait()
		if asked.Load() != 1 {
			t.Errorf("asked %d times, want once", asked.Load())
		}
	})
}
