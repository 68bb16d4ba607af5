package tui

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// A server elsewhere is followed by its own clock.
func TestLiveFollowsARemoteServer(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 24)
	for _, skew := range []time.Duration{-3 * time.Minute, 3 * time.Minute} {
		there := x.clock.Add(skew)
		source := clocked{query.New(query.Options{Store: x.store}), func() time.Time { return there }}
		p := reached{}
		ours := func() time.Time { return x.clock }
		came, err := p.follow(t.Context(), source, ours)
		if err != nil {
			t.Fatal(err)
		}
		r := x.request(0, "/there", 200)
		r.Timestamp = there.Add(-time.Second)
		x.requests(r)
		if came, err = came.to.follow(t.Context(), source, ours); err != nil || len(came.requests) != 1 {
			t.Errorf("%v away: got %v, %v, want the one that came", skew, came, err)
		}
	}
}

// clocked refuses ranges and ends named ones as a server with another clock
// does.
type clocked struct {
	query.Source
	now func() time.Time
}

func (c clocked) within(r metric.Range) (metric.Range, error) {
	if r.Name == "24h" {
		return metric.ParseRange("24h", "", "", c.now())
	}
	return metric.NewRange(r.Start, r.End, c.now())
}

func (c clocked) Requests(ctx context.Context, p query.RequestsParams) (_ *query.RequestsPage, err error) {
	if p.Range, err = c.within(p.Range); err != nil {
		return nil, err
	}
	return c.Source.Requests(ctx, p)
}

func (c clocked) Events(ctx context.Context, p query.EventsParams) (_ *query.EventsPage, err error) {
	if p.Range, err = c.within(p.Range); err != nil {
		return nil, err
	}
	return c.Source.Events(ctx, p)
}

// Where the source's clock was set meanwhile, following starts over.
func TestLiveStartsOverWhenAClockWasSet(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 24)
	there := x.clock
	source := clocked{query.New(query.Options{Store: x.store}), func() time.Time { return there }}
	came, err := reached{}.follow(t.Context(), source, func() time.Time { return x.clock })
	if err != nil {
		t.Fatal(err)
	}
	there = there.Add(-time.Hour)
	if came, err = came.to.follow(t.Context(), source, func() time.Time { return x.clock }); err != nil || came.from.begun || came.to.ahead != -time.Hour {
		t.Errorf("got %+v, %v, want a new beginning an hour earlier", came, err)
	}
}

// Lost and found again: what was shown stays, and what came meanwhile follows.
func TestLiveSurvivesALostSource(t *testing.T) {
	t.Parallel()
	var broken bool
	x := &stream{store: atNoon(t)}
	x.driver = drive(t, empty, 120, 24, func(o *Options) {
		o.Open = func(context.Context) (query.Source, func() error, error) {
			return cutOff{query.New(query.Options{Store: x.store, Now: o.Now}), &broken}, nil, nil
		}
	})
	x.press("5")
	x.requests(x.request(0, "/kept", 200))
	x.pass(1)
	broken = true
	x.pass(2)
	if len(x.shows("/kept")) != 1 || len(x.shows("lost since 12:34:58")) != 1 {
		t.Fatalf("lost:\n%s", x.View())
	}
	broken = false
	x.requests(x.request(0, "/meanwhile", 200))
	x.pass(10)
	if len(x.shows("/meanwhile")) != 1 || len(x.shows("lost since")) != 0 {
		t.Fatalf("found again:\n%s", x.View())
	}
}

type cutOff struct {
	query.Source
	broken *bool
}

func (f cutOff) Requests(ctx context.Context, p query.RequestsParams) (*query.RequestsPage, error) {
	if *f.broken {
		return nil, errors.New("connection refused")
	}
	return f.Source.Requests(ctx, p)
}
