package store_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// A transaction that others get in the way of starts again, a few times.
func TestConflictsAreTriedAgain(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{"serialization": "40001", "deadlock": "40P01"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tries, conflicts := 0, 0
			s := storetest.Open(t, store.PostgreSQL, func(o *store.Options) {
				o.Failpoint = func(_ context.Context, point string) error {
					if point != "append.commit" {
						return nil
					}
					if tries++; tries <= conflicts {
						return &pgconn.PgError{Code: code}
					}
					return nil
				}
			})
			conflicts = 3
			if _, err := s.Append(t.Context(), requestsOf(1)); err != nil || tries != 4 {
				t.Errorf("three conflicts: %v after %d tries, want none after 4", err, tries)
			}
			tries, conflicts = 0, 1000
			if _, err := s.Append(t.Context(), requestsOf(1)); !errors.Is(err, store.ErrUnavailable) || tries != 8 {
				t.Errorf("conflicts without end: %v after %d tries, want ErrUnavailable after 8", err, tries)
			}
		})
	}
}

// Questions to SQLite share PoolMax connections: the next one is told that the
// database is away.
func TestReadersOfSQLiteAreBounded(t *testing.T) {
	t.Parallel()
	const timeout = 3 * time.Second // which opening the database must keep as well
	s := storetest.Open(t, store.SQLite, func(o *store.Options) { o.PoolMin, o.PoolMax, o.PoolTimeout = 1, 1, timeout })
	err := s.Snapshot(t.Context(), func(*store.Snapshot) error {
		_, err := s.LastRun(t.Context())
		return err
	})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if _, err := s.LastRun(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A database that another program is writing to cannot be written to: who opens
// it learns that, once the time is up.
func TestOpenTakesTheWriteLock(t *testing.T) {
	t.Parallel()
	_, url := storetest.OpenURL(t, store.SQLite)
	other, err := storetest.DB(t, url).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	if s, err := store.Open(t.Context(), store.Options{URL: url, PoolTimeout: time.Second}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, %v; want ErrUnavailable", s, err)
	}
	if _, err := other.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if s, err := store.Open(t.Context(), store.Options{URL: url}); err != nil {
		t.Errorf("afterwards: %v", err)
	} else if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// The log of SQLite does not stay as large as the largest transaction made it.
func TestLogOfSQLiteIsBounded(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite)
	if got, err := store.WriterPragma(t.Context(), s, "journal_size_limit", ""); err != nil || got != "67108864" {
		t.Errorf("got %s, %v; want 64 MiB", got, err)
	}
}

// A statement takes only so many parameters, a batch any number of samples.
func TestLargeBatches(t *testing.T) {
	t.Parallel()
	const parameters = 32_766 // of SQLite
	s := storetest.Open(t, store.SQLite)
	b := metric.Batch{CheckIDs: true, Events: make([]metric.Event, parameters+1)}
	for i := range b.Events {
		b.Events[i] = event(now, "page_view", "/", "", "", true)
		b.Events[i].ID = uuid.New()
	}
	if stored := appendAll(t, s, b); stored.Events != len(b.Events) {
		t.Errorf("got %+v, want %d", stored, len(b.Events))
	}
}

// A server that lets everybody in and says nothing holds nobody up for long: the
// time of the caller, half a minute, is not needed.
func TestSilentServerIsAway(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the system takes the connections
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	address := "postgres://me@" + silent.Addr().String() + "/x?sslmode=disable"
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	if s, err := store.Open(ctx, store.Options{URL: address, PoolTimeout: time.Second}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("open: got %v, %v; want ErrUnavailable", s, err)
	}
	// A program that can do without has less patience than its pool.
	s, err := store.Open(ctx, store.Options{URL: address, PoolTimeout: time.Hour, Lazy: true})
	if err != nil {
		t.Errorf("lazy: %v", err)
	} else if err := s.Close(); err != nil {
		t.Error(err)
	}
	// The migration lock has a connection of its own.
	s = storetest.OpenAt(t, store.Options{URL: address, PoolTimeout: time.Second, Lazy: true})
	if _, err := s.MigrateUp(ctx, nil); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("migrate: got %v, want ErrUnavailable", err)
	}
}
