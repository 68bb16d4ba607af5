package aggregate

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
)

func TestGuardCompares(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)
	run := func(before time.Duration, rows int64) *store.Run {
		return &store.Run{FinishedAt: now.Add(-before), RowsAfter: store.Rows{Requests: rows - 2, Events: 1, Rollups: 1}}
	}
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		rows  int64
		last  *store.Run
		fires bool
		log   string
	}{
		"small":                          {800_000, run(day, 0), false, "level=INFO msg=\"database size\" rows=800000"},
		"above the warning":              {800_001, run(day, 0), false, "level=WARN"},
		"at the limit":                   {1_000_000, run(day, 0), false, "level=WARN"},
		"above the limit, first run":     {1_000_001, nil, false, "level=ERROR msg=\"ALERT: Database size exceeded 1M threshold\" rows=1000001 rows_a_day=0"},
		"above the limit, grows slowly":  {1_000_001, run(day, 990_001), false, "level=ERROR"},
		"above the limit, grows fast":    {1_000_001, run(day, 990_000), true, "level=ERROR"},
		"above the limit, shrinks":       {1_000_001, run(day, 2_000_000), false, "level=ERROR"},
		"a week's growth is shared out":  {1_070_000, run(7*day, 1_000_000), false, "rows_a_day=10000"},
		"a week's growth is too much":    {1_070_001, run(7*day, 1_000_000), true, "level=ERROR"},
		"a run that is repeated at once": {1_000_011, run(time.Second, 1_000_001), false, "level=ERROR"},
		"a flood between two runs":       {1_000_500, run(time.Second, 1_000_000), true, "level=ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Thresholds{}.withDefaults().compare(test.rows, test.last, now)
			if got.Fires != test.fires {
				t.Errorf("got %+v, want it to fire: %t", got, test.fires)
			}
			var out bytes.Buffer
			got.log(t.Context(), slog.New(slog.NewTextHandler(&out, nil)))
			if !strings.Contains(out.String(), test.log) {
				t.Errorf("got log %q, want %q in it", out.String(), test.log)
			}
		})
	}
}

func TestThresholdsAreSettings(t *testing.T) {
	t.Parallel()
	set := Thresholds{WarnRows: 10, LimitRows: 20, RowsADay: 5}
	if got := set.withDefaults(); got != set {
		t.Errorf("got %+v, want %+v", got, set)
	}
	var out bytes.Buffer
	set.compare(21, nil, time.Now()).log(t.Context(), slog.New(slog.NewTextHandler(&out, nil)))
	if want := `msg="ALERT: Database size exceeded 1M threshold" rows=21 rows_a_day=0 warn_rows=10 limit_rows=20`; !strings.Contains(out.String(), want) {
		t.Errorf("got log %q, want %q in it", out.String(), want)
	}
}
