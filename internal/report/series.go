package report

import "github.com/appmetrics/appmetrics/internal/query"

// overTime returns the points to draw: none where nothing was requested.
func overTime(r *Report) []query.Point {
	if r.Performance.Metrics.TotalRequests == 0 {
		return nil
	}
	return r.TimeSeries.DataPoints
}

// per says what one point of the time series stands for.
func per(series *query.TimeSeries) string {
	if series.Interval == query.Daily {
		return "day"
	}
	return "hour"
}

// series returns one figure of every point; missing for points without it.
func series(r *Report, figure func(*query.PerformancePoint) *float64, missing float64) []float64 {
	values := make([]float64, len(r.TimeSeries.DataPoints))
	for i, p := range r.TimeSeries.DataPoints {
		values[i] = missing
		if p.PerformancePoint == nil {
			continue
		}
		if x := figure(p.PerformancePoint); x != nil {
			values[i] = *x
		}
	}
	return values
}

func requestsOf(p *query.PerformancePoint) *float64 { return count(p.TotalRequests) }
func errorsOf(p *query.PerformancePoint) *float64   { return count(p.ErrorCount) }
func p50Of(p *query.PerformancePoint) *float64      { return p.P50MS }
func p95Of(p *query.PerformancePoint) *float64      { return p.P95MS }
func p99Of(p *query.PerformancePoint) *float64      { return p.P99MS }

// highest returns the largest value that is a number; 0 without any.
func highest(values []float64) float64 {
	most := 0.0
	for _, v := range values {
		if v > most {
			most = v
		}
	}
	return most
}
