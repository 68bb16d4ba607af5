package cli

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// A database that answers questions and takes nothing, as with a full disk or
// without the right to INSERT, is not ready, and says nothing of itself.
func TestNotReadyWhileTheDatabaseTakesNothing(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), store.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "appmetrics.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	queue := ingest.New(ingest.Options{Sink: full{s}, Ack: ingest.AckDB, Unavailable: unavailable, Logger: slog.New(slog.DiscardHandler)})
	queue.Start(context.Background())
	t.Cleanup(func() { _ = queue.Stop(context.Background()) })
	check := ready(s, queue.Stats)
	expect := func(when, want string) {
		t.Helper()
		got := "ready"
		if err := check(t.Context()); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	expect("without a schema", "database migrations are pending")
	if _, err := s.MigrateUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	expect("at first", "ready")
	event := metric.Batch{Events: []metric.Event{{Timestamp: time.Now(), EventType: "page_view"}}}
	if err := queue.Accept(t.Context(), event); err == nil {
		t.Fatal("a store that takes nothing has taken a post")
	}
	expect("while it takes nothing", "the database did not take what was last recorded; it waits for the next try")
}

// full is a store that takes nothing.
type full struct{ *store.Store }

func (full) Append(context.Context, metric.Batch, metric.Position) error { return store.ErrUnavailable }
