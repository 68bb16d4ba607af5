package cli

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// While something draws on the terminal, nothing is written to it; what
// somebody should know follows.
func TestQuietlyHoldsTheLogBack(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	log := slog.New(slog.NewTextHandler(&errs, nil))
	r := &run{Streams: Streams{Err: &errs, ErrTerminal: true}, log: log}
	broke := errors.New("broke")
	err := r.quietly(func() error {
		r.log.Info("connected")
		r.log.With("database", "metrics.db").WithGroup("pool").Warn("connection lost", "tries", 3)
		if _, err := r.Err.Write([]byte("a progress bar")); err != nil || r.ErrTerminal {
			t.Errorf("progress: %v", err)
		}
		for range mostHeld {
			r.log.Error("again")
		}
		if errs.Len() > 0 {
			t.Errorf("written meanwhile: %s", &errs)
		}
		return broke
	})
	if !errors.Is(err, broke) {
		t.Errorf("got %v", err)
	}
	got := errs.String()
	if strings.Contains(got, "connected") || strings.Contains(got, "progress") {
		t.Errorf("nobody needs to know:\n%s", got)
	}
	if strings.Count(got, "again") != mostHeld || !strings.Contains(got, "lines=1\n") {
		t.Errorf("%d lines, want the last %d, and how many are missing", strings.Count(got, "\n"), mostHeld)
	}
	if r.log != log || !r.ErrTerminal {
		t.Error("the log is not what it was")
	}

	errs.Reset()
	err = r.quietly(func() error {
		r.log.With("database", "metrics.db").WithGroup("pool").Warn("connection lost", "tries", 3)
		return nil
	})
	if want := `level=WARN msg="connection lost" database=metrics.db pool.tries=3`; err != nil || !strings.Contains(errs.String(), want) {
		t.Errorf("got %s, %v, want %s", &errs, err, want)
	}
}
