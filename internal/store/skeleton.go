package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

type engine interface {
	close() error
	name() string
	kind(error) error
}

func openSQLite(context.Context, string, Options) (engine, error) { return nil, errors.ErrUnsupported }
func openPostgres(context.Context, Options) (engine, error)       { return nil, errors.ErrUnsupported }

func (s *Store) read(context.Context, string, func(*sql.Tx) error) error { return nil }

type Stored struct{ Requests, Events, Duplicates int }

func (s *Store) Append(ctx context.Context, b metric.Batch) (Stored, error) { return Stored{}, nil }
func (s *Store) Summarize(ctx context.Context, q Question) ([]metric.Rollup, error) {
	return nil, nil
}

func (s *Store) CountEvents(ctx context.Context, user string, r metric.Range, app string) (int64, error) {
	return 0, nil
}
func (s *Store) Apps(ctx context.Context, r metric.Range) ([]string, error) { return nil, nil }
func (s *Store) Requests(ctx context.Context, f RequestFilter) ([]metric.Request, *Cursor, error) {
	return nil, nil, nil
}

func (s *Store) Events(ctx context.Context, f EventFilter) ([]metric.Event, *Cursor, error) {
	return nil, nil, nil
}
func (s *Store) Health(ctx context.Context) (Health, error) { return Health{}, nil }
func (s *Store) RecordRun(ctx context.Context, r Run) error { return nil }
func (s *Store) LastRun(ctx context.Context) (*Run, error)  { return nil, nil }

// Migration is one numbered step of the schema.
type Migration struct {
	Version   int64
	Name      string    // such as 00001_metrics
	AppliedAt time.Time // zero while pending
}

// MigrationStep tells a caller how far a migration is.
type MigrationStep struct {
	Migration
	Done    int // steps that are applied, this one included when Applied
	Total   int
	Applied bool // false before it runs, true after
}

func (s *Store) MigrateUp(ctx context.Context, progress func(MigrationStep)) ([]Migration, error) {
	return nil, nil
}
func (s *Store) MigrateDown(ctx context.Context) (*Migration, error)      { return nil, nil }
func (s *Store) MigrationStatus(ctx context.Context) ([]Migration, error) { return nil, nil }
func (s *Store) SchemaVersion(ctx context.Context) (current, latest int64, err error) {
	return 0, 0, nil
}
func (s *Store) CheckSchema(ctx context.Context) error { return nil }

func (s *Store) Retire(ctx context.Context, q RetireRequest) (RetireReport, error) {
	return RetireReport{}, nil
}
