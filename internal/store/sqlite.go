package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/appmetrics/appmetrics/migrations"
)

// Libraries before this version can lose commits in WAL mode without a word.
const oldestSQLite = "3.51.3"

// embedded is the engine for SQLite: one connection that writes, and several
// that read, because readers of a write-ahead log never wait for the writer.
type embedded struct {
	path  string
	read  *sql.DB
	write *sql.DB
}

var sqliteDialect = strings.NewReplacer(
	"{timestamp}", "timestamp_us",
	"{time_bucket}", "time_bucket_us",
	"{hour}", "at - at % 3600000000",
	"{day}", "at - at % 86400000000",
	"{next_day}", "d.day + 86400000000",
	"{id}", "CASE typeof(id) WHEN 'blob' THEN lower(hex(id)) ELSE CAST(id AS TEXT) END",
)

func openSQLite(path string, o Options) (*embedded, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, errors.New("sqlite:// needs the path of a file: several connections share it")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	e := &embedded{path: path}
	prepareFile := createFile
	if o.MustExist {
		prepareFile = findFile
	}
	if err := prepareFile(path); err != nil {
		return nil, &databaseError{operation: "open " + e.place(), kind: fileKind(err), cause: err}
	}
	e.write, err = sql.Open("sqlite", dsn(path, o.PoolTimeout, "journal_mode(WAL)"))
	if err == nil {
		e.read, err = sql.Open("sqlite", dsn(path, o.PoolTimeout, "query_only(ON)"))
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", e.place(), err)
	}
	e.write.SetMaxOpenConns(1)
	e.read.SetMaxOpenConns(o.PoolMax)
	e.read.SetMaxIdleConns(o.PoolMin)
	return e, nil
}

// createFile makes the file before SQLite does, so that neither it nor its log
// is ever readable to others.
func createFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// findFile returns [fs.ErrNotExist] when there is no file.
func findFile(path string) error {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fs.ErrNotExist
	}
	return err
}

func fileKind(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrMissing
	case errors.Is(err, fs.ErrPermission):
		return ErrPermission
	case errors.Is(err, syscall.EROFS):
		return ErrReadOnly
	}
	return ErrUnavailable
}

// dsn names a database to the driver. The file name is escaped because the
// driver reads it as a URI.
func dsn(path string, wait time.Duration, pragmas ...string) string {
	query := url.Values{"_txlock": {"immediate"}}
	pragmas = append([]string{fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds())}, pragmas...)
	query["_pragma"] = append(pragmas, "synchronous(FULL)", "journal_size_limit(67108864)", "cache_size(-16384)")
	uri := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query.Encode()}
	return uri.String()
}

// check reads the file's header, so that a file that is no database is known
// at once, and writes nothing but the switch to WAL.
func (e *embedded) check(ctx context.Context) error {
	var version, journal string
	err := e.write.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version)
	if err == nil && older(version, oldestSQLite) {
		return fmt.Errorf("open %s: SQLite %s may lose data; %s or later is required", e.place(), version, oldestSQLite)
	}
	if err == nil {
		err = e.write.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&journal)
	}
	if err == nil && journal != "wal" {
		err = fmt.Errorf("%w: the journal stays in mode %q instead of wal", ErrReadOnly, journal)
	}
	if err == nil {
		var tables int
		err = e.write.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables)
	}
	if err == nil {
		err = e.checkWritable(ctx)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return &databaseError{operation: "open " + e.place(), kind: e.kind(ctx, err), cause: err}
	}
	return nil
}

// checkWritable takes the write lock and lets it go again.
func (e *embedded) checkWritable(ctx context.Context) error {
	tx, err := e.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	return tx.Rollback()
}

func older(version, than string) bool {
	a, b := strings.Split(version, "."), strings.Split(than, ".")
	for i := range min(len(a), len(b)) {
		x, _ := strconv.Atoi(a[i])
		y, _ := strconv.Atoi(b[i])
		if x != y {
			return x < y
		}
	}
	return len(a) < len(b)
}

