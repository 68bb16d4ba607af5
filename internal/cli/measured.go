package cli

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/server"
	"github.com/appmetrics/appmetrics/internal/store"
)

// operations are what serve asks of the database, as its timings name them: the
// writes of the queue, the job, and each question of the API as a whole.
func operations() []string {
	return []string{
		"append", "position", "forget", "aggregate",
		"performance", "usage", "time_series", "errors", "requests", "events", "count", "status",
	}
}

// timed measures one operation of the database.
func timed[A any](m *server.Metrics, operation string, call func() (A, error)) (A, error) {
	began := time.Now()
	answer, err := call()
	m.ObserveStore(operation, time.Since(began), blamed(err))
	return answer, err
}

// blamed returns an error that is the database's: not that of a question that is
// wrong, nor of somebody who did not wait for the answer.
func blamed(err error) error {
	if errors.Is(err, context.Canceled) || errors.As(err, new(*metric.FieldError)) || errors.As(err, new(*metric.RangeError)) {
		return nil
	}
	return err
}

// sink stores what the queue writes, and measures how long that takes.
type sink struct {
	store   *store.Store
	metrics *server.Metrics
}

// Append implements ingest.Sink.
func (s sink) Append(ctx context.Context, batch metric.Batch, at metric.Position) error {
	_, err := timed(s.metrics, "append", func() (store.Stored, error) { return s.store.AppendAt(ctx, batch, at) })
	return err
}

// Position implements ingest.Sink.
func (s sink) Position(ctx context.Context, source uuid.UUID) (int64, error) {
	return timed(s.metrics, "position", func() (int64, error) { return s.store.Position(ctx, source) })
}

// Forget implements ingest.Sink.
func (s sink) Forget(ctx context.Context, sources ...uuid.UUID) error {
	_, err := timed(s.metrics, "forget", func() (struct{}, error) { return struct{}{}, s.store.Forget(ctx, sources...) })
	return err
}

// measured is a source whose questions are measured, each as a whole.
type measured struct {
	source  query.Source
	metrics *server.Metrics
}

var _ query.Source = measured{}

func timedQuestion[P, A any](ctx context.Context, m measured, operation string, p P, ask func(context.Context, P) (*A, error)) (*A, error) {
	return timed(m.metrics, operation, func() (*A, error) { return ask(ctx, p) })
}

// Performance implements query.Source.
func (m measured) Performance(ctx context.Context, p query.PerformanceParams) (*query.Performance, error) {
	return timedQuestion(ctx, m, "performance", p, m.source.Performance)
}

// Usage implements query.Source.
func (m measured) Usage(ctx context.Context, p query.UsageParams) (*query.Usage, error) {
	return timedQuestion(ctx, m, "usage", p, m.source.Usage)
}

// TimeSeries implements query.Source.
func (m measured) TimeSeries(ctx context.Context, p query.TimeSeriesParams) (*query.TimeSeries, error) {
	return timedQuestion(ctx, m, "time_series", p, m.source.TimeSeries)
}

// Errors implements query.Source.
func (m measured) Errors(ctx context.Context, p query.ErrorsParams) (*query.Errors, error) {
	return timedQuestion(ctx, m, "errors", p, m.source.Errors)
}

// Requests implements query.Source.
func (m measured) Requests(ctx context.Context, p query.RequestsParams) (*query.RequestsPage, error) {
	return timedQuestion(ctx, m, "requests", p, m.source.Requests)
}

// Events implements query.Source.
func (m measured) Events(ctx context.Context, p query.EventsParams) (*query.EventsPage, error) {
	return timedQuestion(ctx, m, "events", p, m.source.Events)
}

// Count implements query.Source.
func (m measured) Count(ctx context.Context, p query.CountParams) (*query.Count, error) {
	return timedQuestion(ctx, m, "count", p, m.source.Count)
}

// Status implements query.Source.
func (m measured) Status(ctx context.Context) (*query.Status, error) {
	return timed(m.metrics, "status", func() (*query.Status, error) { return m.source.Status(ctx) })
}
