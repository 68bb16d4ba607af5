package api

import (
	"testing"
	"time"
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
