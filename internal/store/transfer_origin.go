package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Kinds of errors of a copy, wrapped with which database and what it holds.
var (
	// ErrNotACopy: a database holds something that was not copied from there,
	// and is not touched.
	ErrNotACopy = errors.New("the target is not empty, and holds what is not a copy of this source")

	// ErrSameDatabase: source and target are one database, or one was made from
	// the other by other means, such as copying its file.
	ErrSameDatabase = errors.New("source and target are the same database, or one is a clone of the other")

	// ErrSuperseded: another copy into the database began since.
	ErrSuperseded = errors.New("another copy into the target began, and goes on")
)

// Origin says which database this is, and what it is a copy of.
type Origin struct {
	ID     uuid.UUID
	CopyOf uuid.UUID // zero: of none
	// CopiedAt is the moment of the other database that the copy is complete
	// for; zero while it is not.
	CopiedAt time.Time
}

// Origin reads it. A database that has no tables yet has none.
func (v *Snapshot) Origin(ctx context.Context) (Origin, error) {
	o, err := readOrigin(ctx, v.tx)
	return o, v.store.fail(ctx, "read origin", err)
}

func readOrigin(ctx context.Context, tx *sql.Tx) (o Origin, err error) {
	var copyOf uuid.NullUUID
	err = tx.QueryRowContext(ctx, `SELECT id, copy_of, copied_at FROM database_origin`).
		Scan(&o.ID, &copyOf, instant{&o.CopiedAt})
	if copyOf.Valid {
		o.CopyOf = copyOf.UUID
	}
	return o, err
}

// IsUnfinishedCopy reports whether the database is a copy that is not complete:
// [Store.ClaimCopy] was the last word. What is asked of it misses rows.
func (s *Store) IsUnfinishedCopy(ctx context.Context) (is bool, err error) {
	err = s.engine.reader().QueryRowContext(ctx, `SELECT copy_of IS NOT NULL AND copied_at IS NULL FROM database_origin`).Scan(&is)
	return is, s.fail(ctx, "look at origin", err)
}

// CheckTarget returns nil when a copy of the source may be written here, and
// otherwise [ErrSameDatabase] or [ErrNotACopy].
func (v *Snapshot) CheckTarget(ctx context.Context, source uuid.UUID) error {
	return v.store.fail(ctx, "check target", v.store.checkTarget(ctx, v.tx, source))
}

func (s *Store) checkTarget(ctx context.Context, tx *sql.Tx, source uuid.UUID) error {
	origin, err := readOrigin(ctx, tx)
	switch {
	case err != nil:
		return err
	case origin.ID == source:
		return fmt.Errorf("%w: %s", ErrSameDatabase, s.engine.place())
	case origin.CopyOf == source:
		return nil
	case origin.CopyOf != uuid.Nil:
		return fmt.Errorf("%w: %s is a copy of another database", ErrNotACopy, s.engine.place())
	}
	for _, t := range transferTables {
		var holds bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+t.name+`)`).Scan(&holds); err != nil {
			return err
		}
		if holds {
			return fmt.Errorf("%w: %s has rows in %s", ErrNotACopy, s.engine.place(), t.name)
		}
	}
	return nil
}

// ClaimCopy makes this database the target of a copy of the source, if it may be
// (see [Snapshot.CheckTarget]), and returns the run that may write to it from
// now on. Any run before may not: what it is writing is either committed by then
// or never will be.
func (s *Store) ClaimCopy(ctx context.Context, source uuid.UUID) (run uuid.UUID, err error) {
	run, err = uuid.NewRandom()
	if err != nil {
		return uuid.Nil, err
	}
	err = s.write(ctx, "claim target", func(_ *sql.Conn, tx *sql.Tx) error {
		if err := s.reach(ctx, "copy.claim"); err != nil {
			return err
		}
		// First, so that of two claims the second waits for the first.
		if _, err := tx.ExecContext(ctx, `UPDATE database_origin SET copy_run = $1`, run.String()); err != nil {
			return err
		}
		if err := s.checkTarget(ctx, tx, source); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE database_origin SET copy_of = $1, copied_at = NULL`, source.String())
		return err
	})
	return run, err
}

// FinishCopy records that all that the source held at a moment is here.
func (s *Store) FinishCopy(ctx context.Context, run uuid.UUID, at time.Time) error {
	return s.write(ctx, "finish copy", func(_ *sql.Conn, tx *sql.Tx) error {
		if err := s.reach(ctx, "copy.finish"); err != nil {
			return err
		}
		return s.hold(ctx, tx, run, s.engine.time(at))
	})
}

// hold keeps every other run from writing until tx ends, or returns
// [ErrSuperseded]. copiedAt is as in [Origin], or nil.
func (s *Store) hold(ctx context.Context, tx *sql.Tx, run uuid.UUID, copiedAt any) error {
	result, err := tx.ExecContext(ctx, `UPDATE database_origin SET copied_at = $1 WHERE copy_run = $2`, copiedAt, run.String())
	if err != nil {
		return err
	}
	if held, err := result.RowsAffected(); err != nil || held == 1 {
		return err
	}
	return ErrSuperseded
}
