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
	// AsOf is when what is said of the database (tables, apps, size, runs) was
	// read, UTC, when the database does not answer now; absent when it does.
	AsOf time.Time `json:"as_of,omitzero"`
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
