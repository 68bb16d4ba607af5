package query

import "time"

// Status says how healthy the data is.
type Status struct {
	// Engine is the database engine, "sqlite" or "postgresql".
	Engine string `json:"engine"`
	// SchemaVersion is the version of the database's schema.
	SchemaVersion int64 `json:"schema_version"`
	// DatabaseBytes is the size of the database in bytes; 0 when unknown.
	DatabaseBytes int64 `json:"database_bytes"`
	// Apps names every app that has data, sorted.
	Apps []string `json:"apps"`
	// Tables describes the three tables of metrics.
	Tables Tables `json:"tables"`
	// CompleteUpTo is the time up to which everything observed is stored, UTC.
	CompleteUpTo time.Time `json:"complete_up_to"`
	// Aggregation describes the lifecycle job.
	Aggregation Aggregation `json:"aggregation"`
	// SizeGuard compares the number of rows with its limits.
	SizeGuard SizeGuard `json:"size_guard"`
	Collection
}

// Tables describes the three tables of metrics.
type Tables struct {
	// PerformanceMetrics holds raw requests.
	PerformanceMetrics Table `json:"performance_metrics"`
	// UsageEvents holds raw usage events.
	UsageEvents Table `json:"usage_events"`
	// AggregatedMetrics holds hourly rollups.
	AggregatedMetrics Table `json:"aggregated_metrics"`
}

// Table describes one table.
type Table struct {
	// Rows counts its rows.
	Rows int64 `json:"rows"`
	// Oldest is the time of its oldest row, UTC; absent in an empty table.
	Oldest time.Time `json:"oldest,omitzero"`
	// Newest is the time of its newest row, UTC; absent in an empty table.
	Newest time.Time `json:"newest,omitzero"`
}

// Aggregation describes the lifecycle job.
type Aggregation struct {
	// LastRun is when the last run ended, UTC; absent when none ever ran.
	LastRun time.Time `json:"last_run,omitzero"`
	// Outcome is how the last run ended; empty when none ever ran.
	Outcome string `json:"outcome"`
	// LagSeconds is how far the oldest raw row is past the retention of raw
	// rows: 0 when aggregation is on time.
	LagSeconds float64 `json:"lag_seconds"`
}

// SizeGuard compares the number of rows with its limits.
type SizeGuard struct {
	// Rows counts the rows of the three tables together.
	Rows int64 `json:"rows"`
	// Warn is the number of rows above which a run warns.
	Warn int64 `json:"warn"`
	// Limit is the number of rows above which a run alerts.
	Limit int64 `json:"limit"`
}

// Collection says what becomes of samples on their way into the database. It
// is all zero when the answer comes from a process that collects nothing.
type Collection struct {
	// Queue describes the queue of observed requests.
	Queue Queue `json:"queue"`
	// Dropped counts samples that were lost because a queue was full.
	Dropped int64 `json:"dropped"`
	// Rejected counts samples that were refused because they were not valid.
	Rejected int64 `json:"rejected"`
	// Late counts samples whose timestamp was replaced by the time of receipt.
	Late int64 `json:"late"`
}

// Queue describes the queue of observed requests.
type Queue struct {
	// Depth is the number of samples that wait to be written.
	Depth int64 `json:"depth"`
	// Capacity is the number of samples that fit.
	Capacity int64 `json:"capacity"`
	// OldestUnsent is the time of the oldest sample that waits, UTC; absent
	// when none does.
	OldestUnsent time.Time `json:"oldest_unsent,omitzero"`
	// Written counts the samples that were stored.
	Written int64 `json:"written"`
	// Retries counts the writes that were tried again.
	Retries int64 `json:"retries"`
	// LastError says why the last write failed; absent when it succeeded.
	LastError string `json:"last_error,omitempty"`
}
