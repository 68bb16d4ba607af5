// Package transfer owns copying one database into another, of either engine: in
// which order, what is left to do, and whether source and target are equal. It
// refuses to write to the source, and to overwrite what it did not bring.
//
// All of a run sees the source at one moment. Hour by hour and table by table it
// makes the target equal, each in a transaction that counts, compares checksums
// and only then commits; what is equal already is left alone. So a run that
// ended anywhere is simply done again, and one that comes later takes what came
// since, went since, or was summarised since.
package transfer

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// DefaultPartRows is how many rows a transaction brings, unless a single hour
// has more.
const DefaultPartRows = 50_000

// scannedParts is how many times more where finding rows means reading a table.
const scannedParts = 20

// Options say what to copy where. Source is required, and Target for
// more than a dry run.
type Options struct {
	// Source is only read; its schema is current.
	Source *store.Store
	// Target has the current schema too, except in a dry run, where it is nil
	// when there is none yet.
	Target *store.Store

	// DryRun says what would happen, and changes nothing.
	DryRun bool

	// PartRows is how many rows one transaction brings; 0 for
	// [DefaultPartRows].
	PartRows int64

	// Progress, when set, hears how many rows are done, of how many. It may be
	// called from several goroutines, one at a time.
	Progress func(done, total int64)

	Logger *slog.Logger
}

// Table says what became of one table.
type Table struct {
	Name    string
	Rows    int64 // that the source holds, and after the run the target
	Written int64 // that were brought, or would be
	Removed int64 // that the source does not hold any more, or holds otherwise
	Hours   int   // that have rows
	Changed int   // of which, or of those that have none any more, differed
}

// Report says what a run did, or would do.
type Report struct {
	DryRun bool
	// At is the moment of the source that the target now is equal to.
	At     time.Time
	Tables []Table
	// Adjusted are rows with values that PostgreSQL cannot hold.
	Adjusted int64
	// Since says how many rows of the source came or went after At, as far as
	// counting tells.
	Since int64
	// Summed is how many days were summed up, for questions about long ranges.
	Summed int
}

// Total adds up the tables.
func (r Report) Total() (t Table) {
	for _, table := range r.Tables {
		t.Rows += table.Rows
		t.Written += table.Written
		t.Removed += table.Removed
		t.Hours += table.Hours
		t.Changed += table.Changed
	}
	return t
}

// Run makes the target equal to the source as it is now. Whatever it returns,
// the source is unchanged, and every hour of the target is that of the source,
// now or of an earlier run. It returns [store.ErrSameDatabase],
// [store.ErrNotACopy] or [store.ErrSuperseded], with a target that it has not
// touched since it knew.
func Run(ctx context.Context, o Options) (Report, error) {
	if o.PartRows <= 0 {
		o.PartRows = DefaultPartRows
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = func(int64, int64) {}
	}
	r := &run{Options: o, slices: map[string][]store.Slice{}, report: Report{DryRun: o.DryRun}}
	err := o.Source.Snapshot(ctx, func(source *store.Snapshot) error {
		r.source, r.report.At = source, source.At
		return r.all(ctx)
	})
	if err != nil {
		return r.report, err
	}
	r.report.Since, err = r.since(ctx)
	return r.report, err
}

// run is one run.
type run struct {
	Options
	source *store.Snapshot
	id     uuid.UUID                // zero in a dry run
	empty  bool                     // the target has no tables yet
	slices map[string][]store.Slice // of the source, by table
	report Report

	progress progress
}

func (r *run) all(ctx context.Context) error {
	origin, err := r.source.Origin(ctx)
	if err != nil {
		return err
	}
	if err := r.begin(ctx, origin.ID); err != nil {
		return err
	}
	plans, err := r.plan(ctx)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if err := r.table(ctx, p); err != nil {
			return err
		}
	}
	if r.DryRun {
		return nil
	}
	if err := r.verify(ctx); err != nil {
		return err
	}
	if err := r.Target.FinishCopy(ctx, r.id, r.source.At); err != nil {
		return err
	}
	r.report.Summed, err = r.Target.SumDays(ctx, r.source.At.Add(-metric.RawRetention))
	return err
}

// begin makes the target ours, if it may be.
func (r *run) begin(ctx context.Context, source uuid.UUID) (err error) {
	if !r.DryRun {
		r.id, err = r.Target.ClaimCopy(ctx, source)
		return err
	}
	if r.empty = r.Target == nil; r.empty {
		return nil
	}
	current, _, err := r.Target.SchemaVersion(ctx)
	if r.empty = current == 0; err != nil || r.empty {
		return err
	}
	if err := r.Target.CheckSchema(ctx); err != nil {
		return err
	}
	return r.Target.Snapshot(ctx, func(target *store.Snapshot) error {
		return target.CheckTarget(ctx, source)
	})
}

// verify counts all rows of the target once more.
func (r *run) verify(ctx context.Context) error {
	return r.Target.Snapshot(ctx, func(target *store.Snapshot) error {
		for _, t := range store.TransferTables() {
			got, err := target.Slices(ctx, t.Name)
			if err != nil {
				return err
			}
			if d := differences(got, r.slices[t.Name]); d != 0 {
				return fmt.Errorf("%w: %d rows of %s were written while the copy ran", store.ErrNotACopy, d, t.Name)
			}
		}
		return nil
	})
}

// since counts what came to the source, or went, since the snapshot.
func (r *run) since(ctx context.Context) (rows int64, err error) {
	err = r.Source.Snapshot(ctx, func(now *store.Snapshot) error {
		for _, t := range store.TransferTables() {
			slices, err := now.Slices(ctx, t.Name)
			if err != nil {
				return err
			}
			rows += differences(slices, r.slices[t.Name])
		}
		return nil
	})
	return rows, err
}

// differences adds up by how many rows the slices of a table differ.
func differences(a, b []store.Slice) (rows int64) {
	counts := map[time.Time]int64{}
	for _, s := range a {
		counts[s.Start] += s.Rows
	}
	for _, s := range b {
		counts[s.Start] -= s.Rows
	}
	for _, n := range counts {
		rows += max(n, -n)
	}
	return rows
}
