package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/server"
	"github.com/appmetrics/appmetrics/internal/store"
)

func newAggregate(r *run) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "aggregate",
		Short: "Turn raw rows older than 7 days into hourly summaries, and end those older than 90",
		Long: `Turns raw rows older than 7 days into hourly summaries, deletes summaries older
than 90 days, and watches how fast the database grows. Run it every day. It is
safe to run at any time and as often as you like; answers do not change.

It shows no metrics, so nobody is asked who runs it: what counts are the rights
of its user to the database, such as those of a job's service principal.

Exit codes: 0 done, or another run is under way; 1 the database could not be
reached; 2 aggregation failed; 3 the database is too large and grows too fast.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return r.aggregateOnce(cmd.Context(), dryRun)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would happen, and change nothing")
	return cmd
}

func (r *run) aggregateOnce(ctx context.Context, dryRun bool) (err error) {
	s, err := r.openCurrent(ctx, r.settings.DatabaseURL, false, func(o *store.Options) { o.MustExist = dryRun })
	if err != nil {
		id := uuid.NewString()
		r.log.Error("aggregation did not begin", "error", err, correlationKey, id)
		return fmt.Errorf("%w (correlation id %s)", err, id)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := r.refuseUnfinishedCopy(ctx, s); err != nil {
		return err
	}

	p := r.startProgress("aggregate", "rows")
	report, err := r.aggregation(s, p.Update).Run(ctx, dryRun)
	p.Stop()
	if err != nil {
		return err
	}
	return r.describeAggregation(report)
}

// aggregation is the job over s, with the thresholds of the settings.
func (r *run) aggregation(s *store.Store, progress func(done, total int64)) *aggregate.Job {
	return aggregate.New(aggregate.Options{
		Store:  s,
		Now:    r.now,
		Logger: r.log,
		Thresholds: aggregate.Thresholds{
			WarnRows:  r.settings.Aggregate.WarnRows,
			LimitRows: r.settings.Aggregate.AlertRows,
			RowsADay:  r.settings.Aggregate.GrowthRowsPerDay,
		},
		Progress: progress,
	})
}

func (r *run) describeAggregation(report aggregate.Report) error {
	if report.Skipped {
		_, err := fmt.Fprintln(r.Out, "nothing done: another run is under way")
		return err
	}
	did := "summarised"
	if report.DryRun {
		did = "would summarise"
	}
	t := report.Retired
	_, err := fmt.Fprintf(r.Out, `%s %d requests and %d events from before %s (%d hours)
too old: %d requests, %d events, %d summaries
rows left: %d
`, did, t.RequestsRolled, t.EventsRolled, report.RawBefore.Format(time.RFC3339), t.Hours,
		t.RequestsExpired, t.EventsExpired, t.RollupsExpired, report.Rows.Total())
	return err
}

// embeddedInterval is how often serve aggregates an embedded database, so that
// it keeps its promises without a scheduler.
const embeddedInterval = time.Hour

// aggregateRegularly runs the job as often as the settings say, until ctx
// ends. What goes wrong is logged; serving goes on.
func (r *run) aggregateRegularly(ctx context.Context, s *store.Store, m *server.Metrics) {
	every := r.settings.Aggregate.Interval
	if every == config.AggregateAuto {
		every = 0
		if s.Engine() == store.SQLite {
			every = embeddedInterval
		}
	}
	if every == 0 {
		return
	}
	job := r.aggregation(s, nil)
	timer := time.NewTimer(r.untilDue(ctx, s, every))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		r.aggregateOnTime(ctx, job, m)
		timer.Reset(every)
	}
}

// aggregateOnTime runs the job once, and measures how long that takes.
func (r *run) aggregateOnTime(ctx context.Context, job *aggregate.Job, m *server.Metrics) {
	_, err := timed(m, "aggregate", func() (aggregate.Report, error) { return job.Run(ctx, false) })
	if err != nil && ctx.Err() == nil {
		r.log.Error("aggregate while serving", "error", err)
	}
}

// untilDue returns how long it is until the next run, which does not begin
// anew with every start of the program.
func (r *run) untilDue(ctx context.Context, s *store.Store, every time.Duration) time.Duration {
	last, err := s.LastRun(ctx)
	if err != nil || last == nil {
		return 0
	}
	return min(last.FinishedAt.Add(every).Sub(r.now()), every) // its clock may have been ahead
}
