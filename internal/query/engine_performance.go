package query

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// Performance implements Source.
func (e *Engine) Performance(ctx context.Context, p PerformanceParams) (*Performance, error) {
	return bounded(ctx, e.timeout, "performance", func(ctx context.Context) (*Performance, error) {
		now := e.now()
		questions := []store.Question{p.question(p.Range, store.ByEndpoint|store.ByMethod)}
		if p.Compare && !forgotten(p.Range.Previous(), now) {
			questions = append(questions, p.question(p.Range.Previous(), 0))
		}
		rollups, err := e.store.Summarize(ctx, questions...)
		if err != nil {
			return nil, err
		}
		return p.answer(rollups[0], slices.Concat(rollups[1:]...), now), nil
	})
}

// question asks for the requests and, unless they are filtered by what events
// do not have, for the users of events too.
func (p PerformanceParams) question(r metric.Range, by store.Dims) store.Question {
	kinds := []metric.Kind{metric.KindPerformance}
	if p.Endpoint == "" && p.Method == "" {
		kinds = append(kinds, metric.KindUsage)
	}
	return store.Question{
		Kinds: kinds, Range: r, App: p.App, By: by,
		Endpoint: p.Endpoint, Method: p.Method,
	}
}

func (p PerformanceParams) answer(rollups, before []metric.Rollup, now time.Time) *Performance {
	requests := total(rollups, metric.KindPerformance)
	answer := &Performance{
		Period:      period(p.Range),
		Metrics:     p.metrics(rollups),
		Endpoints:   p.endpoints(rollups),
		StatusCodes: requests.StatusCodes,
	}
	if answer.StatusCodes == nil {
		answer.StatusCodes = map[int]int64{}
	}
	if p.Endpoint != "" {
		answer.Histogram = histogram(&requests)
	}
	if p.Compare {
		previous := p.Range.Previous()
		answer.Previous = &PreviousPerformance{
			StartTime: instant(previous.Start), EndTime: instant(previous.End),
			Complete: retained(previous, now),
			Metrics:  p.metrics(before),
		}
	}
	return answer
}

func (p PerformanceParams) metrics(rollups []metric.Rollup) PerformanceMetrics {
	requests, events := total(rollups, metric.KindPerformance), total(rollups, metric.KindUsage)
	return PerformanceMetrics{
		Latency:           latency(&requests),
		TotalRequests:     requests.Count,
		ErrorCount:        requests.ErrorCount,
		ErrorRate:         requests.ErrorRate(),
		ActiveUsers:       countUsers(p.IncludeAnonymous, &requests, &events),
		AnonymousRequests: requests.Anonymous,
	}
}

func (p PerformanceParams) endpoints(rollups []metric.Rollup) []EndpointPerformance {
	endpoints := []EndpointPerformance{}
	for i := range rollups {
		r := &rollups[i]
		if r.Kind != metric.KindPerformance {
			continue
		}
		endpoints = append(endpoints, EndpointPerformance{
			Endpoint: r.Endpoint, Method: r.Method,
			RequestCount: r.Count, ErrorCount: r.ErrorCount, ErrorRate: r.ErrorRate(),
			Latency:           latency(r),
			ActiveUsers:       countUsers(p.IncludeAnonymous, r),
			AnonymousRequests: r.Anonymous,
		})
	}
	slices.SortFunc(endpoints, func(a, b EndpointPerformance) int {
		return cmp.Or(cmp.Compare(b.AverageMS, a.AverageMS), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Method, b.Method))
	})
	return endpoints
}

func latency(r *metric.Rollup) Latency {
	if r.Count == 0 {
		return Latency{}
	}
	return Latency{
		AverageMS: r.AverageMS(),
		P50MS:     r.Percentile(0.50), P95MS: r.Percentile(0.95), P99MS: r.Percentile(0.99),
		MinMS: r.MinMS, MaxMS: r.MaxMS,
	}
}

func histogram(r *metric.Rollup) []HistogramBucket {
	buckets := []HistogramBucket{}
	for b := range r.Latency.Buckets() {
		buckets = append(buckets, HistogramBucket{LowMS: b.Low, HighMS: b.High, Count: int64(b.Count)})
	}
	return buckets
}

// retained says whether rows of the whole range are still stored.
func retained(r metric.Range, now time.Time) bool {
	return !r.Start.Before(now.Add(-metric.Retention))
}

// forgotten says whether no row of the range is kept. Some may wait for the
// next aggregation to delete them: how many says nothing about the app.
func forgotten(r metric.Range, now time.Time) bool {
	return !r.End.After(now.Add(-metric.Retention))
}
