package cli

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgressIsALineEveryTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := &run{Streams: Streams{Err: &log}, log: slog.New(slog.NewJSONHandler(&log, nil))}
		p := r.startProgress("aggregate", "rows")
		p.Update(250, 1000)
		<-time.After(25 * time.Second)
		synctest.Wait()
		p.Stop()
		p.Stop()

		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 {
			t.Fatalf("got %d lines, want 2:\n%s", len(lines), &log)
		}
		var line map[string]any
		if err := json.Unmarshal([]byte(lines[0]), &line); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]any{
			"work": "aggregate", "unit": "rows", "done": 250.0, "total": 1000.0, "per_second": 25.0, "remaining": "30s",
		} {
			if line[key] != want {
				t.Errorf("%s = %v, want %v", key, line[key], want)
			}
		}
	})
}

func TestProgressIsABarOnATerminal(t *testing.T) {
	t.Parallel()
	var screen bytes.Buffer
	r := &run{Streams: Streams{Err: &screen, ErrTerminal: true}, log: slog.New(slog.DiscardHandler)}
	p := r.startProgress("migrate", "migrations")
	p.Update(1, 4)
	p.Stop()
	if got := screen.String(); !strings.Contains(got, "migrate") || !strings.Contains(got, "(0/4, 0 migrations/") {
		t.Errorf("screen = %q", got)
	}
}
