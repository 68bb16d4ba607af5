package metric

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Error types that do not follow from a status code.
const (
	ErrorTimeout      = "Timeout"
	ErrorPanic        = "Panic"
	ErrorClientClosed = "ClientClosed"
)

// Request is one timed HTTP request, a row of performance_metrics.
type Request struct {
	ID             uuid.UUID
	Timestamp      time.Time // start of the request, UTC
	App            string
	Endpoint       string // the route, never the raw path
	Method         string
	StatusCode     int
	ResponseTimeMS float64
	UserID         string // empty when anonymous
	ErrorType      string // empty when StatusCode < 400
	CorrelationID  string
}

// Validate returns a *FieldError for the first field that breaks a limit.
func (r *Request) Validate() error {
	if r.Timestamp.IsZero() {
		return fieldError("timestamp", "", "required, RFC 3339")
	}
	if err := text("endpoint", r.Endpoint, 1, MaxEndpoint); err != nil {
		return err
	}
	if err := text("method", r.Method, 1, MaxMethod); err != nil {
		return err
	}
	if r.StatusCode < 100 || r.StatusCode > 599 {
		return fieldError("status_code", r.StatusCode, "100 to 599")
	}
	if ms := r.ResponseTimeMS; math.IsNaN(ms) || ms < 0 || ms > MaxResponseTimeMS {
		return fieldError("response_time_ms", ms, fmt.Sprintf("0 to %.0f", MaxResponseTimeMS))
	}
	if err := text("user_id", r.UserID, 0, MaxUserID); err != nil {
		return err
	}
	if err := text("error_type", r.ErrorType, 0, MaxErrorType); err != nil {
		return err
	}
	if err := text("correlation_id", r.CorrelationID, 0, MaxCorrelationID); err != nil {
		return err
	}
	return text("app", r.App, 0, MaxApp)
}

// ErrorTypeFor returns the error type that follows from a status code:
// CLIENT_ERROR_<status>, SERVER_ERROR_<status>, or "" below 400.
func ErrorTypeFor(status int) string {
	switch {
	case status >= 500:
		return "SERVER_ERROR_" + strconv.Itoa(status)
	case status >= 400:
		return "CLIENT_ERROR_" + strconv.Itoa(status)
	}
	return ""
}
