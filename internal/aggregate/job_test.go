package aggregate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// history holds a row on either side of both retentions.
func history() metric.Batch {
	raw, all := ago(7*day).Truncate(time.Hour), ago(90*day).Truncate(time.Hour)
	return metric.Batch{
		Requests: []metric.Request{
			request(raw, "/young", 200, 1, "ann"),
			request(raw.Add(-time.Microsecond), "/old", 500, 2, "ann"),
			request(raw.Add(-time.Minute), "/old", 200, 4, ""),
			request(all, "/oldest", 200, 8, "bob"),
			request(all.Add(-time.Microsecond), "/forgotten", 200, 16, "bob"),
		},
		Events: []metric.Event{
			event(now, "page_view", "/", "ann"),
			event(ago(8*day), "page_view", "/", "ann"),
			event(ago(95*day), "page_view", "/", "ann"),
		},
	}
}

func TestRunAppliesTheRetention(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, history())
		j, log := job(s, aggregate.Thresholds{})
		report, err := j.Run(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		r := report.Retired
		if r.RequestsRolled != 3 || r.EventsRolled != 1 || r.RequestsExpired != 1 || r.EventsExpired != 1 {
			t.Errorf("got %+v, want 3 requests and 1 event rolled up, 1 of each expired", r)
		}
		left := rows(t, s)
		if left.Requests != 1 || left.Events != 1 || report.Rows != left || r.Before != (store.Rows{Requests: 5, Events: 3}) {
			t.Errorf("got %+v left of %+v, report says %+v", left, r.Before, report.Rows)
		}
		for _, want := range []string{
			"msg=\"aggregation done\"", "correlation_id=" + report.CorrelationID, "requests_before=5", "requests_after=1",
			"events_before=3", "events_after=1", "rollups_before=0", "msg=\"database size\"",
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("log lacks %s:\n%s", want, log)
			}
		}
		h, err := s.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if h.LastRun == nil || h.LastRun.Outcome != aggregate.OutcomeDone || h.LastRun.RowsAfter != left || !h.LastRun.FinishedAt.Equal(now) {
			t.Errorf("got last run %+v", h.LastRun)
		}

		again, err := j.Run(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		if got := rows(t, s); got != left || again.Retired.Hours != 0 || again.CorrelationID == report.CorrelationID {
			t.Errorf("a second run changed %+v to %+v: %+v", left, got, again)
		}
	})
}

func TestDryRunChangesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, history())
		before := rows(t, s)
		j, log := job(s, aggregate.Thresholds{WarnRows: 1, LimitRows: 1})
		report, err := j.Run(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		r := report.Retired
		if !report.DryRun || r.RequestsRolled != 3 || r.EventsRolled != 1 || r.RequestsExpired != 1 || r.EventsExpired != 1 || r.Hours != 3 {
			t.Errorf("got %+v", report)
		}
		if report.Rows.Requests != 1 || report.Rows.Events != 1 {
			t.Errorf("got %+v rows to be left", report.Rows)
		}
		oldest := ago(90 * day).Truncate(time.Hour).Add(-time.Microsecond)
		if !report.OldestRequest.Equal(oldest) || !report.OldestEvent.Equal(ago(95*day)) || !report.OldestRollup.IsZero() {
			t.Errorf("got oldest %s, %s, %s", report.OldestRequest, report.OldestEvent, report.OldestRollup)
		}
		if got := rows(t, s); got != before {
			t.Errorf("got %+v rows, want %+v as before", got, before)
		}
		if h, err := s.Health(t.Context()); err != nil || h.LastRun != nil {
			t.Errorf("a dry run recorded %+v, %v", h.LastRun, err)
		}
		if !strings.Contains(log.String(), "dry run: nothing was changed") || strings.Contains(log.String(), "ALERT") {
			t.Errorf("got log %s", log)
		}
	})
}

