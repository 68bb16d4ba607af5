// Package query owns the questions that can be asked of the stored metrics and
// the shape of their answers. It refuses to know how an answer is transported
// or drawn: the HTTP API, its client, the dashboards and the reports all share
// these types, whose JSON is the contract of the API.
//
// Units are the same everywhere: durations are milliseconds, ratios run from 0
// to 1, times are UTC and ranges are half-open. Answers hold zeros and empty
// lists where there is no data, never null, and survive a round trip through
// JSON unchanged.
package query

import (
	"context"
	"errors"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Source answers questions. The local Engine and the API's client are the two
// there are. Every method may be called concurrently, returns a *metric.FieldError
// for a parameter that is not allowed, ErrTimeout for a question that took too
// long, and never a nil answer with a nil error.
type Source interface {
	// Performance says how fast the app is and how much of it fails.
	Performance(context.Context, PerformanceParams) (*Performance, error)
	// Usage says how many people use the app, and what of it.
	Usage(context.Context, UsageParams) (*Usage, error)
	// TimeSeries says how both went over time.
	TimeSeries(context.Context, TimeSeriesParams) (*TimeSeries, error)
	// Errors says what fails where, most frequent first.
	Errors(context.Context, ErrorsParams) (*Errors, error)
	// Requests returns single requests that are still raw, newest first.
	Requests(context.Context, RequestsParams) (*RequestsPage, error)
	// Events returns single usage events that are still raw, newest first.
	Events(context.Context, EventsParams) (*EventsPage, error)
	// Count says how many events of one user are stored.
	Count(context.Context, CountParams) (*Count, error)
	// Status says how healthy the data is.
	Status(context.Context) (*Status, error)
}

// ErrTimeout is returned for a question that was cancelled because it took
// longer than the engine allows. Its text may be shown to anyone.
var ErrTimeout = errors.New("Data temporarily unavailable") //nolint:staticcheck // the words are part of the contract

// Period says which time an answer is about. It is part of every answer about
// a range.
type Period struct {
	// TimeRange is the name of the range, or "custom".
	TimeRange string `json:"time_range"`
	// StartTime is the first instant of the range, UTC.
	StartTime time.Time `json:"start_time"`
	// EndTime is the first instant after the range, UTC.
	EndTime time.Time `json:"end_time"`
}

func period(r metric.Range) Period {
	return Period{TimeRange: r.Name, StartTime: instant(r.Start), EndTime: instant(r.End)}
}

// instant drops what JSON does not carry: the zone's name and the monotonic
// clock.
func instant(t time.Time) time.Time { return t.Round(0).UTC() }
