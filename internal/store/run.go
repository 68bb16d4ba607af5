package store

import (
	"time"

	"github.com/google/uuid"
)

// Run describes one aggregation, a row of aggregation_runs.
type Run struct {
	ID         uuid.UUID // made by [Store.RecordRun] when zero
	StartedAt  time.Time
	FinishedAt time.Time

	// Outcome is a short word of the caller's, such as "done" or "alert".
	Outcome string

	// RawBefore is the time before which raw rows became rollups.
	RawBefore time.Time

	RowsBefore, RowsAfter Rows
}

// Rows counts the rows of each table.
type Rows struct {
	Requests, Events, Rollups int64
}

// Total returns the rows of all tables.
func (r Rows) Total() int64 { return r.Requests + r.Events + r.Rollups }
