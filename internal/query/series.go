package query

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// MetricType says which fields the points of a time series carry.
type MetricType string

// The metric types of a time series.
const (
	MetricPerformance MetricType = "performance"
	MetricUsage       MetricType = "usage"
	MetricBoth        MetricType = "both"
)

// Interval is the length of time that one point of a time series stands for.
type Interval string

// The intervals of a time series.
const (
	Hourly Interval = "hourly"
	Daily  Interval = "daily" // UTC days
)

// TimeSeriesParams says which samples a TimeSeries is about. Empty filters let
// everything through.
type TimeSeriesParams struct {
	Range metric.Range
	// App is one app's name; empty means every app but appmetrics itself.
	App string
	// MetricType is required.
	MetricType MetricType
	// Interval is Hourly when empty.
	Interval Interval
	// Endpoint is one endpoint, compared exactly; it selects requests and
	// leaves events alone.
	Endpoint string
	// Method is one HTTP method, like Endpoint.
	Method string
	// EventType is one event type, compared exactly; it selects events and
	// leaves requests alone.
	EventType string
}

// TimeSeries says how an app went over time.
type TimeSeries struct {
	Period
	// Interval is the length of time of each point.
	Interval Interval `json:"interval"`
	// DataPoints holds one point for every interval that the range touches,
	// ascending, empty ones too.
	DataPoints []Point `json:"data_points"`
}

// Point summarises one interval of a time series. In JSON its fields lie side
// by side.
type Point struct {
	// Timestamp is the first instant of the interval, UTC. The first interval
	// may begin before the range; only samples inside the range count.
	Timestamp time.Time `json:"timestamp"`
	// PerformancePoint is nil when only usage was asked for.
	*PerformancePoint
	// UsagePoint is nil when only performance was asked for.
	*UsagePoint
}

// PerformancePoint summarises the requests of one interval. The latencies are
// null in an interval without requests.
type PerformancePoint struct {
	// AverageMS is the mean response time in milliseconds.
	AverageMS *float64 `json:"avg_response_time_ms"`
	// P50MS is the median response time in milliseconds.
	P50MS *float64 `json:"p50_response_time_ms"`
	// P95MS is the 95th percentile of response times in milliseconds.
	P95MS *float64 `json:"p95_response_time_ms"`
	// P99MS is the 99th percentile of response times in milliseconds.
	P99MS *float64 `json:"p99_response_time_ms"`
	// TotalRequests counts all requests, anonymous ones too.
	TotalRequests int64 `json:"total_requests"`
	// ErrorCount counts requests with a status of 400 or more.
	ErrorCount int64 `json:"error_count"`
	// ErrorRate is ErrorCount by TotalRequests, 0 to 1.
	ErrorRate float64 `json:"error_rate"`
	// ActiveUsers counts distinct users of the requests.
	ActiveUsers int64 `json:"active_users"`
}

// UsagePoint summarises the usage events of one interval.
type UsagePoint struct {
	// TotalEvents counts all events, anonymous ones too.
	TotalEvents int64 `json:"total_events"`
	// UniqueUsers counts distinct users of the events.
	UniqueUsers int64 `json:"unique_users"`
}
