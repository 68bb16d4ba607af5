package query

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// ErrorsParams says which failed requests an Errors answer is about. Empty
// filters let everything through.
type ErrorsParams struct {
	Range metric.Range
	// App is one app's name; empty means every app but appmetrics itself.
	App string
	// Endpoint is one endpoint, compared exactly.
	Endpoint string
	// Method is one HTTP method, compared exactly.
	Method string
}

// Errors says what failed where.
type Errors struct {
	Period
	// Errors is complete and sorted by count, most frequent first.
	Errors []ErrorGroup `json:"errors"`
}

// ErrorGroup counts the failed requests of one endpoint, method and error type.
type ErrorGroup struct {
	// Endpoint is the route, such as /orders/{id}.
	Endpoint string `json:"endpoint"`
	// Method is the HTTP method.
	Method string `json:"method"`
	// ErrorType is what went wrong, such as SERVER_ERROR_500 or Timeout.
	ErrorType string `json:"error_type"`
	// Count is the number of failed requests.
	Count int64 `json:"count"`
	// UsersAffected counts distinct users of these requests.
	UsersAffected int64 `json:"users_affected"`
	// FirstSeen is when the first of them began, UTC.
	FirstSeen time.Time `json:"first_seen"`
	// LastSeen is when the last of them began, UTC.
	LastSeen time.Time `json:"last_seen"`
}
