package store

import "github.com/appmetrics/appmetrics/internal/metric"

// EventFilter says which raw usage events to return, newest first. Empty
// fields let everything through.
type EventFilter struct {
	Range metric.Range

	// App is one app's name, or empty for every app but [metric.SelfApp].
	App string

	EventType, PageName, UserID string

	// Limit is the most rows to return; 0 for [DefaultLimit].
	Limit int

	// Before is the cursor of the page before, or empty.
	Before Cursor
}
