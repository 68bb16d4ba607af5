package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/appmetrics/appmetrics/internal/store"
)

func newMigrate(r *run) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema of the database up to date, or back",
		Long: `Brings the schema of the database up to date, or back.

It shows no metrics, so nobody is asked who runs it: what counts are the rights
of its user to the database.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError(cmd, errors.New("migrate needs to know what to do: up, down, status or version"))
		},
	}
	add := func(use, short string, do func(ctx context.Context, s *store.Store) error) *cobra.Command {
		added := &cobra.Command{
			Use: use, Short: short, Args: noArguments,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return r.withStore(cmd.Context(), do)
			},
		}
		cmd.AddCommand(added)
		return added
	}
	var dropData bool
	add("up", "Apply all pending migrations", r.migrateUpCommand)
	down := add("down", "Take the last migration back, with the data that only it knows", func(ctx context.Context, s *store.Store) error {
		return r.migrateDown(ctx, s, dropData)
	})
	down.Flags().BoolVar(&dropData, "drop-data", false, "take back the first migration too, with every request, event and summary")
	add("status", "List all migrations and when each was applied", r.migrateStatus)
	add("version", "Print the schema's version and the newest one known", r.migrateVersion)
	return cmd
}

func (r *run) withStore(ctx context.Context, do func(context.Context, *store.Store) error) (err error) {
	s, err := r.openStore(ctx, r.settings.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(ctx, s)
}

func (r *run) migrateUpCommand(ctx context.Context, s *store.Store) error {
	if err := r.migrateUp(ctx, s); err != nil {
		return err
	}
	current, _, err := s.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.Out, "schema is at version %d\n", current)
	return err
}

// migrateDown takes the last migration back. The first one holds all metrics:
// it stays while there are any, unless dropData says that they may go.
func (r *run) migrateDown(ctx context.Context, s *store.Store, dropData bool) error {
	if !dropData {
		if err := keepData(ctx, s); err != nil {
			return err
		}
	}
	taken, err := s.MigrateDown(ctx)
	if err != nil {
		return err
	}
	if taken == nil {
		_, err = fmt.Fprintln(r.Out, "nothing to take back")
		return err
	}
	_, err = fmt.Fprintf(r.Out, "took back %s\n", taken.Name)
	return err
}

// keepData returns an error when the next migration to be taken back holds rows
// of metrics.
func keepData(ctx context.Context, s *store.Store) error {
	const first = 1
	if current, _, err := s.SchemaVersion(ctx); err != nil || current != first {
		return err
	}
	h, err := s.Health(ctx)
	if err != nil {
		return err
	}
	n := h.Rows()
	if n == 0 {
		return nil
	}
	rows := humanize.Comma(n) + " rows"
	if n == 1 {
		rows = "1 row"
	}
	return &advisedError{
		err:    fmt.Errorf("00001_metrics holds %s, and taking it back drops every table: nothing was changed", rows),
		advice: "make a backup, then say `appmetrics migrate down --drop-data`",
	}
}

func (r *run) migrateStatus(ctx context.Context, s *store.Store) error {
	all, err := s.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(r.Out, 0, 0, 2, ' ', 0)
	for _, m := range all {
		applied := "pending"
		if !m.AppliedAt.IsZero() {
			applied = m.AppliedAt.UTC().Format(time.RFC3339)
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\n", m.Name, applied); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (r *run) migrateVersion(ctx context.Context, s *store.Store) error {
	current, latest, err := s.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.Out, "%d of %d\n", current, latest)
	return err
}
