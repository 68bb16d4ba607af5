package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// schemaTable records the applied migrations; it has a name of its own because
// the database may be shared with programs that use goose too.
const schemaTable = "appmetrics_schema_versions"

// Migration is one numbered version of the schema.
type Migration struct {
	Version   int64
	Name      string    // such as 00001_metrics
	AppliedAt time.Time // zero while pending
}

// MigrationStep tells how far [Store.MigrateUp] is: once before a migration
// runs, and once after.
type MigrationStep struct {
	Migration
	Done, Total int  // migrations of this call that are applied, of how many
	Applied     bool // whether this one is
}

// MigrateUp applies all pending migrations, one transaction each, and returns
// those it applied. Two calls at once are safe: the second waits, and then
// finds nothing to do. It returns [ErrSchemaNewer] when the database has
// versions that this binary does not know. progress may be nil.
func (s *Store) MigrateUp(ctx context.Context, progress func(MigrationStep)) ([]Migration, error) {
	if progress == nil {
		progress = func(MigrationStep) {}
	}
	var applied []Migration
	err := s.migrate(ctx, "migrate up", func(provider *goose.Provider) error {
		statuses, err := provider.Status(ctx)
		if err != nil {
			return err
		}
		pending := statuses[:0]
		for _, status := range statuses {
			if status.State == goose.StatePending {
				pending = append(pending, status)
			}
		}
		for i, status := range pending {
			step := MigrationStep{Migration: migration(status), Done: i, Total: len(pending)}
			progress(step)
			if _, err := provider.ApplyVersion(ctx, step.Version, true); err != nil {
				return fmt.Errorf("apply %s: %w", step.Name, err)
			}
			step.AppliedAt, step.Applied, step.Done = s.now().UTC(), true, i+1
			applied = append(applied, step.Migration)
			progress(step)
		}
		return nil
	})
	return applied, err
}

// MigrateDown undoes the newest migration and returns it, or nil when none is
// applied. The data of the tables that it drops is lost.
func (s *Store) MigrateDown(ctx context.Context) (*Migration, error) {
	var undone *Migration
	err := s.migrate(ctx, "migrate down", func(provider *goose.Provider) error {
		result, err := provider.Down(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err != nil {
			return err
		}
		undone = &Migration{Version: result.Source.Version, Name: migrationName(result.Source.Path)}
		return nil
	})
	return undone, err
}

// MigrationStatus returns every migration that this binary knows, oldest
// first. It changes nothing.
func (s *Store) MigrationStatus(ctx context.Context) ([]Migration, error) {
	applied, err := s.appliedVersions(ctx)
	if err != nil {
		return nil, err
	}
	provider, err := s.provider()
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, source := range provider.ListSources() {
		all = append(all, Migration{
			Version: source.Version, Name: migrationName(source.Path), AppliedAt: applied[source.Version],
		})
	}
	return all, nil
}

// SchemaVersion returns the version of the database, 0 when it has none, and
// the newest that this binary knows.
func (s *Store) SchemaVersion(ctx context.Context) (current, latest int64, err error) {
	applied, err := s.appliedVersions(ctx)
	if err != nil {
		return 0, 0, err
	}
	for version := range applied {
		current = max(current, version)
	}
	provider, err := s.provider()
	if err != nil {
		return 0, 0, err
	}
	for _, source := range provider.ListSources() {
		latest = max(latest, source.Version)
	}
	return current, latest, nil
}

// CheckSchema returns nil when the schema is the one this binary was made for,
// and otherwise [ErrSchemaNewer] or [ErrSchemaPending] with both versions.
func (s *Store) CheckSchema(ctx context.Context) error {
	current, latest, err := s.SchemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case current > latest:
		return fmt.Errorf("%w: %s has version %d, this binary knows %d", ErrSchemaNewer, s.engine.place(), current, latest)
	case current < latest:
		return fmt.Errorf("%w: %s has version %d, this binary needs %d", ErrSchemaPending, s.engine.place(), current, latest)
	}
	return nil
}

// appliedVersions returns when each version was applied, without creating the
// table that says so.
func (s *Store) appliedVersions(ctx context.Context) (map[int64]time.Time, error) {
	applied := make(map[int64]time.Time)
	err := s.repeat(ctx, "read schema version", s.engine.reader(), s.engine.readOptions(), func(_ *sql.Conn, tx *sql.Tx) error {
		var exists bool
		if err := tx.QueryRowContext(ctx, s.engine.tableExistsStatement(), schemaTable).Scan(&exists); err != nil || !exists {
			return err
		}
		rows, err := tx.QueryContext(ctx, `SELECT version_id, tstamp FROM `+schemaTable+` WHERE version_id > 0`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var version int64
			var at time.Time
			if err := rows.Scan(&version, &at); err != nil {
				return err
			}
			applied[version] = at.UTC()
		}
		return rows.Err()
	})
	return applied, err
}

// migrate runs f under the migration lock, on a schema that is not newer.
func (s *Store) migrate(ctx context.Context, operation string, f func(*goose.Provider) error) (err error) {
	release, err := s.engine.lockMigrations(ctx)
	if err != nil {
		return s.fail(ctx, operation, fmt.Errorf("wait for the migration lock: %w", err))
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := s.CheckSchema(ctx); err != nil && !errors.Is(err, ErrSchemaPending) {
		return fmt.Errorf("%s: %w", operation, err)
	}
	provider, err := s.provider()
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return s.fail(ctx, operation, f(provider))
}

func (s *Store) provider() (*goose.Provider, error) {
	dialect, files, err := s.engine.migrations()
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return goose.NewProvider(dialect, s.engine.writer(), files,
		goose.WithTableName(schemaTable), goose.WithDisableGlobalRegistry(true), goose.WithSlog(s.log))
}

func migration(status *goose.MigrationStatus) Migration {
	return Migration{
		Version: status.Source.Version, Name: migrationName(status.Source.Path), AppliedAt: status.AppliedAt,
	}
}

func migrationName(file string) string { return strings.TrimSuffix(path.Base(file), ".sql") }