func (e *embedded) name() string                   { return SQLite }
func (e *embedded) place() string                  { return "sqlite://" + e.path }
func (e *embedded) reader() *sql.DB                { return e.read }
func (e *embedded) writer() *sql.DB                { return e.write }
func (e *embedded) expand(statement string) string { return sqliteDialect.Replace(statement) }
func (e *embedded) id(id uuid.UUID) any            { return id.String() }
func (e *embedded) time(t time.Time) any           { return t.UnixMicro() }
func (e *embedded) readOptions() *sql.TxOptions    { return &sql.TxOptions{ReadOnly: true} }
func (e *embedded) retireOptions() *sql.TxOptions  { return nil }
func (e *embedded) watched() string                { return "''" } // its locks end with the process

func (e *embedded) close() error {
	return errors.Join(e.read.Close(), e.write.Close())
}

// takeStatement only reads: nobody else can write while the transaction is
// open, so the rows can be deleted after they were grouped.
func (e *embedded) takeStatement(table, columns, where, selected string) (string, bool) {
	return `WITH raw AS (SELECT ` + columns + ` FROM ` + table + ` WHERE ` + where + `) ` + selected, false
}

func (e *embedded) groupsSlowly() bool { return true }

// tryLock locks a file, because waiting for the transaction of another run
// would be waiting for all of it.
func (e *embedded) tryLock() (func() error, error) {
	lock := flock.New(e.path+".aggregate.lock", flock.SetPermissions(0o600))
	ours, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !ours {
		return nil, ErrLocked
	}
	return lock.Unlock, nil
}

func (e *embedded) tryLockInside(context.Context, *sql.Tx) error { return nil }

func (e *embedded) lockMigrations(ctx context.Context) (func() error, error) {
	lock := flock.New(e.path+".migrate.lock", flock.SetPermissions(0o600))
	const pause = 20 * time.Millisecond
	if _, err := lock.TryLockContext(ctx, pause); err != nil {
		return nil, err
	}
	return lock.Unlock, nil
}

func (e *embedded) migrations() (goose.Dialect, fs.FS, error) {
	files, err := migrations.SQLite()
	return goose.DialectSQLite3, files, err
}

func (e *embedded) sizeStatement() string {
	return `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
}

// diagnose finds no rights missing, because opening the file has asked for
// all, and no skew, because the clock is this process's own.
func (e *embedded) diagnose(ctx context.Context, conn *sql.Conn, _ func() time.Time, d *Diagnosis) error {
	return conn.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&d.Version)
}

func (e *embedded) tableExistsStatement() string {
	return `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1)`
}

func (e *embedded) again(error) bool { return false } // busy_timeout has waited already

// kind maps what SQLite says by its result code.
func (e *embedded) kind(ctx context.Context, err error) error {
	var failure *sqlite.Error
	switch {
	case isOwn(err):
		return nil
	case errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_ERROR && !e.migrated(ctx):
		return ErrSchemaPending
	case errors.As(err, &failure):
		return resultKind(failure.Code())
	case isSpent(err):
		return ErrUnavailable
	}
	return ErrFault
}

// resultKind returns which kind of error a result code is, or nil when it is
// about a row; the low byte is the primary code.
func resultKind(code int) error {
	switch code & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return nil
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_ABORT, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_NOLFS:
		return ErrUnavailable
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrCorrupt
	case sqlite3.SQLITE_READONLY:
		return ErrReadOnly
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return ErrPermission
	}
	return ErrFault // SQLITE_ERROR above all: of any statement that cannot be prepared
}

// migrated reports whether the tables exist.
func (e *embedded) migrated(ctx context.Context) bool {
	exists := true // unless the database says otherwise
	_ = e.read.QueryRowContext(ctx, e.tableExistsStatement(), rollupTable).Scan(&exists)
	return exists
}
