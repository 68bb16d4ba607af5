package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestLazy opens a PostgreSQL that is away, and looks at it when it is back.
func TestLazy(t *testing.T) {
	t.Parallel()
	_, current := storetest.OpenURL(t, store.PostgreSQL)
	_, newer := storetest.OpenURL(t, store.PostgreSQL)
	_, err := storetest.DB(t, newer).ExecContext(t.Context(),
		`INSERT INTO appmetrics_schema_versions (version_id, is_applied) VALUES (999, true)`)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		address string
		then    error // what writing says when the database is back
	}{
		"current": {current, nil},
		"newer":   {newer, store.ErrSchemaNewer},
		"empty":   {storetest.URL(t, store.PostgreSQL), store.ErrSchemaPending},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire, address := newWire(t, c.address)
			wire.deafen() // nobody is let in
			if s, err := store.Open(t.Context(), store.Options{URL: address}); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("not lazy: got %v, %v; want ErrUnavailable", s, err)
			}
			s := storetest.OpenAt(t, store.Options{URL: address, Lazy: true})
			t.Cleanup(wire.close)
			source := uuid.New()
			write := func() error {
				_, err := s.AppendAt(t.Context(), requestsOf(1), metric.Position{Source: source, To: 1})
				return err
			}
			if err := write(); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("away: got %v, want ErrUnavailable", err)
			}
			if err := s.CheckSchema(t.Context()); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("schema, away: got %v, want ErrUnavailable", err)
			}
			wire.mend()
			if err := write(); !errors.Is(err, c.then) {
				t.Errorf("back: got %v, want %v", err, c.then)
			}
			if errors.Is(c.then, store.ErrSchemaPending) {
				if _, err := s.MigrateUp(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				if err := write(); err != nil {
					t.Errorf("migrated: %v", err)
				}
			}
			if c.then == nil || errors.Is(c.then, store.ErrSchemaPending) {
				standsAt(t, s, source, 1, 1)
			}
		})
	}
}

// TestLazyRefuses what waiting does not mend.
func TestLazyRefuses(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t, store.PostgreSQL)
	role := storetest.NewRole(t, address)
	for name, c := range map[string]struct {
		url  string
		want error
	}{
		"a password":   {role.URL(t, "wrong"), store.ErrPermission},
		"a database":   {strings.Replace(address, "appmetrics_test_", "no_such_database_", 1), store.ErrMissing},
		"a URL":        {"postgres://me:secret@[::1/x", nil},
		"a text file":  {"sqlite://" + textFile(t), store.ErrCorrupt},
		"another name": {"mysql://root@localhost/x", nil},
	} {
		s, err := store.Open(t.Context(), store.Options{URL: c.url, Lazy: true})
		if err == nil {
			_ = s.Close()
		}
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func textFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMustExist(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "folder", "none.db")
	o := store.Options{URL: "sqlite://" + path, MustExist: true}
	s, err := store.Open(t.Context(), o)
	if err == nil {
		_ = s.Close()
	}
	want := "open sqlite://" + path + ": database unavailable: there is no such database: file does not exist"
	if !errors.Is(err, store.ErrMissing) || !errors.Is(err, store.ErrUnavailable) || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: got %v, want that nothing was made", err)
	}
	o.MustExist = false
	made := storetest.OpenAt(t, o)
	if _, err := made.MigrateUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	o.MustExist = true
	appendAll(t, storetest.OpenAt(t, o), history())
}
