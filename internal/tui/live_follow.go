package tui

import (
	"context"
	"errors"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

const (
	// followEvery is how old an answer may become before the next question,
	// which the clock of the dashboard asks: once a second.
	followEvery = 500 * time.Millisecond
	// firstRows is how many of each kind are shown to begin with.
	firstRows = 100
	// followPages bounds how much is read of each kind at a time: as much as is
	// kept.
	followPages = mostArrivals / query.MaxLimit

	// Samples become visible after others that are newer: a request bears the
	// time at which it began, and an event waits in its browser for company.
	// That far back is looked again each time, and further now and then.
	requestsReach = 2 * time.Second
	eventsReach   = 15 * time.Second
	farReach      = time.Minute
	farEvery      = 5
	// clockSlack is how much later than now is asked, as clocks differ a bit.
	clockSlack = 30 * time.Second
	// longestAway is how far back arrivals are caught up with.
	longestAway = 24 * time.Hour
)

// reached is up to where the arrivals of an app are known. It is a value:
// questions under way hold their own.
type reached struct {
	app      string
	ahead    time.Duration // of the source's clock over ours
	begun    bool
	requests time.Time // of the newest known
	events   time.Time
	polls    int
}

// arrived is what came since a position, and perhaps some of what came before.
type arrived struct {
	requests []query.Request
	events   []query.Event
	from, to reached
	now      time.Time // by the source's clock
	skipped  int64     // came as well, and were too many to read
}

// follow asks what came since p.
func (p reached) follow(ctx context.Context, source query.Source, now func() time.Time) (*arrived, error) {
	if !p.begun {
		return p.begin(ctx, source, now)
	}
	a, err := p.next(ctx, source, now().Add(p.ahead))
	if errors.As(err, new(*metric.RangeError)) { // a clock was set
		return reached{app: p.app}.begin(ctx, source, now)
	}
	return a, err
}

// begin reads the newest rows of a range whose end is the source's own now.
func (p reached) begin(ctx context.Context, source query.Source, now func() time.Time) (*arrived, error) {
	ours := now()
	day, err := metric.ParseRange("24h", "", "", ours)
	if err != nil {
		return nil, err
	}
	requests, err := source.Requests(ctx, query.RequestsParams{Range: day, App: p.app, Limit: firstRows})
	if err != nil {
		return nil, err
	}
	events, err := source.Events(ctx, query.EventsParams{Range: day, App: p.app, Limit: firstRows})
	if err != nil {
		return nil, err
	}
	to := reached{app: p.app, begun: true, ahead: requests.EndTime.Sub(ours), requests: requests.EndTime, events: events.EndTime}
	return &arrived{requests: requests.Requests, events: events.Events, from: p, to: to, now: requests.EndTime}, nil
}

func (p reached) next(ctx context.Context, source query.Source, now time.Time) (*arrived, error) {
	a := &arrived{from: p, to: p, now: now}
	a.to.polls++
	far := a.to.polls%farEvery == 0
	gap, err := p.nextRequests(ctx, source, a)
	if err != nil {
		return nil, err
	}
	if far {
		late, err := source.Requests(ctx, query.RequestsParams{
			Range: since(now.Add(-farReach), now), App: p.app, MinMS: requestsReach.Seconds() * 1000, Limit: query.MaxLimit,
		})
		if err != nil {
			return nil, err
		}
		a.requests = append(a.requests, late.Requests...)
	}
	if gap.Duration() > 0 {
		answer, err := source.Performance(ctx, query.PerformanceParams{Range: gap, App: p.app})
		if err != nil {
			return nil, err
		}
		a.skipped += answer.Metrics.TotalRequests
	}
	reach := eventsReach
	if far {
		reach = farReach
	}
	if gap, err = p.nextEvents(ctx, source, a, reach); err != nil {
		return nil, err
	}
	if gap.Duration() > 0 {
		answer, err := source.Usage(ctx, query.UsageParams{Range: gap, App: p.app})
		if err != nil {
			return nil, err
		}
		a.skipped += answer.Metrics.TotalEvents
	}
	return a, nil
}

// nextRequests returns the part of the time since p that it did not get to.
func (p reached) nextRequests(ctx context.Context, source query.Source, a *arrived) (gap metric.Range, err error) {
	q := query.RequestsParams{Range: since(p.requests.Add(-requestsReach), a.now), App: p.app, Limit: query.MaxLimit}
	for range followPages {
		page, err := source.Requests(ctx, q)
		if err != nil {
			return gap, err
		}
		a.requests = append(a.requests, page.Requests...)
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			break
		}
	}
	if len(a.requests) > 0 {
		a.to.requests = newest(p.requests, a.requests[0].Timestamp, a.now)
		if oldest := a.requests[len(a.requests)-1].Timestamp; q.Cursor != "" && oldest.After(p.requests) {
			gap = between(p.requests.Add(time.Microsecond), oldest)
		}
	}
	return gap, nil
}

// nextEvents is nextRequests for events.
func (p reached) nextEvents(ctx context.Context, source query.Source, a *arrived, reach time.Duration) (gap metric.Range, err error) {
	q := query.EventsParams{Range: since(p.events.Add(-reach), a.now), App: p.app, Limit: query.MaxLimit}
	for range followPages {
		page, err := source.Events(ctx, q)
		if err != nil {
			return gap, err
		}
		a.events = append(a.events, page.Events...)
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			break
		}
	}
	if len(a.events) > 0 {
		a.to.events = newest(p.events, a.events[0].Timestamp, a.now)
		if oldest := a.events[len(a.events)-1].Timestamp; q.Cursor != "" && oldest.After(p.events) {
			gap = between(p.events.Add(time.Microsecond), oldest)
		}
	}
	return gap, nil
}

// since is the range up to now, as clocks may have it.
func since(start, now time.Time) metric.Range { return between(start, now.Add(clockSlack)) }

func between(start, end time.Time) metric.Range {
	if earliest := end.Add(-longestAway); start.Before(earliest) {
		start = earliest
	}
	return metric.Range{Start: start, End: end, Name: "custom"}
}

// newest is the later of two times, but not in the future.
func newest(known, came, now time.Time) time.Time {
	if came.After(now) {
		came = now
	}
	if came.After(known) {
		return came
	}
	return known
}
