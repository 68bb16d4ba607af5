package cli

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// A serve that started before the old one ended has a spool of its own: what
// the old one leaves is told once, with what to do.
func TestSamplesThatAnotherServeLeavesAreTold(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "appmetrics.db-0a1b2c3d")
	synctest.Test(t, func(t *testing.T) {
		var log said
		r := &run{settings: &config.Settings{Spool: config.Spool{MaxBytes: 1 << 20}}, log: slog.New(slog.NewTextHandler(&log, nil)), now: time.Now}
		old, _, err := r.openSpoolOf(database)
		if err != nil {
			t.Fatal(err)
		}
		w := waiting{}
		if w.spool, w.folder, err = r.openSpoolOf(database); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = w.spool.Close() }()
		for _, s := range []*spool.Spool{old, w.spool} {
			if err := s.Append(t.Context(), spool.Record{Payload: []byte("x"), Samples: 1}); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go r.watchLeftovers(ctx, w)
		synctest.Wait()
		time.Sleep(2 * leftoversEvery)
		if strings.Contains(log.String(), "WARN") {
			t.Errorf("of a spool that is in use it says:\n%s", log.String())
		}
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(leftoversEvery + time.Second)
		told := func() string {
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, "level=WARN") {
					return line
				}
			}
			return ""
		}
		for _, part := range []string{"samples wait in the spool of a serve that has ended; restart this serve once, or start another, to store them", "folder=" + filepath.Join(database, "1")} {
			if !strings.Contains(told(), part) {
				t.Errorf("%q is not in the log:\n%s", part, log.String())
			}
		}
		time.Sleep(time.Hour)
		if n := strings.Count(log.String(), "level=WARN"); n != 1 {
			t.Errorf("told %d times:\n%s", n, log.String())
		}
	})
}
