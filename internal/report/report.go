// Package report draws the answers of a query.Source as one document: a table
// for terminals, JSON, CSV, Markdown or a self-contained HTML page. It owns how
// a report looks and nothing else: it computes no metric, and neither knows nor
// cares whether the source is a local database or a remote server.
package report

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// longestHourly is the longest range whose time series has a point an hour;
// that of longer ones, where hours no longer fit into a line, one a day.
const longestHourly = 14 * 24 * time.Hour

// Params says what a report is about. Empty filters let everything through.
type Params struct {
	Range metric.Range
	// App is one app's name; empty means every app but appmetrics itself.
	App string
	// Endpoint is one endpoint, compared exactly. Such a report leaves usage
	// events out, except in JSON: they belong to pages, not to endpoints.
	Endpoint string
	// IncludeAnonymous counts all anonymous samples together as one user more.
	IncludeAnonymous bool
	// Compare shows the change against the previous period of equal length.
	Compare bool
}

// Report holds the answers that a report shows. As JSON it is an object of
// them, each exactly as the API gives it.
type Report struct {
	Params Params `json:"-"`

	Performance *query.Performance `json:"performance"`
	Usage       *query.Usage       `json:"usage"`
	TimeSeries  *query.TimeSeries  `json:"time_series"`
	Errors      *query.Errors      `json:"errors"`

	// PreviousPerformance answers for the previous period, endpoint by
	// endpoint; nil without comparison, and when that period is not wholly
	// inside the retention.
	PreviousPerformance *query.Performance `json:"previous_performance,omitempty"`

	// CompleteUpTo is the time up to which everything observed is stored; zero
	// when the source does not know.
	CompleteUpTo time.Time `json:"-"`
}

// Gather asks source everything that a report with these params shows, the
// questions at the same time. The first error ends it, as the source worded it.
func Gather(ctx context.Context, source query.Source, p Params) (*Report, error) {
	r := &Report{Params: p}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		r.Performance, err = source.Performance(groupCtx, query.PerformanceParams{
			Range: p.Range, App: p.App, Endpoint: p.Endpoint,
			IncludeAnonymous: p.IncludeAnonymous, Compare: p.Compare,
		})
		return err
	})
	group.Go(func() (err error) {
		r.Usage, err = source.Usage(groupCtx, query.UsageParams{
			Range: p.Range, App: p.App, IncludeAnonymous: p.IncludeAnonymous, Compare: p.Compare,
		})
		return err
	})
	group.Go(func() (err error) {
		r.TimeSeries, err = source.TimeSeries(groupCtx, query.TimeSeriesParams{
			Range: p.Range, App: p.App, Endpoint: p.Endpoint,
			MetricType: query.MetricBoth, Interval: interval(p.Range),
		})
		return err
	})
	group.Go(func() (err error) {
		r.Errors, err = source.Errors(groupCtx, query.ErrorsParams{
			Range: p.Range, App: p.App, Endpoint: p.Endpoint,
		})
		return err
	})
	group.Go(func() error {
		// A report is worth having without it, so its failure is no error.
		if status, err := source.Status(groupCtx); err == nil {
			r.CompleteUpTo = status.CompleteUpTo
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := r.gatherPrevious(ctx, source); err != nil {
		return nil, err
	}
	return r, nil
}

// gatherPrevious asks for the endpoints of the previous period, in exactly the
// bounds that the source compared with.
func (r *Report) gatherPrevious(ctx context.Context, source query.Source) error {
	previous := r.Performance.Previous
	if previous == nil || !previous.Complete {
		return nil
	}
	answer, err := source.Performance(ctx, query.PerformanceParams{
		Range: metric.Range{Name: "custom", Start: previous.StartTime, End: previous.EndTime},
		App:   r.Params.App, Endpoint: r.Params.Endpoint,
		IncludeAnonymous: r.Params.IncludeAnonymous,
	})
	if left := (*metric.RangeError)(nil); errors.As(err, &left) {
		return nil // it began to leave the retention between the two questions
	}
	r.PreviousPerformance = answer
	return err
}

func interval(r metric.Range) query.Interval {
	if r.Duration() > longestHourly {
		return query.Daily
	}
	return query.Hourly
}

// Empty reports whether there is nothing to show: not one request and, unless
// the report is about one endpoint, not one event.
func (r *Report) Empty() bool {
	return r.Performance.Metrics.TotalRequests == 0 &&
		(r.Params.Endpoint != "" || r.Usage.Metrics.TotalEvents == 0)
}
