package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestOnlyWhatIsAboutARowBlamesOne: whatever else PostgreSQL may say has a kind,
// so that nobody drops samples for it.
func TestOnlyWhatIsAboutARowBlamesOne(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{
		"22001": nil, // string_data_right_truncation
		"22P02": nil, // invalid_text_representation
		"23505": nil, // unique_violation
		"23514": nil, // check_violation
		"44000": nil, // with_check_option_violation
		"21000": nil, // cardinality_violation, of a trigger
		"09000": nil, // triggered_action_exception
		"P0001": nil, // raise_exception
		"38000": nil, // external_routine_exception
		"54000": nil, // program_limit_exceeded, of a row of an index

		"08006": store.ErrUnavailable, // connection_failure
		"0A000": store.ErrUnavailable, // cached plan must not change result type
		"25P02": store.ErrUnavailable, // in_failed_sql_transaction
		"25P03": store.ErrUnavailable, // idle_in_transaction_session_timeout
		"25P04": store.ErrUnavailable, // transaction_timeout
		"26000": store.ErrUnavailable, // invalid_sql_statement_name, behind a pooler
		"40001": store.ErrUnavailable, // serialization_failure
		"40003": store.ErrUnavailable, // statement_completion_unknown
		"40P01": store.ErrUnavailable, // deadlock_detected
		"53100": store.ErrFull,        // disk_full
		"55000": store.ErrUnavailable, // object_not_in_prerequisite_state
		"55006": store.ErrUnavailable, // object_in_use
		"55P03": store.ErrUnavailable, // lock_not_available
		"57014": store.ErrUnavailable, // query_canceled
		"57P01": store.ErrUnavailable, // admin_shutdown
		"58030": store.ErrUnavailable, // io_error
		"58P01": store.ErrUnavailable, // undefined_file
		"72000": store.ErrUnavailable, // snapshot_too_old

		"28P01": store.ErrPermission,    // invalid_password
		"42501": store.ErrPermission,    // insufficient_privilege
		"25006": store.ErrReadOnly,      // read_only_sql_transaction
		"3D000": store.ErrMissing,       // invalid_catalog_name
		"42P01": store.ErrSchemaPending, // undefined_table
		"42703": store.ErrSchemaPending, // undefined_column
		"XX001": store.ErrCorrupt,       // data_corrupted

		"42804": store.ErrFault, // datatype_mismatch: somebody changed a column
		"42883": store.ErrFault, // undefined_function, of a trigger
		"2F005": store.ErrFault, // function_executed_no_return_statement, of a trigger
		"39P01": store.ErrFault, // trigger_protocol_violated
		"3F000": store.ErrFault, // invalid_schema_name
		"54001": store.ErrFault, // statement_too_complex
		"F0000": store.ErrFault, // config_file_error
		"HV000": store.ErrFault, // fdw_error
		"ZZ999": store.ErrFault, // of a version to come
		"":      store.ErrFault,
	} {
		if got := store.KindOfSQLSTATE(code); !errors.Is(got, want) {
			t.Errorf("%s: got %v, want %v", code, got, want)
		}
	}
}

func TestOnlyWhatIsAboutARowOfSQLiteBlamesOne(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]error{
		sqlite3.SQLITE_CONSTRAINT_CHECK:   nil,
		sqlite3.SQLITE_CONSTRAINT_TRIGGER: nil,
		sqlite3.SQLITE_MISMATCH:           nil,
		sqlite3.SQLITE_TOOBIG:             nil,

		sqlite3.SQLITE_BUSY_SNAPSHOT:  store.ErrUnavailable,
		sqlite3.SQLITE_LOCKED:         store.ErrUnavailable,
		sqlite3.SQLITE_FULL:           store.ErrFull,
		sqlite3.SQLITE_IOERR_FSYNC:    store.ErrUnavailable,
		sqlite3.SQLITE_NOMEM:          store.ErrUnavailable,
		sqlite3.SQLITE_ABORT_ROLLBACK: store.ErrUnavailable,
		sqlite3.SQLITE_INTERRUPT:      store.ErrUnavailable,
		sqlite3.SQLITE_PROTOCOL:       store.ErrUnavailable,
		sqlite3.SQLITE_SCHEMA:         store.ErrUnavailable,
		sqlite3.SQLITE_NOLFS:          store.ErrUnavailable,

		sqlite3.SQLITE_CORRUPT_VTAB:     store.ErrCorrupt,
		sqlite3.SQLITE_NOTADB:           store.ErrCorrupt,
		sqlite3.SQLITE_READONLY_DBMOVED: store.ErrReadOnly,
		sqlite3.SQLITE_CANTOPEN:         store.ErrPermission,

		sqlite3.SQLITE_ERROR:    store.ErrFault,
		sqlite3.SQLITE_INTERNAL: store.ErrFault,
		sqlite3.SQLITE_MISUSE:   store.ErrFault,
		sqlite3.SQLITE_RANGE:    store.ErrFault,
	} {
		if got := store.KindOfResult(code); !errors.Is(got, want) {
			t.Errorf("%d: got %v, want %v", code, got, want)
		}
	}
}

