package query

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Limits of how many rows one page of requests or events holds.
const (
	DefaultLimit = 100
	MaxLimit     = 500
)

// RequestsParams says which raw requests to return. Empty filters let
// everything through.
type RequestsParams struct {
	Range metric.Range
	// App is one app's name; empty means every app but appmetrics itself.
	App string
	// Endpoint is one endpoint, compared exactly.
	Endpoint string
	// Method is one HTTP method, compared exactly.
	Method string
	// Status is a class such as 4xx or a code such as 404.
	Status string
	// UserID is one user, compared exactly.
	UserID string
	// MinMS is the least response time in milliseconds.
	MinMS float64
	// Limit is the most rows to return, 1 to MaxLimit; 0 means DefaultLimit.
	Limit int
	// Cursor is the NextCursor of the page before; empty means the first page.
	Cursor string
}

// RequestsPage is one page of raw requests, newest first.
type RequestsPage struct {
	Period
	// Requests holds at most as many rows as asked for.
	Requests []Request `json:"requests"`
	// NextCursor asks for the next page; absent on the last one.
	NextCursor string `json:"next_cursor,omitempty"`
}

// Request is one timed HTTP request.
type Request struct {
	// ID identifies the request.
	ID uuid.UUID `json:"id"`
	// Timestamp is when the request began, UTC.
	Timestamp time.Time `json:"timestamp"`
	// App is the app that answered.
	App string `json:"app"`
	// Endpoint is the route, such as /orders/{id}.
	Endpoint string `json:"endpoint"`
	// Method is the HTTP method.
	Method string `json:"method"`
	// StatusCode is the HTTP status code.
	StatusCode int `json:"status_code"`
	// ResponseTimeMS is the response time in milliseconds.
	ResponseTimeMS float64 `json:"response_time_ms"`
	// UserID is who asked; absent when anonymous.
	UserID string `json:"user_id,omitempty"`
	// ErrorType is what went wrong; absent when nothing did.
	ErrorType string `json:"error_type,omitempty"`
	// CorrelationID finds the request in logs; absent when unknown.
	CorrelationID string `json:"correlation_id,omitempty"`
}

// EventsParams says which raw usage events to return. Empty filters let
// everything through.
type EventsParams struct {
	Range metric.Range
	// App is one app's name; empty means every app but appmetrics itself.
	App string
	// EventType is one event type, compared exactly.
	EventType string
	// PageName is one page, compared exactly.
	PageName string
	// UserID is one user, compared exactly.
	UserID string
	// Limit is the most rows to return, 1 to MaxLimit; 0 means DefaultLimit.
	Limit int
	// Cursor is the NextCursor of the page before; empty means the first page.
	Cursor string
}

// EventsPage is one page of raw usage events, newest first.
type EventsPage struct {
	Period
	// Events holds at most as many rows as asked for.
	Events []Event `json:"events"`
	// NextCursor asks for the next page; absent on the last one.
	NextCursor string `json:"next_cursor,omitempty"`
}

// Event is one user interaction.
type Event struct {
	// ID identifies the event.
	ID uuid.UUID `json:"id"`
	// Timestamp is when it happened, UTC.
	Timestamp time.Time `json:"timestamp"`
	// App is the app that was used.
	App string `json:"app"`
	// EventType is the kind of interaction, such as page_view.
	EventType string `json:"event_type"`
	// UserID is who did it; absent when anonymous.
	UserID string `json:"user_id,omitempty"`
	// PageName is where; absent when unknown.
	PageName string `json:"page_name,omitempty"`
	// ElementID is with what; absent when unknown.
	ElementID string `json:"element_id,omitempty"`
	// Success is false when the event said that it failed.
	Success bool `json:"success"`
	// Metadata is the JSON object that came with the event, or absent.
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// CorrelationID finds the event in logs; absent when unknown.
	CorrelationID string `json:"correlation_id,omitempty"`
}
