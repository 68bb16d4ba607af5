package query

import (
	"context"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// TimeSeries implements Source.
func (e *Engine) TimeSeries(ctx context.Context, p TimeSeriesParams) (*TimeSeries, error) {
	return bounded(ctx, e.timeout, "time series", func(ctx context.Context) (*TimeSeries, error) {
		if err := p.check(); err != nil {
			return nil, err
		}
		rollups, err := e.store.Summarize(ctx, p.question())
		if err != nil {
			return nil, err
		}
		return p.answer(rollups[0]), nil
	})
}

func (p *TimeSeriesParams) check() error {
	switch p.MetricType {
	case MetricPerformance, MetricUsage, MetricBoth:
	default:
		return notAllowed("metric_type", string(p.MetricType), "one of performance, usage, both")
	}
	switch p.Interval {
	case Hourly, Daily:
	case "":
		p.Interval = Hourly
	default:
		return notAllowed("interval", string(p.Interval), "one of hourly, daily")
	}
	return nil
}

// question covers both kinds at once: each filter selects the kind that has
// its dimension and leaves the other alone.
func (p *TimeSeriesParams) question() store.Question {
	q := store.Question{
		Range: p.Range, App: p.App, By: store.ByHour,
		Endpoint: p.Endpoint, Method: p.Method, EventType: p.EventType,
	}
	if p.Interval == Daily {
		q.By = store.ByDay
	}
	if p.MetricType != MetricUsage {
		q.Kinds = append(q.Kinds, metric.KindPerformance)
	}
	if p.MetricType != MetricPerformance {
		q.Kinds = append(q.Kinds, metric.KindUsage)
	}
	return q
}

func (p *TimeSeriesParams) answer(rollups []metric.Rollup) *TimeSeries {
	type slot struct {
		kind metric.Kind
		at   int64 // Unix seconds: times compare by zone and clock, too
	}
	found := map[slot]*metric.Rollup{}
	for i := range rollups {
		found[slot{rollups[i].Kind, rollups[i].Bucket.Unix()}] = &rollups[i]
	}
	at := func(kind metric.Kind, t time.Time) *metric.Rollup {
		if r := found[slot{kind, t.Unix()}]; r != nil {
			return r
		}
		return &metric.Rollup{}
	}
	answer := &TimeSeries{Period: period(p.Range), Interval: p.Interval, DataPoints: []Point{}}
	for _, t := range p.Range.Buckets(p.Interval.duration()) {
		point := Point{Timestamp: instant(t)}
		if p.MetricType != MetricUsage {
			point.PerformancePoint = performancePoint(at(metric.KindPerformance, t))
		}
		if p.MetricType != MetricPerformance {
			point.UsagePoint = usagePoint(at(metric.KindUsage, t))
		}
		answer.DataPoints = append(answer.DataPoints, point)
	}
	return answer
}

func (i Interval) duration() time.Duration {
	if i == Daily {
		return 24 * time.Hour
	}
	return time.Hour
}

func performancePoint(r *metric.Rollup) *PerformancePoint {
	point := &PerformancePoint{
		TotalRequests: r.Count, ErrorCount: r.ErrorCount, ErrorRate: r.ErrorRate(), ActiveUsers: r.ActiveUsers(),
	}
	if r.Count > 0 {
		l := latency(r)
		point.AverageMS, point.P50MS, point.P95MS, point.P99MS = &l.AverageMS, &l.P50MS, &l.P95MS, &l.P99MS
	}
	return point
}

func usagePoint(r *metric.Rollup) *UsagePoint {
	return &UsagePoint{TotalEvents: r.Count, UniqueUsers: r.ActiveUsers()}
}
