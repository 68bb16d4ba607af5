package store_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestCommitsAreOnDisk: SQLite waits for the disk at every commit. In WAL mode
// its default would not, and a power cut would take what was acknowledged.
func TestCommitsAreOnDisk(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite)
	appendAll(t, s, history())
	const full = "2"
	for pragma, want := range map[string]string{"synchronous": full, "journal_mode": "wal"} {
		if got, err := store.WriterPragma(t.Context(), s, pragma, ""); err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", pragma, got, err, want)
		}
	}
}

// TestFullDisk: nothing is stored, it is worth trying again, and once there is
// room everything is as if nothing had been.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite)
	source := uuid.New()
	if _, err := s.AppendAt(t.Context(), requestsOf(1), metric.Position{Source: source, To: 1}); err != nil {
		t.Fatal(err)
	}
	pages, err := store.WriterPragma(t.Context(), s, "page_count", "")
	if err == nil {
		_, err = store.WriterPragma(t.Context(), s, "max_page_count", pages)
	}
	if err != nil {
		t.Fatal(err)
	}
	many := requestsOf(2000)
	at := metric.Position{Source: source, From: 1, To: 2001}
	for range 3 {
		if _, err := s.AppendAt(t.Context(), many, at); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("full: got %v, want ErrUnavailable", err)
		}
		standsAt(t, s, source, 1, 1)
	}
	if _, err := store.WriterPragma(t.Context(), s, "max_page_count", "1000000"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AppendAt(t.Context(), many, at); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	standsAt(t, s, source, 2001, 2001)
}
