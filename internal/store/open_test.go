package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return "sqlite://" + path
	}
	header := append([]byte("SQLite format 3\x00"), bytes.Repeat([]byte{0xff}, 8192)...)
	for name, c := range map[string]struct {
		url  string
		want error
		says string
	}{
		"a text file":          {write("text.db", []byte(strings.Repeat("no database\n", 100))), store.ErrCorrupt, "text.db"},
		"a damaged file":       {write("damaged.db", header), store.ErrCorrupt, "damaged.db"},
		"a folder":             {"sqlite://" + folder, store.ErrUnavailable, folder},
		"a file as folder":     {write("file", nil) + "/x.db", store.ErrUnavailable, "x.db"},
		"no path":              {"sqlite://", nil, "path of a file"},
		"memory":               {"sqlite://:memory:", nil, "path of a file"},
		"another engine":       {"mysql://root:secret@localhost/x", nil, "allowed are"},
		"no URL":               {"", nil, "allowed are"},
		"nobody listens":       {"postgres://me:secret@127.0.0.1:1/x", store.ErrUnavailable, "127.0.0.1:1/x"},
		"a URL with bad port":  {"postgres://me:secret@127.0.0.1:port/x", nil, "read database URL"},
		"a URL that is broken": {"postgres://me:secret@[::1/x", nil, "read database URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), store.Options{URL: c.url})
			if err == nil {
				_ = s.Close()
				t.Fatal("got no error")
			}
			if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %q, want it to name %q and no password", err, c.says)
			}
		})
	}
}

func TestPostgresErrorsAreNamed(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t, store.PostgreSQL)
	missing := strings.Replace(url, "appmetrics_test_", "no_such_database_", 1)
	if _, err := store.Open(t.Context(), store.Options{URL: missing}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("database: got %v, want ErrUnavailable", err)
	}
	s, url := storetest.OpenURL(t, store.PostgreSQL)
	db := storetest.DB(t, url)
	if _, err := db.ExecContext(t.Context(), `ALTER TABLE usage_events ADD CONSTRAINT never CHECK (false)`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), history()); err == nil || !strings.Contains(err.Error(), "append batch") {
		t.Errorf("got %v, want an error that names the operation", err)
	}
}

func TestSQLiteFilesArePrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "folders", "odd name?&#%20é.db")
	s := storetest.OpenAt(t, store.Options{URL: "sqlite://" + path})
	if _, err := s.MigrateUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, history())
	if _, err := s.Retire(t.Context(), store.RetireRequest{RawBefore: now}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "odd*"))
	if err != nil || len(files) < 4 {
		t.Errorf("got files %v, %v; want the database, its log, its index and its lock", files, err)
	}
	for _, file := range append(files, filepath.Dir(path)) {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got mode %v, %v; want it private", file, info.Mode(), err)
		}
	}
}

func TestRefusedRowUndoesTheBatch(t *testing.T) {
	t.Parallel()
	s, url := storetest.OpenURL(t, store.SQLite, atNow)
	db := storetest.DB(t, url)
	if _, err := db.ExecContext(t.Context(), `CREATE TRIGGER stop BEFORE INSERT ON usage_events BEGIN SELECT RAISE(ABORT, 'no'); END`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), history()); err == nil {
		t.Error("got no error")
	}
	if h, err := s.Health(t.Context()); err != nil || h.Rows() != 0 {
		t.Errorf("got %d rows, %v; want none", h.Rows(), err)
	}
}

// TestPoolTimeout holds every connection: the next caller is told that the
// database is away, within the timeout.
func TestPoolTimeout(t *testing.T) {
	t.Parallel()
	const timeout = 3 * time.Second // which opening the database must keep as well
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			held, release := make(chan struct{}), make(chan struct{})
			var isHeld atomic.Bool
			s := storetest.Open(t, engine, func(o *store.Options) {
				o.PoolMin, o.PoolMax, o.PoolTimeout = 1, 1, timeout
				o.Failpoint = func(_ context.Context, point string) error {
					if point == "append.commit" && isHeld.CompareAndSwap(false, true) {
						close(held)
						<-release
					}
					return nil
				}
			})
			done := make(chan error, 1)
			go func() {
				_, err := s.Append(t.Context(), metric.Batch{Events: history().Events})
				done <- err
			}()
			<-held
			ctx, cancel := context.WithTimeout(t.Context(), 10*timeout) // of the caller, who need not wait for it
			defer cancel()
			_, err := s.Append(ctx, history())
			if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), timeout.String()) {
				t.Errorf("got %v, want ErrUnavailable after %v", err, timeout)
			}
			close(release)
			if err := <-done; err != nil {
				t.Errorf("first: %v", err)
			}
		})
	}
}
