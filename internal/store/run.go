package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Run describes one aggregation, a row of aggregation_runs.
type Run struct {
	ID         uuid.UUID // made by [Store.RecordRun] when zero
	StartedAt  time.Time
	FinishedAt time.Time

	// Outcome is a short word of the caller's, such as "done" or "alert".
	Outcome string

	// RawBefore is the time before which raw rows became rollups.
	RawBefore time.Time

	RowsBefore, RowsAfter Rows
}

// Rows counts the rows of each table.
type Rows struct {
	Requests, Events, Rollups int64
}

// Total returns the rows of all tables.
func (r Rows) Total() int64 { return r.Requests + r.Events + r.Rollups }

// MaxClockSkew is how far the clocks of two who write to one database may be
// apart.
const MaxClockSkew = time.Hour

// RecordRun stores what a run did, for [Store.LastRun] and [Store.Health]. Runs
// that finished more than MaxClockSkew later are forgotten: the clock that they
// went by was ahead.
func (s *Store) RecordRun(ctx context.Context, r Run) error {
	return s.write(ctx, "record run", func(_ *sql.Conn, tx *sql.Tx) error {
		id, err := identify(r.ID)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM aggregation_runs WHERE finished_at > $1`, s.engine.time(r.FinishedAt.Add(MaxClockSkew)))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO aggregation_runs
			(id, started_at, finished_at, outcome, raw_before, requests_before, events_before, rollups_before,
				requests_after, events_after, rollups_after)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			id.String(), s.engine.time(r.StartedAt), s.engine.time(r.FinishedAt), r.Outcome, s.engine.time(r.RawBefore),
			r.RowsBefore.Requests, r.RowsBefore.Events, r.RowsBefore.Rollups,
			r.RowsAfter.Requests, r.RowsAfter.Events, r.RowsAfter.Rollups)
		return err
	})
}

// LastRun returns the run that finished last, or nil when there was none.
func (s *Store) LastRun(ctx context.Context) (*Run, error) {
	return s.readRun(ctx, time.UnixMicro(latest))
}

// LastRunBefore is LastRun as somebody sees it whose clock shows now: runs that
// finished more than MaxClockSkew later are left out.
func (s *Store) LastRunBefore(ctx context.Context, now time.Time) (*Run, error) {
	return s.readRun(ctx, now.Add(MaxClockSkew))
}

func (s *Store) readRun(ctx context.Context, until time.Time) (*Run, error) {
	var run *Run
	err := s.read(ctx, "read last run", func(tx *sql.Tx) (err error) {
		run, err = s.lastRun(ctx, tx, until)
		return err
	})
	return run, err
}

func (s *Store) lastRun(ctx context.Context, tx *sql.Tx, until time.Time) (*Run, error) {
	var r Run
	err := tx.QueryRowContext(ctx, `SELECT id, started_at, finished_at, outcome, raw_before,
			requests_before, events_before, rollups_before, requests_after, events_after, rollups_after
		FROM aggregation_runs WHERE finished_at <= $1 ORDER BY finished_at DESC, started_at DESC LIMIT 1`, s.engine.time(until)).
		Scan(&r.ID, instant{&r.StartedAt}, instant{&r.FinishedAt}, &r.Outcome, instant{&r.RawBefore},
			&r.RowsBefore.Requests, &r.RowsBefore.Events, &r.RowsBefore.Rollups,
			&r.RowsAfter.Requests, &r.RowsAfter.Events, &r.RowsAfter.Rollups)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &r, err
}
