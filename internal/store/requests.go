package store

import "github.com/appmetrics/appmetrics/internal/metric"

// RequestFilter says which raw requests to return, newest first. Empty fields
// let everything through.
type RequestFilter struct {
	Range metric.Range

	// App is one app's name, or empty for every app but [metric.SelfApp].
	App string

	Endpoint, Method string

	// StatusMin and StatusMax bound the status code, both included; 0 for no
	// bound.
	StatusMin, StatusMax int

	UserID string
	MinMS  float64

	// Limit is the most rows to return; 0 for [DefaultLimit].
	Limit int

	// Before is the cursor of the page before, or empty.
	Before Cursor
}
