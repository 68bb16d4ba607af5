package store_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// contents returns what the files of a folder hold, by name.
func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		if files[entry.Name()], err = os.ReadFile(filepath.Join(folder, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func sameFiles(t *testing.T, got, want map[string][]byte) {
	t.Helper()
	for name := range got {
		if _, before := want[name]; !before && !strings.HasSuffix(name, "-shm") {
			t.Errorf("%s was made", name)
		}
	}
	for name := range want {
		if !bytes.Equal(got[name], want[name]) && !strings.HasSuffix(name, "-shm") {
			t.Errorf("%s changed", name)
		}
	}
}

// look opens a database read only, asks it something and closes it.
func look(t *testing.T, url string) error {
	t.Helper()
	s, err := store.OpenReadOnly(t.Context(), store.Options{URL: url})
	if err != nil {
		return err
	}
	_, diagnosed := s.Diagnose(t.Context())
	_, status := s.MigrationStatus(t.Context())
	return errors.Join(diagnosed, status, s.Close())
}

func TestLookingChangesNothing(t *testing.T) {
	t.Parallel()
	t.Run("an ordinary database", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		url := "sqlite://" + filepath.Join(folder, "a.db")
		s, err := store.Open(t.Context(), store.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.MigrateUp(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		before := contents(t, folder)
		if err := look(t, url); err != nil {
			t.Error(err)
		}
		after := contents(t, folder)
		sameFiles(t, after, before)
		if len(after) != len(before) {
			t.Errorf("%d files, were %d", len(after), len(before))
		}
	})
	t.Run("what a crash left behind", func(t *testing.T) {
		t.Parallel()
		s, url := storetest.OpenURL(t, store.SQLite)
		if _, err := s.Append(t.Context(), metric.Batch{Requests: []metric.Request{request(ago(0), "/", 200, 1, "")}}); err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		for name, content := range contents(t, filepath.Dir(strings.TrimPrefix(url, "sqlite://"))) {
			if strings.HasSuffix(name, "-shm") {
				continue
			}
			if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		before := contents(t, folder)
		if len(before["appmetrics.db-wal"]) == 0 {
			t.Fatal("there is nothing to recover")
		}
		if err := look(t, "sqlite://"+filepath.Join(folder, "appmetrics.db")); err != nil {
			t.Error(err)
		}
		sameFiles(t, contents(t, folder), before)
	})
	t.Run("a file with another journal", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		url := "sqlite://" + filepath.Join(folder, "a.db")
		if _, err := storetest.DB(t, url).Exec(`CREATE TABLE mine (id INTEGER)`); err != nil {
			t.Fatal(err)
		}
		before := contents(t, folder)
		if err := look(t, url); err != nil {
			t.Error(err)
		}
		sameFiles(t, contents(t, folder), before)
	})
	t.Run("no file", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		if err := look(t, "sqlite://"+filepath.Join(folder, "none", "a.db")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v, want that there is no file", err)
		}
		if files := contents(t, folder); len(files) != 0 {
			t.Errorf("it made %v", files)
		}
	})
	t.Run("no database", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "a.db")
		if err := os.WriteFile(path, []byte(strings.Repeat("this is a letter. ", 50)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := look(t, "sqlite://"+path); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("error %v, want ErrCorrupt", err)
		}
	})
}

func TestAStoreToLookAtRefusesWrites(t *testing.T) {
	t.Parallel()
	_, url := storetest.OpenURL(t, store.SQLite)
	s, err := store.OpenReadOnly(t.Context(), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.RecordRun(t.Context(), store.Run{}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("error %v, want ErrReadOnly", err)
	}
}
