package api

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/store"
)

// However many requests go unanswered, the log has ten lines of them a second,
// and says how many are missing.
func TestThinLog(t *testing.T) {
	t.Parallel()
	var log thinLog
	at := time.Date(2025, 10, 18, 12, 0, 0, 0, time.UTC)
	lines := 0
	for range 1000 {
		if unlogged, ok := log.admit(at); ok {
			lines++
			if unlogged != 0 {
				t.Errorf("%d missing before the first is", unlogged)
			}
		}
	}
	if lines != 10 {
		t.Errorf("%d lines in a second, want 10", lines)
	}
	if unlogged, ok := log.admit(at.Add(time.Second)); !ok || unlogged != 990 {
		t.Errorf("the next second begins with %v, %d missing; want 990", ok, unlogged)
	}
	if unlogged, ok := log.admit(at.Add(time.Second)); !ok || unlogged != 0 {
		t.Errorf("said twice: %v, %d missing", ok, unlogged)
	}
}

// What anybody can send does not lengthen the log, nor hide what else is in it.
func TestLogOfWhatAnybodySends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, logOfASecond) // all of it within one
}

func logOfASecond(t *testing.T) {
	var log strings.Builder
	h := &handler{
		Options: Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}, mux: http.NewServeMux(),
		warnings: map[int]*thinLog{http.StatusUnauthorized: {}, http.StatusServiceUnavailable: {}},
	}
	answer := func(method string, err error) {
		r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1/metrics/status", http.NoBody)
		h.fail(httptest.NewRecorder(), r, err)
	}
	for range 1000 {
		answer(strings.Repeat("X", 1000), admin.ErrUnauthenticated)
	}
	answer(http.MethodGet, errors.Join(store.ErrUnavailable, errors.New("the disk is on fire")))
	got := log.String()
	if len(got) > 11*300 || strings.Contains(got, "XX") || !strings.Contains(got, "method=OTHER") {
		t.Errorf("%d bytes: %.1000s", len(got), got)
	}
	if !strings.Contains(got, "the disk is on fire") {
		t.Error("callers without a login hide why the database is not asked")
	}
}
