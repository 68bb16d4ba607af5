package tui

import (
	"cmp"
	"context"
	"slices"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// endpointName tells endpoints apart; both parts as they came.
type endpointName struct{ method, endpoint string }

func (n endpointName) String() string { return n.method + " " + n.endpoint }

func (n endpointName) figures(c scope) question {
	p := c.performance()
	p.Endpoint, p.Method = n.endpoint, n.method
	return askPerformance(p)
}

// course asks how the requests of an endpoint went over time.
func (n endpointName) course(c scope) question {
	p := c.timeSeries()
	p.MetricType, p.Endpoint, p.Method = query.MetricPerformance, n.endpoint, n.method
	return askTimeSeries(p)
}

func (n endpointName) errors(c scope) question {
	p := c.errors()
	p.Endpoint, p.Method = n.endpoint, n.method
	return askErrors(p)
}

func (n endpointName) requests(c scope) query.RequestsParams {
	p := c.requests()
	p.Endpoint, p.Method = n.endpoint, n.method
	return p
}

// listed is how many single requests a list holds.
const listed = 100

// found is single requests that are still stored.
type found struct {
	requests []query.Request
	whole    bool // none was left out because there are too many to look at
}

// The questions that lead to lists of requests differ from those that they are
// put together from.
type (
	failingKey struct{ query.RequestsParams }
	slowestKey struct{ query.RequestsParams }
)

// failing asks for the newest requests that failed.
func (n endpointName) failing(c scope) question {
	p := n.requests(c)
	p.Limit = listed
	key := p
	key.Range = sameRange(p.Range)
	return question{failingKey{key}, func(ctx context.Context, s query.Source) (any, error) { return askFailing(ctx, s, p) }}
}

func askFailing(ctx context.Context, s query.Source, p query.RequestsParams) (*found, error) {
	all := &found{whole: true}
	for _, p.Status = range []string{"4xx", "5xx"} {
		page, err := s.Requests(ctx, p)
		if err != nil {
			return nil, err
		}
		all.requests = append(all.requests, page.Requests...)
		all.whole = all.whole && page.NextCursor == ""
	}
	slices.SortStableFunc(all.requests, func(a, b query.Request) int { return b.Timestamp.Compare(a.Timestamp) })
	all.requests = all.requests[:min(len(all.requests), listed)]
	return all, nil
}

// slowest asks for the slowest requests, of an endpoint whose response times
// are distributed like this.
func (n endpointName) slowest(c scope, buckets []query.HistogramBucket) question {
	p := n.requests(c)
	p.Limit = query.MaxLimit
	key := p
	key.Range = sameRange(p.Range)
	return question{slowestKey{key}, func(ctx context.Context, s query.Source) (any, error) {
		return askSlowest(ctx, s, p, buckets)
	}}
}

// askSlowest returns the slowest requests, slowest first. A source gives the
// newest first, so it is asked for those above a time that the histogram says
// few exceed. The histogram reaches further back than single requests do: when
// too few are left, the time is lowered.
func askSlowest(ctx context.Context, s query.Source, p query.RequestsParams, buckets []query.HistogramBucket) (*found, error) {
	total := int64(0)
	for _, b := range buckets {
		total += b.Count
	}
	var all *found
	for _, least := range slices.Compact([]float64{exceeded(buckets, listed), exceeded(buckets, (total+19)/20), 0}) {
		var err error
		if all, err = askSlower(ctx, s, p, least); err != nil {
			return nil, err
		}
		if int64(len(all.requests)) >= min(listed, total) {
			break
		}
	}
	return all, nil
}

// exceeded returns a time so that the wanted slowest requests took at least as
// long, and few others did; in milliseconds.
func exceeded(buckets []query.HistogramBucket, wanted int64) float64 {
	seen := int64(0)
	for _, b := range slices.Backward(buckets) {
		if seen += b.Count; seen >= wanted {
			return b.LowMS
		}
	}
	return 0
}

// mostPages is how many pages of single requests are looked at for the slowest.
const mostPages = 20

// askSlower reads requests page by page and keeps the slowest, asking only for
// what is slower than those that it has. When time is up, those are the answer.
func askSlower(ctx context.Context, s query.Source, p query.RequestsParams, least float64) (*found, error) {
	all := &found{}
	for range mostPages {
		p.MinMS = least
		page, err := s.Requests(ctx, p)
		if err != nil && ctx.Err() != nil && len(all.requests) > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		all.requests = append(all.requests, page.Requests...)
		slices.SortStableFunc(all.requests, func(a, b query.Request) int { return cmp.Compare(b.ResponseTimeMS, a.ResponseTimeMS) })
		if len(all.requests) >= listed {
			all.requests = all.requests[:listed]
			least = all.requests[listed-1].ResponseTimeMS
		}
		if p.Cursor = page.NextCursor; p.Cursor == "" {
			all.whole = true
			break
		}
	}
	return all, nil
}

// beforeKey is the question about every endpoint in the period before.
type beforeKey struct{ query.PerformanceParams }

// before asks for every endpoint in the period that an answer was compared
// with, in exactly its bounds; false where there is none.
func before(c scope, now *query.Performance) (question, bool) {
	previous := now.Previous
	if previous == nil || !previous.Complete {
		return question{}, false
	}
	p := c.performance()
	p.Compare = false
	key := p
	key.Range = sameRange(c.rng)
	p.Range = metric.Range{Name: "custom", Start: previous.StartTime, End: previous.EndTime}
	return question{beforeKey{key}, func(ctx context.Context, s query.Source) (any, error) { return s.Performance(ctx, p) }}, true
}
