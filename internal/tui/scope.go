package tui

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// longestHourly is the longest range whose time series has a point an hour;
// that of longer ones, where hours no longer fit into a chart, one a day.
const longestHourly = 14 * 24 * time.Hour

// scope is what all questions of the dashboard are about.
type scope struct {
	rng       metric.Range
	app       string
	compare   bool
	anonymous bool
	zone      *time.Location
}

// at returns the scope with a named range moved so that it ends now.
func (c scope) at(now time.Time) scope {
	if r, err := metric.ParseRange(c.rng.Name, "", "", now); err == nil {
		c.rng = r
	}
	return c
}

func (c scope) interval() query.Interval {
	if c.rng.Duration() > longestHourly {
		return query.Daily
	}
	return query.Hourly
}

func (c scope) performance() query.PerformanceParams {
	return query.PerformanceParams{Range: c.rng, App: c.app, IncludeAnonymous: c.anonymous, Compare: c.compare}
}

func (c scope) usage() query.UsageParams {
	return query.UsageParams{Range: c.rng, App: c.app, IncludeAnonymous: c.anonymous, Compare: c.compare}
}

func (c scope) timeSeries() query.TimeSeriesParams {
	return query.TimeSeriesParams{Range: c.rng, App: c.app, MetricType: query.MetricBoth, Interval: c.interval()}
}

func (c scope) errors() query.ErrorsParams { return query.ErrorsParams{Range: c.rng, App: c.app} }

func (c scope) requests() query.RequestsParams { return query.RequestsParams{Range: c.rng, App: c.app} }
