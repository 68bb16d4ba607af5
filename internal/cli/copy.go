package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/transfer"
)

func newCopy(r *run) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "copy --to URL",
		Short: "Copy all metrics into another database, to move there",
		Long: `Copies all metrics into another database, of either engine, and makes sure that
both are equal: every hour of every table by count and checksum. The database
that the settings name is only read, and serve may go on writing to it. What is
done already is left alone, so run it again after it was interrupted, or to take
what came since.

To move: copy; stop serve; copy once more, until it says that both are equal;
set DATABASE_URL to the new database, and start serve.

The target is empty or an unfinished move from the same source. Anything else in
it is never overwritten. Its schema is made, or brought up to date.

A password does not belong in --to, which others on this machine can read: set
APPMETRICS_COPY_TO to the whole address, or PGPASSWORD, or use ~/.pgpass.

Exit codes: 0 done; 1 a database could not be reached; 2 copying failed, or the
target was refused.`,
		Example: `  appmetrics copy --to postgres://appmetrics@db.example.com/appmetrics --dry-run
  appmetrics copy --to postgres://appmetrics@db.example.com/appmetrics
  DATABASE_URL=postgres://db.example.com/appmetrics appmetrics copy --to sqlite:///tmp/look.db`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if r.settings.CopyTo == "" {
				return usageError(cmd, errors.New("--to is missing: name the database to copy into, or set APPMETRICS_COPY_TO"))
			}
			return r.copyOnce(cmd.Context(), dryRun)
		},
	}
	setting(cmd.Flags(), "copy.to", "to", "`URL` of the database to copy into: sqlite://PATH or postgres://USER@HOST/NAME")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would happen, and change nothing")
	return cmd
}

func (r *run) copyOnce(ctx context.Context, dryRun bool) (err error) {
	source, err := r.openSource(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := r.openTarget(ctx, dryRun)
	if err != nil {
		return err
	}
	if target != nil {
		defer func() { err = errors.Join(err, target.Close()) }()
	}
	p := r.startProgress("copy", "rows")
	report, err := transfer.Run(ctx, transfer.Options{
		Source: source, Target: target, DryRun: dryRun, Progress: p.Update, Logger: r.log,
	})
	p.Stop()
	if err != nil {
		return adviseCopy(err)
	}
	return r.describeCopy(report)
}

// openSource opens the database of the settings to look at it only.
func (r *run) openSource(ctx context.Context) (*store.Store, error) {
	o, err := r.copyOptions(ctx, r.settings.DatabaseURL, r.settings.CopyTo)
	if err != nil {
		return nil, err
	}
	s, err := store.OpenReadOnly(ctx, o)
	if err != nil {
		return nil, err
	}
	err = s.CheckSchema(ctx)
	if errors.Is(err, store.ErrSchemaPending) {
		err = &advisedError{err, "copy does not change the source: run `appmetrics migrate up` on it first"}
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openTarget opens the database to copy into, with the current schema. In a dry
// run nothing is made or changed, and a file that is not there yet is nil.
func (r *run) openTarget(ctx context.Context, dryRun bool) (*store.Store, error) {
	o, err := r.copyOptions(ctx, r.settings.CopyTo, r.settings.DatabaseURL)
	if err != nil {
		return nil, err
	}
	openIt := store.Open
	if dryRun {
		openIt = store.OpenReadOnly
	}
	s, err := openIt(ctx, o)
	switch {
	case dryRun && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, store.ErrUnavailable):
		return nil, &advisedError{err, "check that the target runs and that --to or APPMETRICS_COPY_TO names it"}
	case err != nil:
		return nil, err
	case dryRun:
		return s, nil
	}
	if err := r.migrateUp(ctx, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

var errUnfinishedCopy = errors.New("the database is a copy that was not finished")

// refuseUnfinishedCopy keeps a copy from being written to before all of it is
// there: it could not be told apart any more what is to come.
func (r *run) refuseUnfinishedCopy(ctx context.Context, s *store.Store) error {
	unfinished, err := s.IsUnfinishedCopy(ctx)
	if err != nil || !unfinished {
		return nil //nolint:nilerr // what asks next finds out why
	}
	return &advisedError{errUnfinishedCopy, "run `appmetrics copy` into it once more, until it says that both are equal, or name another database"}
}

// copyOptions are those of one of two databases. Where both are PostgreSQL, the
// settings of Lakebase are about one whose address names no server.
func (r *run) copyOptions(ctx context.Context, address, other string) (store.Options, error) {
	o, err := r.storeOptions(ctx, address)
	if err != nil {
		return o, err
	}
	o.PoolMin = 1
	if o.Credentials != nil && !strings.HasPrefix(other, "sqlite:") {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			o.Credentials = nil
		}
	}
	return o, nil
}

// adviseCopy adds to an error what to do about it.
func adviseCopy(err error) error {
	switch {
	case errors.Is(err, store.ErrNotACopy):
		return &advisedError{err, "nothing of it was overwritten: name an empty database with --to, or go on using this one if you have moved already"}
	case errors.Is(err, store.ErrSameDatabase):
		return &advisedError{err, "name another database with --to"}
	case errors.Is(err, store.ErrSchemaPending):
		return &advisedError{err, "run `appmetrics migrate up` on the target, or copy without --dry-run"}
	case errors.Is(err, store.ErrUnavailable):
		return &advisedError{err, "nothing is lost: run the same command again, and it goes on where it ended"}
	}
	return err
}

func (r *run) describeCopy(report transfer.Report) error {
	w := tabwriter.NewWriter(r.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(t transfer.Table) {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t\n", t.Name, t.Rows, t.Hours, t.Changed, t.Written, t.Removed)
	}
	_, _ = fmt.Fprintln(w, "table\trows\thours\tchanged\trows in\trows out\t")
	for _, t := range report.Tables {
		line(t)
	}
	total := report.Total()
	total.Name = "all"
	line(total)
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(r.Out, r.copyInWords(report, total))
	return err
}

// copyInWords says how source and target stand to one another, and what to do.
func (r *run) copyInWords(report transfer.Report, total transfer.Table) string {
	var text strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	say("source: %s", r.settings.MaskedDatabaseURL())
	say("target: %s", r.settings.MaskedCopyTo())
	if report.DryRun {
		say("would bring %d rows and take %d out, in %d of %d hours; nothing was changed",
			total.Written, total.Removed, total.Changed, total.Hours)
		return text.String()
	}
	if report.Adjusted > 0 {
		say("%d rows hold what PostgreSQL cannot: characters that are none are U+FFFD there, numbers out of range the nearest in it", report.Adjusted)
	}
	say("verified: all %d rows, by count and checksum of every hour; the target is what the source was at %s",
		total.Rows, report.At.Format(time.RFC3339))
	const move = "set DATABASE_URL to the target, and start serve"
	if report.Since > 0 {
		say("source and target are not equal any more: %d rows came or went since; to move, stop serve, copy once more, %s", report.Since, move)
		return text.String()
	}
	say("source and target are equal; if serve is stopped, %s; if it runs, stop it and copy once more first", move)
	return text.String()
}
