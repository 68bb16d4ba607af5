package aggregate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
)

// run is one run of a job.
type run struct {
	*Job
	log     *slog.Logger
	started time.Time
	before  store.Rows
	last    *store.Run // the run before, by this clock, or nil
	report  Report
}

func (r *run) do(ctx context.Context) error {
	if err := r.compareClocks(ctx); err != nil {
		return err // not recorded: at what time?
	}
	if err := r.look(ctx); err != nil {
		return err
	}
	if !r.report.DryRun {
		if err := r.believeClock(); err != nil {
			return r.endedBy(ctx, err, OutcomeDoubted)
		}
	}
	if err := r.retention(ctx); err != nil {
		return r.failed(ctx, err)
	}
	if r.report.DryRun {
		return nil
	}
	if !r.report.Guard.Fires {
		return r.record(ctx, OutcomeDone)
	}
	if err := r.emergency(ctx); err != nil {
		return r.failed(ctx, err)
	}
	if err := r.record(ctx, OutcomeGuard); err != nil {
		return err
	}
	return ErrGrowthGuard
}

// look notes what there is before anything changes.
func (r *run) look(ctx context.Context) error {
	health, err := r.store.Health(ctx)
	if err != nil {
		return err
	}
	if r.last, err = r.store.LastRunBefore(ctx, r.started); err != nil {
		return err
	}
	r.before = store.Rows{Requests: health.Requests.Rows, Events: health.Events.Rows, Rollups: health.Rollups.Rows}
	r.report.Rows = r.before
	r.report.OldestRequest = health.Requests.Oldest.UTC()
	r.report.OldestEvent = health.Events.Oldest.UTC()
	r.report.OldestRollup = health.Rollups.Oldest.UTC()
	return nil
}

// retention takes what the retention says and compares the rest with the
// thresholds.
func (r *run) retention(ctx context.Context) error {
	retired, err := r.store.Retire(ctx, store.RetireRequest{
		RawBefore: r.report.RawBefore, RollupsBefore: r.report.RollupsBefore,
		MaxRows: r.maxRows, DryRun: r.report.DryRun, Progress: r.progress,
	})
	if err != nil {
		return err
	}
	r.report.Retired = retired
	if r.report.DryRun {
		r.report.Rows = without(retired.Before, retired)
		r.report.Guard = r.thresholds.compare(r.report.Rows.Total(), r.last, r.started)
		r.log.InfoContext(ctx, "dry run: nothing was changed", r.details(retired)...)
		return nil
	}
	r.report.Rows = retired.After
	r.report.Guard = r.thresholds.compare(r.report.Rows.Total(), r.last, r.started)
	r.log.InfoContext(ctx, "aggregation done", r.details(retired)...)
	r.report.Guard.log(ctx, r.log)
	return nil
}

// without estimates the rows that a run would leave, not counting the rollups
// that it would write.
func without(rows store.Rows, retired store.RetireReport) store.Rows {
	rows.Requests -= retired.RequestsRolled + retired.RequestsExpired
	rows.Events -= retired.EventsRolled + retired.EventsExpired
	rows.Rollups -= retired.RollupsExpired
	return rows
}

// emergency aggregates raw rows of every hour that is complete, however young.
func (r *run) emergency(ctx context.Context) error {
	taken, err := r.store.Retire(ctx, store.RetireRequest{
		RawBefore: r.started.Truncate(time.Hour), RollupsBefore: r.report.RollupsBefore,
		MaxRows: r.maxRows, Progress: r.progress,
	})
	if errors.Is(err, store.ErrLocked) {
		r.log.WarnContext(ctx, "growth guard could not aggregate: another run holds the lock")
		return nil
	}
	if err != nil {
		return fmt.Errorf("growth guard: %w", err)
	}
	r.report.Emergency, r.report.Rows = &taken, taken.After
	r.log.InfoContext(ctx, "growth guard aggregated every complete hour", r.details(taken)...)
	return nil
}

func (r *run) details(retired store.RetireReport) []any {
	return []any{
		"rows_before", retired.Before.Total(), "rows_after", r.report.Rows.Total(),
		"requests_before", retired.Before.Requests, "requests_after", r.report.Rows.Requests,
		"events_before", retired.Before.Events, "events_after", r.report.Rows.Events,
		"rollups_before", retired.Before.Rollups, "rollups_after", r.report.Rows.Rollups,
		"requests_rolled", retired.RequestsRolled, "events_rolled", retired.EventsRolled,
		"requests_expired", retired.RequestsExpired, "events_expired", retired.EventsExpired,
		"rollups_expired", retired.RollupsExpired, "hours", retired.Hours,
		"transactions", retired.Transactions, "days_summed", retired.DaysSummed,
		"duration", r.now().Sub(r.started),
	}
}

func (r *run) record(ctx context.Context, outcome string) error {
	err := r.store.RecordRun(ctx, store.Run{
		StartedAt: r.started, FinishedAt: r.now().UTC(),
		Outcome: outcome, RawBefore: r.report.RawBefore,
		RowsBefore: r.before, RowsAfter: r.report.Rows,
	})
	if err != nil {
		return fmt.Errorf("record run: %w", err)
	}
	return nil
}

// failed records a run that went wrong.
func (r *run) failed(ctx context.Context, cause error) error {
	return r.endedBy(ctx, cause, OutcomeFailed)
}

// endedBy records a run that was not done, for the status to show. That the
// record may fail as well adds nothing to the error that is returned.
func (r *run) endedBy(ctx context.Context, cause error, outcome string) error {
	if r.report.DryRun || errors.Is(cause, store.ErrLocked) || errors.Is(cause, store.ErrUnavailable) {
		return cause
	}
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_ = r.record(ctx, outcome)
	return cause
}