// R7c on a real store, with small thresholds.
func TestGrowthGuard(t *testing.T) {
	t.Parallel()
	thresholds := aggregate.Thresholds{WarnRows: 4, LimitRows: 6, RowsADay: 3}
	for name, test := range map[string]struct {
		young int   // raw requests of the hour before
		last  int64 // rows that the run of yesterday left; -1 for no run
		fires bool
		log   string
		left  int64 // raw requests
	}{
		"small":        {4, 0, false, `level=INFO msg="database size"`, 4},
		"warns":        {6, 0, false, "level=WARN", 6},
		"alerts":       {7, 4, false, "ALERT: Database size exceeded 1M threshold", 7},
		"first run":    {7, -1, false, "ALERT: Database size exceeded 1M threshold", 7},
		"fires":        {7, 3, true, "ALERT: Database size exceeded 1M threshold", 0},
		"fires harder": {90, 3, true, "growth guard aggregated every complete hour", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				batch := metric.Batch{}
				for range test.young {
					batch.Requests = append(batch.Requests, request(now.Truncate(time.Hour).Add(-time.Microsecond), "/", 200, 1, "ann"))
				}
				fill(t, s, batch)
				if test.last >= 0 {
					run := store.Run{StartedAt: ago(day), FinishedAt: ago(day), Outcome: aggregate.OutcomeDone, RowsAfter: store.Rows{Requests: test.last}}
					if err := s.RecordRun(t.Context(), run); err != nil {
						t.Fatal(err)
					}
				}
				j, log := job(s, thresholds)
				report, err := j.Run(t.Context(), false)
				if errors.Is(err, aggregate.ErrGrowthGuard) != test.fires || (err != nil) != test.fires {
					t.Fatalf("got %v, want the guard to fire: %t", err, test.fires)
				}
				if !strings.Contains(log.String(), test.log) {
					t.Errorf("log lacks %q:\n%s", test.log, log)
				}
				if got := rows(t, s); got.Requests != test.left || report.Rows != got || (report.Emergency != nil) != test.fires {
					t.Errorf("got %+v, report says %+v, want %d raw requests left", got, report.Rows, test.left)
				}
				if test.fires && !strings.Contains(err.Error(), report.CorrelationID) {
					t.Errorf("%q does not name its correlation id", err)
				}
				want := map[bool]string{true: aggregate.OutcomeGuard, false: aggregate.OutcomeDone}[test.fires]
				if h, err := s.Health(t.Context()); err != nil || h.LastRun.Outcome != want {
					t.Errorf("recorded %+v, %v, want %s", h.LastRun, err, want)
				}
			})
		})
	}
}

// The running hour is not complete, so that even an emergency leaves it.
func TestGrowthGuardLeavesTheRunningHour(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, metric.Batch{Requests: []metric.Request{
			request(now.Truncate(time.Hour), "/", 200, 1, "ann"),
			request(now, "/", 200, 1, "ann"),
			request(ago(time.Hour), "/", 200, 1, "ann"),
		}})
		if err := s.RecordRun(t.Context(), store.Run{StartedAt: ago(day), FinishedAt: ago(day)}); err != nil {
			t.Fatal(err)
		}
		j, _ := job(s, aggregate.Thresholds{WarnRows: 1, LimitRows: 1, RowsADay: 1})
		if _, err := j.Run(t.Context(), false); !errors.Is(err, aggregate.ErrGrowthGuard) {
			t.Fatalf("got %v, want ErrGrowthGuard", err)
		}
		if got := rows(t, s); got.Requests != 2 {
			t.Errorf("got %d raw requests left, want the 2 of the running hour", got.Requests)
		}
	})
}

func TestRunWithoutADatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		j, _ := job(s, aggregate.Thresholds{})
		report, err := j.Run(t.Context(), false)
		if !errors.Is(err, aggregate.ErrUnreachable) || errors.Is(err, aggregate.ErrFailed) || !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("got %v, want ErrUnreachable", err)
		}
		if text := err.Error(); !strings.Contains(text, report.CorrelationID) || !strings.Contains(text, "check the database URL") || strings.Contains(text, "\n") {
			t.Errorf("got %q, want one line with the correlation id and what to do", text)
		}
	})
}

// A full disk is no database that cannot be reached.
func TestRunOnAFullDisk(t *testing.T) {
	t.Parallel()
	_, address := storetest.OpenURL(t, store.SQLite)
	s := storetest.OpenAt(t, store.Options{URL: address, Now: clock, Failpoint: func(_ context.Context, point string) error {
		if strings.HasPrefix(point, "retire.") {
			return store.ErrFull
		}
		return nil
	}})
	j, _ := job(s, aggregate.Thresholds{})
	_, err := j.Run(t.Context(), false)
	if !errors.Is(err, aggregate.ErrFailed) || errors.Is(err, aggregate.ErrUnreachable) || !errors.Is(err, store.ErrFull) {
		t.Fatalf("got %v, want ErrFailed", err)
	}
	if !strings.HasSuffix(err.Error(), "; the data is whole; make room on the disk of the database, then run again") {
		t.Errorf("got %q, which does not say what to do", err)
	}
}

func TestRunThatIsStopped(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, history())
		before := rows(t, s)
		stopped, cancel := context.WithCancel(t.Context())
		cancel()
		j, _ := job(s, aggregate.Thresholds{})
		if _, err := j.Run(stopped, false); !errors.Is(err, aggregate.ErrFailed) || !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want ErrFailed for a cancelled context", err)
		}
		if got := rows(t, s); got != before {
			t.Errorf("got %+v, want %+v as before", got, before)
		}
	})
}
