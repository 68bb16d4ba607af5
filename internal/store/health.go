package store

import "time"

// Health describes the stored data at one moment.
type Health struct {
	Engine        string
	SchemaVersion int64
	SizeBytes     int64

	Requests TableHealth // performance_metrics
	Events   TableHealth // usage_events
	Rollups  TableHealth // aggregated_metrics

	// CompleteUpTo is the time of the answer: every batch whose append had
	// returned by then is in the tables.
	CompleteUpTo time.Time

	// LastRun is the newest aggregation run, or nil.
	LastRun *Run
}

// TableHealth describes one table. Oldest and Newest are zero when it is
// empty.
type TableHealth struct {
	Rows           int64
	Oldest, Newest time.Time
}

// Rows returns how many rows the three tables hold.
func (h Health) Rows() int64 { return h.Requests.Rows + h.Events.Rows + h.Rollups.Rows }
