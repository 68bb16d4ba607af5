package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"
	"github.com/sethvargo/go-retry"
)

// engine is what differs between the databases. Statements are not among it:
// they are written once, and [engine.expand] fills in the few expressions that
// the engines spell differently.
type engine interface {
	name() string
	place() string // the database's address, without secrets
	close() error
	// check connects, and returns why the database is of no use.
	check(ctx context.Context) error

	reader() *sql.DB
	writer() *sql.DB

	// readOptions make every statement of a transaction see one snapshot.
	readOptions() *sql.TxOptions
	// retireOptions isolate a transaction that retires rows.
	retireOptions() *sql.TxOptions

	// expand replaces the names in braces by what the engine calls them:
	//
	//	{timestamp}   the time of a raw row
	//	{time_bucket} the hour of a rollup
	//	{hour} {day}  the start of the hour or day of "at", a column of raw
	//	{next_day}    the end of the day that starts at "d.day"
	//	{id}          the id of a row as text
	expand(statement string) string
	// time is t as a parameter.
	time(t time.Time) any
	// id is an id as a value of insert.
	id(id uuid.UUID) any
	// takeStatement puts before a SELECT from raw the rows of a table. takes
	// reports whether the statement also deletes them.
	takeStatement(table, columns, where, selected string) (statement string, takes bool)
	// groupsSlowly reports whether rows are better grouped in this process.
	groupsSlowly() bool
	// watched is an expression whose evaluation has the database give up the
	// transaction, and what it holds, when this process falls silent in it.
	watched() string
	// insert writes rows by the fastest way, inside the transaction that is
	// open on conn.
	insert(ctx context.Context, conn *sql.Conn, tx *sql.Tx, table string, columns []string, rows [][]any) error

	// tryLock takes the aggregation lock until release, or returns ErrLocked,
	// where the lock must come before the transaction, and tryLockInside where
	// the lock belongs to the transaction. Each engine needs one of them.
	tryLock() (release func() error, err error)
	tryLockInside(ctx context.Context, tx *sql.Tx) error
	// lockMigrations waits for the migration lock and holds it until release.
	lockMigrations(ctx context.Context) (release func() error, err error)
	migrations() (goose.Dialect, fs.FS, error)
	// sizeStatement selects the size of the database in bytes.
	sizeStatement() string
	// tableExistsStatement selects whether the table named by $1 exists.
	tableExistsStatement() string

	// diagnose fills in all but the engine's name and the size.
	diagnose(ctx context.Context, conn *sql.Conn, now func() time.Time, d *Diagnosis) error

	// carry returns a row of a copy as values of insert, which it may change.
	carry(row carriedRow) []any
	// staySteady lets a transaction that reads live for hours.
	staySteady(ctx context.Context, tx *sql.Tx) error

	// kind returns which of the package's errors a driver's error is, or nil when it
	// is about a row, or no driver's at all.
	kind(ctx context.Context, err error) error
	// again reports whether repeating the whole transaction may succeed.
	again(err error) bool
}

// attempts bounds how often a transaction runs that others get in the way of.
const attempts = 8

// read runs f in a transaction that sees one snapshot and changes nothing.
func (s *Store) read(ctx context.Context, operation string, f func(*sql.Tx) error) error {
	return s.transact(ctx, operation, s.engine.reader(), s.engine.readOptions(),
		func(_ *sql.Conn, tx *sql.Tx) error { return f(tx) })
}

// write runs f in a transaction, again and again when others get in its way:
// f must start from nothing each time.
func (s *Store) write(ctx context.Context, operation string, f func(*sql.Conn, *sql.Tx) error) error {
	return s.transact(ctx, operation, s.engine.writer(), nil, f)
}

func (s *Store) transact(
	ctx context.Context, operation string, db *sql.DB, options *sql.TxOptions, f func(*sql.Conn, *sql.Tx) error,
) error {
	if err := s.look(ctx); err != nil {
		return err
	}
	return s.repeat(ctx, operation, db, options, f)
}

// repeat runs a transaction until nobody gets in its way. It never repeats one
// of which it does not know whether it was committed.
func (s *Store) repeat(
	ctx context.Context, operation string, db *sql.DB, options *sql.TxOptions, f func(*sql.Conn, *sql.Tx) error,
) error {
	backoff := retry.WithMaxRetries(attempts-1, retry.WithJitterPercent(50, retry.NewExponential(5*time.Millisecond)))
	err := retry.Do(ctx, backoff, func(ctx context.Context) error {
		err := s.once(ctx, db, options, f)
		if err != nil && s.engine.again(err) {
			return retry.RetryableError(err)
		}
		return err
	})
	return s.fail(ctx, operation, err)
}

func (s *Store) once(ctx context.Context, db *sql.DB, options *sql.TxOptions, f func(*sql.Conn, *sql.Tx) error) error {
	conn, err := s.conn(ctx, db)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		return err
	}
	if err := f(conn, tx); err != nil {
		// The transaction may be gone already, and err says why.
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// conn waits for a connection, at most as long as the pool's timeout.
func (s *Store) conn(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, s.poolTimeout)
	defer cancel()
	conn, err := db.Conn(waiting)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: no connection within %s", ErrUnavailable, s.poolTimeout)
	}
	return conn, err
}

// instant scans a time as either engine returns it: a time.Time, microseconds
// since 1970, or NULL for the zero time.
type instant struct{ *time.Time }

func (i instant) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*i.Time = time.Time{}
	case time.Time:
		*i.Time = v.UTC()
	case int64:
		*i.Time = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("scan time: unexpected %T", value)
	}
	return nil
}

// nullable returns NULL for the empty string.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}
