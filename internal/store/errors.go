package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Kinds of errors that every method may return, wrapped. Driver codes are
// mapped to them once per engine.
var (
	// ErrUnavailable: the database does not answer, is overloaded or has no
	// room; trying again later may help.
	ErrUnavailable = errors.New("database unavailable")

	// ErrMissing, of the kind ErrUnavailable: there is no database where one is
	// expected.
	ErrMissing = fmt.Errorf("%w: there is no such database", ErrUnavailable)

	// ErrFull, of the kind ErrUnavailable: the disk of the database, or what it
	// may take of it, is full.
	ErrFull = fmt.Errorf("%w: its disk is full", ErrUnavailable)

	// ErrPermission: the database or its file refuses this user.
	ErrPermission = errors.New("database access denied")

	// ErrReadOnly: the database, its file or its folder cannot be written.
	ErrReadOnly = errors.New("database is read-only")

	// ErrCorrupt: the file is damaged or is no database.
	ErrCorrupt = errors.New("database is damaged")

	// ErrFault: the database, or the driver, fails at a statement whatever its
	// rows are, so that none of them is to blame, and trying again helps once
	// somebody has mended what is wrong. Whatever is of no other kind is this.
	ErrFault = errors.New("database fails")

	// ErrSchemaNewer: the database was migrated by a newer appmetrics.
	ErrSchemaNewer = errors.New("database schema is newer than this appmetrics")

	// ErrSchemaPending: migrations wait to be applied.
	ErrSchemaPending = errors.New("database schema is older than this appmetrics")

	// ErrLocked: another run is aggregating.
	ErrLocked = errors.New("another aggregation holds the lock")

	// ErrCursor: a cursor that no answer of this store contained.
	ErrCursor = errors.New("cursor is not valid")
)

// databaseError joins what kind of error it is with what the driver said.
type databaseError struct {
	operation string
	kind      error // nil when it is about a row, or what this package says itself
	cause     error
}

func (e *databaseError) Error() string {
	if e.kind == nil {
		return fmt.Sprintf("%s: %v", e.operation, e.cause)
	}
	return fmt.Sprintf("%s: %v: %v", e.operation, e.kind, e.cause)
}

func (e *databaseError) Unwrap() []error {
	if e.kind == nil {
		return []error{e.cause}
	}
	return []error{e.kind, e.cause}
}

// isSpent reports whether a connection or transaction was over before its use.
func isSpent(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone)
}

// isOwn reports whether an error is what this package says, not a driver.
func isOwn(err error) bool {
	if errors.As(err, new(*metric.PositionError)) {
		return true
	}
	return slices.ContainsFunc([]error{
		ErrUnavailable, ErrReadOnly, ErrLocked, ErrNotACopy, ErrSameDatabase, ErrSuperseded, errStopped,
	}, func(own error) bool { return errors.Is(err, own) })
}

// fail wraps err with the operation and its kind. A cancelled context wins
// over whatever the driver made of it.
func (s *Store) fail(ctx context.Context, operation string, err error) error {
	if err == nil {
		return nil
	}
	if e := (*databaseError)(nil); errors.As(err, &e) {
		return err
	}
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("%s: %w", operation, cause)
	}
	kind := s.engine.kind(ctx, err)
	if s.closed.Load() {
		kind = ErrUnavailable
	}
	return &databaseError{operation: operation, kind: kind, cause: err}
}