// TestTroubleOfATableBlamesNoRow makes each engine fail for what somebody did
// to a table, and then for the sake of a row.
func TestTroubleOfATableBlamesNoRow(t *testing.T) {
	t.Parallel()
	row := metric.Batch{Events: []metric.Event{event(now, "page_view", "", "/", "", true)}}
	for _, c := range []struct {
		name, engine, trouble, end string
		want                       error
	}{
		{
			"a lock that is held", store.PostgreSQL,
			`BEGIN; LOCK TABLE usage_events IN SHARE MODE`, `ROLLBACK`, store.ErrUnavailable,
		},
		{
			"a trigger whose function is gone", store.PostgreSQL,
			`CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM gone(NEW.app); RETURN NEW; END $$;
			CREATE TRIGGER look BEFORE INSERT ON usage_events FOR EACH ROW EXECUTE FUNCTION look()`,
			`DROP TRIGGER look ON usage_events`, store.ErrFault,
		},
		{
			"a column that was renamed", store.SQLite,
			`ALTER TABLE usage_events RENAME COLUMN element_id TO element`,
			`ALTER TABLE usage_events RENAME COLUMN element TO element_id`, store.ErrFault,
		},
		{
			"a lock that is held", store.SQLite,
			`BEGIN IMMEDIATE`, `ROLLBACK`, store.ErrUnavailable,
		},
	} {
		t.Run(c.engine+" "+c.name, func(t *testing.T) {
			t.Parallel()
			_, address := storetest.OpenURL(t, c.engine)
			s := impatient(t, c.engine, address)
			conn, err := storetest.DB(t, address).Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }() // of the test
			if _, err := conn.ExecContext(t.Context(), c.trouble); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Append(t.Context(), row); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if _, err := conn.ExecContext(context.WithoutCancel(t.Context()), c.end); err != nil {
				t.Fatal(err)
			}
			appendAll(t, s, row)
		})
	}
}

// impatient opens a store that waits for no lock for long.
func impatient(t *testing.T, engine, address string) *store.Store {
	t.Helper()
	const patience = 50 * time.Millisecond
	if engine == store.SQLite {
		return storetest.OpenAt(t, store.Options{URL: address, PoolTimeout: patience})
	}
	with, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	parameters := with.Query()
	parameters.Set("lock_timeout", strconv.FormatInt(patience.Milliseconds(), 10))
	with.RawQuery = parameters.Encode()
	return storetest.OpenAt(t, store.Options{URL: with.String()})
}

// TestErrorThatEndsASessionBlamesNoRow: the server ends no session for a row,
// whatever the code.
func TestErrorThatEndsASessionBlamesNoRow(t *testing.T) {
	t.Parallel()
	for severity, want := range map[string]error{"ERROR": nil, "FATAL": store.ErrUnavailable, "PANIC": store.ErrUnavailable} {
		for name, err := range map[string]*pgconn.PgError{
			"as it is":               {SeverityUnlocalized: severity, Severity: "in another language", Code: "22023"},
			"of a proxy without one": {Severity: severity, Code: "22023"},
		} {
			if got := store.KindOfPostgres(err); !errors.Is(got, want) {
				t.Errorf("%s %s: got %v, want %v", severity, name, got, want)
			}
		}
	}
}

// TestUnknownErrorBlamesNoRow: what a driver says by itself is never about a row.
func TestUnknownErrorBlamesNoRow(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		pgx.ErrTxCommitRollback, pgx.ErrTxClosed, io.EOF, io.ErrClosedPipe,
		&pgproto3.ExceededMaxBodyLenErr{MaxExpectedBodyLen: 1, ActualBodyLen: 2},
		errors.New("of a driver to come"),
	} {
		for name, kind := range map[string]func(error) error{"postgresql": store.KindOfPostgres, "sqlite": store.KindOfSQLite} {
			if got := kind(fmt.Errorf("append: %w", err)); !errors.Is(got, store.ErrFault) {
				t.Errorf("%s: %v: got %v, want %v", name, err, got, store.ErrFault)
			}
		}
	}
}

// TestOwnErrorsAreNoFault: what the package says itself is of its own kind alone.
func TestOwnErrorsAreNoFault(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		at := metric.Position{Source: uuid.New(), From: 5, To: 6}
		_, err := s.AppendAt(t.Context(), metric.Batch{Events: []metric.Event{event(now, "page_view", "", "/", "", true)}}, at)
		if moved := (*metric.PositionError)(nil); !errors.As(err, &moved) || errors.Is(err, store.ErrFault) {
			t.Errorf("got %v, want where the source stands and no fault", err)
		}
	})
}

// TestRowThatCannotBeEncodedBlamesNoRow: whatever the driver cannot encode, it
// tells the server, which gives the COPY up as if somebody had cancelled it. No
// sample has such a value: numbers that do not fit are refused before.
func TestRowThatCannotBeEncodedBlamesNoRow(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.PostgreSQL)
	r := request(now, "/a", 200, 1, "")
	r.StatusCode = 1 << 40
	if _, err := s.Append(t.Context(), metric.Batch{Requests: []metric.Request{r}}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, store.ErrUnavailable)
	}
}
