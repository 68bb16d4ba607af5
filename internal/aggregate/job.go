// Package aggregate owns the lifecycle of stored metrics: raw rows become
// hourly rollups after 7 days, rollups end after 90, and the growth of the
// database is watched. It decides when rows are old and what growth is too
// much; how rows become rollups belongs to package store.
package aggregate

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// Outcomes of a run, as they are recorded and as the status shows them.
const (
	OutcomeDone   = "done"
	OutcomeGuard  = "growth guard"
	OutcomeFailed = "failed"
	// OutcomeDoubted is that of a run which did nothing but doubt the clock.
	OutcomeDoubted = "clock doubted"
)

// Options configure a Job. Store is required.
type Options struct {
	Store *store.Store
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// ClockSkew returns how far the database's clock is ahead of this machine's;
	// nil asks the database.
	ClockSkew func(context.Context) (time.Duration, error)
	// Logger hears what a run did; nil discards it.
	Logger *slog.Logger
	// Thresholds of the growth guard; zero fields take their defaults.
	Thresholds Thresholds
	// MaxRows is the most raw rows that one transaction takes; 0 means
	// store.DefaultMaxRows.
	MaxRows int64
	// Progress, when set, hears how many raw rows are done, of how many.
	Progress func(done, total int64)
}

// Job ends the life of rows that are old enough. It is safe to run at any
// time, any number of times, from several processes at once.
type Job struct {
	store      *store.Store
	now        func() time.Time
	skew       func(context.Context) (time.Duration, error)
	doubt      doubt
	log        *slog.Logger
	thresholds Thresholds
	maxRows    int64
	progress   func(done, total int64)
}

// New returns a job over an open store, which stays the caller's to close.
func New(o Options) *Job {
	j := &Job{
		store: o.Store, now: o.Now, skew: o.ClockSkew, log: o.Logger,
		thresholds: o.Thresholds.withDefaults(), maxRows: o.MaxRows, progress: o.Progress,
	}
	if j.now == nil {
		j.now = time.Now
	}
	if j.skew == nil {
		j.skew = o.Store.ClockSkew
	}
	if j.log == nil {
		j.log = slog.New(slog.DiscardHandler)
	}
	return j
}

// Report says what a run did or, in a dry run, what one would do.
type Report struct {
	// CorrelationID finds the run in the log.
	CorrelationID string
	// DryRun says that nothing was changed.
	DryRun bool
	// Skipped says that another run holds the lock, so this one did nothing.
	Skipped bool
	// RawBefore is the hour before which raw rows become rollups, UTC.
	RawBefore time.Time
	// RollupsBefore is the hour before which rollups are deleted, UTC.
	RollupsBefore time.Time
	// OldestRequest, OldestEvent and OldestRollup are the times of the oldest
	// rows before the run, UTC; zero for an empty table.
	OldestRequest, OldestEvent, OldestRollup time.Time
	// Retired says what the retention took.
	Retired store.RetireReport
	// Guard says how the size compares with the thresholds after the run.
	Guard Guard
	// Emergency says what the growth guard took on top; nil when it did not
	// fire, and in a dry run.
	Emergency *store.RetireReport
	// Rows are the rows that are left.
	Rows store.Rows
}

// Run retires what is old and then watches the size. A second run at the same
// time is not an error: it logs a warning and reports that it was skipped. A
// dry run reads only.
//
// A clock that is wrong would delete what is young. So a run does nothing but
// fail when the database's clock says something else, or when the run before is
// so long ago that the clock may have jumped: then the next run, or within one
// process one a day later, goes on.
//
// Errors are of type *Error, with one of the kinds ErrUnreachable, ErrFailed
// and ErrGrowthGuard. Whatever the error, the data is whole and running again
// is safe.
func (j *Job) Run(ctx context.Context, dryRun bool) (Report, error) {
	started := j.now().UTC()
	r := run{
		Job: j, started: started,
		report: Report{
			CorrelationID: uuid.NewString(),
			DryRun:        dryRun,
			RawBefore:     started.Add(-metric.RawRetention).Truncate(time.Hour),
			RollupsBefore: started.Add(-metric.Retention).Truncate(time.Hour),
		},
	}
	r.log = j.log.With("correlation_id", r.report.CorrelationID)
	err := r.do(ctx)
	if errors.Is(err, store.ErrLocked) {
		r.log.WarnContext(ctx, "aggregation skipped: another run holds the lock")
		r.report.Skipped = true
		return r.report, nil
	}
	if err != nil {
		return r.report, r.explain(err)
	}
	return r.report, nil
}
