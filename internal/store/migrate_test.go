package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

func eachURL(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f(t, storetest.URL(t, engine))
		})
	}
}

func TestMigrateUpAndDown(t *testing.T) {
	t.Parallel()
	eachURL(t, func(t *testing.T, url string) {
		s := storetest.OpenAt(t, store.Options{URL: url})
		if err := s.CheckSchema(t.Context()); !errors.Is(err, store.ErrSchemaPending) {
			t.Errorf("empty: got %v, want ErrSchemaPending", err)
		}
		status, err := s.MigrationStatus(t.Context())
		if err != nil || len(status) == 0 || !status[0].AppliedAt.IsZero() || status[0].Name != "00001_metrics" {
			t.Fatalf("empty: got %+v, %v; want all pending", status, err)
		}
		var steps []store.MigrationStep
		applied, err := s.MigrateUp(t.Context(), func(step store.MigrationStep) { steps = append(steps, step) })
		if err != nil || len(applied) != len(status) {
			t.Fatalf("got %+v, %v; want %d applied", applied, err, len(status))
		}
		if last := steps[len(steps)-1]; len(steps) != 2*len(status) || last.Done != last.Total || !last.Applied || steps[0].Applied {
			t.Errorf("got steps %+v", steps)
		}
		if err := s.CheckSchema(t.Context()); err != nil {
			t.Errorf("migrated: %v", err)
		}
		if applied, err := s.MigrateUp(t.Context(), nil); err != nil || len(applied) != 0 {
			t.Errorf("again: got %v, %v; want nothing to do", applied, err)
		}
		appendAll(t, s, history())
		for range status {
			if undone, err := s.MigrateDown(t.Context()); err != nil || undone == nil {
				t.Fatalf("down: got %v, %v", undone, err)
			}
		}
		if undone, err := s.MigrateDown(t.Context()); err != nil || undone != nil {
			t.Errorf("down on nothing: got %v, %v; want nothing", undone, err)
		}
		if _, err := s.MigrateUp(t.Context(), nil); err != nil {
			t.Errorf("up after down: %v", err)
		}
	})
}

func TestMigrateTwiceAtOnce(t *testing.T) {
	t.Parallel()
	eachURL(t, func(t *testing.T, url string) {
		const runs = 4
		var group sync.WaitGroup
		applied := make([]int, runs)
		for i := range runs {
			s := storetest.OpenAt(t, store.Options{URL: url})
			group.Go(func() {
				done, err := s.MigrateUp(t.Context(), nil)
				if err != nil {
					t.Errorf("run %d: %v", i, err)
				}
				applied[i] = len(done)
			})
		}
		group.Wait()
		total := 0
		for _, n := range applied {
			total += n
		}
		if most := slices.Max(applied); most == 0 || total != most {
			t.Errorf("got %v migrations applied, want all by one of the runs", applied)
		}
	})
}

// While another process migrates a file, nothing of it is changed.
func TestMigrateWaitsForAnother(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t, store.SQLite)
	s := storetest.OpenAt(t, store.Options{URL: url})
	other := flock.New(strings.TrimPrefix(url, "sqlite://") + ".migrate.lock")
	if err := other.Lock(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if done, err := s.MigrateUp(ctx, nil); !errors.Is(err, context.DeadlineExceeded) || len(done) > 0 {
		t.Errorf("while another has the lock: %d migrations, %v", len(done), err)
	}
	if err := other.Unlock(); err != nil {
		t.Fatal(err)
	}
	if done, err := s.MigrateUp(t.Context(), nil); err != nil || len(done) == 0 {
		t.Errorf("afterwards: %d migrations, %v", len(done), err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, url := storetest.OpenURL(t, engine)
			_, err := storetest.DB(t, url).ExecContext(t.Context(),
				`INSERT INTO appmetrics_schema_versions (version_id, is_applied) VALUES (999, true)`)
			if err != nil {
				t.Fatal(err)
			}
			if current, latest, err := s.SchemaVersion(t.Context()); err != nil || current != 999 || latest >= 999 {
				t.Errorf("got version %d of %d, %v", current, latest, err)
			}
			err = s.CheckSchema(t.Context())
			if !errors.Is(err, store.ErrSchemaNewer) || !strings.Contains(err.Error(), "999") {
				t.Errorf("check: got %v, want ErrSchemaNewer that names 999", err)
			}
			if _, err := s.MigrateUp(t.Context(), nil); !errors.Is(err, store.ErrSchemaNewer) {
				t.Errorf("up: got %v, want ErrSchemaNewer", err)
			}
			if _, err := s.MigrateDown(t.Context()); !errors.Is(err, store.ErrSchemaNewer) {
				t.Errorf("down: got %v, want ErrSchemaNewer", err)
			}
		})
	}
}

func TestMissingTablesAreNamed(t *testing.T) {
	t.Parallel()
	eachURL(t, func(t *testing.T, url string) {
		s := storetest.OpenAt(t, store.Options{URL: url})
		if _, err := s.Append(t.Context(), metric.Batch{Requests: history().Requests}); !errors.Is(err, store.ErrSchemaPending) {
			t.Errorf("append: got %v, want ErrSchemaPending", err)
		}
	})
}

// TestMigrateWithOneConnection has no second connection to hold the lock with.
func TestMigrateWithOneConnection(t *testing.T) {
	t.Parallel()
	eachURL(t, func(t *testing.T, url string) {
		s := storetest.OpenAt(t, store.Options{URL: url, PoolMin: 1, PoolMax: 1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.MigrateUp(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.CheckSchema(ctx); err != nil {
			t.Error(err)
		}
	})
}
