package api_test

import (
	"context"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// broken is a Source and an Intake that always fail: what a test cannot bring
// a real store to do at will.
type broken struct{ err error }

func (b broken) Performance(context.Context, query.PerformanceParams) (*query.Performance, error) {
	return nil, b.err
}
func (b broken) Usage(context.Context, query.UsageParams) (*query.Usage, error) { return nil, b.err }
func (b broken) TimeSeries(context.Context, query.TimeSeriesParams) (*query.TimeSeries, error) {
	return nil, b.err
}
func (b broken) Errors(context.Context, query.ErrorsParams) (*query.Errors, error) {
	return nil, b.err
}
func (b broken) Requests(context.Context, query.RequestsParams) (*query.RequestsPage, error) {
	return nil, b.err
}
func (b broken) Events(context.Context, query.EventsParams) (*query.EventsPage, error) {
	return nil, b.err
}
func (b broken) Count(context.Context, query.CountParams) (*query.Count, error) { return nil, b.err }
func (b broken) Status(context.Context) (*query.Status, error)                  { return nil, b.err }
func (b broken) Accept(context.Context, metric.Batch) error                     { return b.err }
func (b broken) CountLate(int)                                                  {}
func (b broken) CountRejected(ingest.Reason, int)                               {}

// says is a Checker that always says the same.
type says struct {
	identity admin.Identity
	err      error
}

func (s says) Check(context.Context, admin.Credentials) (admin.Identity, error) {
	return s.identity, s.err
}
