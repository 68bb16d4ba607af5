package store

import "time"

// DefaultMaxRows is how many raw rows one transaction of [Store.Retire] takes
// when its request does not say.
const DefaultMaxRows = 1_000_000

// RetireRequest says which rows end their life.
type RetireRequest struct {
	// RawBefore: raw rows with earlier timestamps become rollups. It is cut
	// to the hour.
	RawBefore time.Time

	// RollupsBefore: rollups of earlier hours, and raw rows that old, are
	// deleted. It is cut to the hour; zero deletes nothing.
	RollupsBefore time.Time

	// MaxRows is the most raw rows that one transaction takes; 0 for
	// [DefaultMaxRows]. Hours are never split, so one hour may exceed it.
	MaxRows int64

	// DryRun counts what would happen, and changes nothing.
	DryRun bool

	// Progress, when set, hears how many raw rows are done, of how many.
	Progress func(done, total int64)
}

// RetireReport says what [Store.Retire] did, or would do.
type RetireReport struct {
	RequestsRolled, EventsRolled   int64 // raw rows that became rollups
	RequestsExpired, EventsExpired int64 // raw rows older than the retention
	RollupsExpired                 int64 // rollups older than the retention
	RollupsWritten                 int64 // rollups made or replaced; unknown (0) in a dry run
	Hours                          int   // hours that had raw rows
	Transactions                   int
	Before, After                  Rows
}
