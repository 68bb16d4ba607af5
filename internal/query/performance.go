package query

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// PerformanceParams says which requests a Performance answer is about. Empty
// filters let everything through.
type PerformanceParams struct {
	Range metric.Range
	// App is one app's name; empty means every app but appmetrics itself.
	App string
	// Endpoint is one endpoint, compared exactly.
	Endpoint string
	// Method is one HTTP method, compared exactly.
	Method string
	// IncludeAnonymous counts all anonymous samples together as one user more.
	IncludeAnonymous bool
	// Compare asks for the period of the same length before the range, too.
	Compare bool
}

// Performance says how fast requests were answered and how many failed.
type Performance struct {
	Period
	// Metrics summarises all requests of the range.
	Metrics PerformanceMetrics `json:"metrics"`
	// Endpoints is complete and sorted by average response time, slowest first.
	Endpoints []EndpointPerformance `json:"endpoints"`
	// StatusCodes counts requests by HTTP status code.
	StatusCodes map[int]int64 `json:"status_codes"`
	// Histogram is the distribution of response times, ascending; it is there
	// only when one endpoint was asked for.
	Histogram []HistogramBucket `json:"histogram,omitzero"`
	// Previous is there only when a comparison was asked for.
	Previous *PreviousPerformance `json:"previous,omitempty"`
}

// PreviousPerformance is the period of the same length that ends where the
// range of the answer starts.
type PreviousPerformance struct {
	// StartTime is the first instant of the previous period, UTC.
	StartTime time.Time `json:"start_time"`
	// EndTime is the first instant after the previous period, UTC.
	EndTime time.Time `json:"end_time"`
	// Complete says whether the whole previous period lies inside the
	// retention. If not, its counts are lower than they were.
	Complete bool `json:"complete"`
	// Metrics summarises all requests of the previous period.
	Metrics PerformanceMetrics `json:"metrics"`
}

// Latency summarises response times, in milliseconds; all zero without
// requests. Percentiles are within 1 % of the exact ones, the rest is exact.
type Latency struct {
	// AverageMS is the mean response time in milliseconds.
	AverageMS float64 `json:"avg_response_time_ms"`
	// P50MS is the median response time in milliseconds.
	P50MS float64 `json:"p50_response_time_ms"`
	// P95MS is the 95th percentile of response times in milliseconds.
	P95MS float64 `json:"p95_response_time_ms"`
	// P99MS is the 99th percentile of response times in milliseconds.
	P99MS float64 `json:"p99_response_time_ms"`
	// MinMS is the shortest response time in milliseconds.
	MinMS float64 `json:"min_response_time_ms"`
	// MaxMS is the longest response time in milliseconds.
	MaxMS float64 `json:"max_response_time_ms"`
}

// PerformanceMetrics summarises the requests of a period.
type PerformanceMetrics struct {
	Latency
	// TotalRequests counts all requests, anonymous ones too.
	TotalRequests int64 `json:"total_requests"`
	// ErrorCount counts requests with a status of 400 or more.
	ErrorCount int64 `json:"error_count"`
	// ErrorRate is ErrorCount by TotalRequests, 0 to 1.
	ErrorRate float64 `json:"error_rate"`
	// ActiveUsers counts distinct users over requests and usage events
	// together; over the requests alone when an endpoint or method was asked
	// for. Exact up to 4096, about 1.6 % standard error above.
	ActiveUsers int64 `json:"active_users"`
	// AnonymousRequests counts requests without a user.
	AnonymousRequests int64 `json:"anonymous_requests"`
}

// EndpointPerformance summarises the requests of one endpoint and method.
type EndpointPerformance struct {
	// Endpoint is the route, such as /orders/{id}.
	Endpoint string `json:"endpoint"`
	// Method is the HTTP method.
	Method string `json:"method"`
	// RequestCount counts all requests, anonymous ones too.
	RequestCount int64 `json:"request_count"`
	// ErrorCount counts requests with a status of 400 or more.
	ErrorCount int64 `json:"error_count"`
	// ErrorRate is ErrorCount by RequestCount, 0 to 1.
	ErrorRate float64 `json:"error_rate"`
	Latency
	// ActiveUsers counts distinct users of these requests.
	ActiveUsers int64 `json:"active_users"`
	// AnonymousRequests counts requests without a user.
	AnonymousRequests int64 `json:"anonymous_requests"`
}

// HistogramBucket counts requests with a response time in (LowMS, HighMS].
type HistogramBucket struct {
	// LowMS is the lower bound in milliseconds.
	LowMS float64 `json:"low_ms"`
	// HighMS is the upper bound in milliseconds.
	HighMS float64 `json:"high_ms"`
	// Count is the number of requests in the bucket.
	Count int64 `json:"count"`
}
