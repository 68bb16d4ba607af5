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

// movable is a clock that jumps.
type movable struct{ time.Time }

func (m *movable) now() time.Time { return m.Time }

// youngRows stores rows, and lets a run pass at the right time.
func youngRows(t *testing.T, s *store.Store) store.Rows {
	t.Helper()
	fill(t, s, metric.Batch{Events: []metric.Event{event(ago(day), "page_view", "/", "ann"), event(ago(20*day), "page_view", "/", "bob")}})
	if _, err := aggregate.New(aggregate.Options{Store: s, Now: clock}).Run(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	return rows(t, s)
}

// TestClockThatJumpsDeletesNothing: a guest that resumes, or a machine without
// its battery, is a year ahead for a while.
func TestClockThatJumpsDeletesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := youngRows(t, s)
		wrong := &movable{now}
		serving := aggregate.New(aggregate.Options{Store: s, Now: wrong.now})
		wrong.Time = now.AddDate(1, 0, 0)
		for range 24 {
			if _, err := serving.Run(t.Context(), false); !errors.Is(err, aggregate.ErrClockAhead) || !errors.Is(err, aggregate.ErrFailed) {
				t.Fatalf("run at %s: %v, want ErrClockAhead", wrong.Time, err)
			}
			wrong.Time = wrong.Add(59 * time.Minute)
		}
		if got := rows(t, s); got != want {
			t.Errorf("rows %+v, want %+v", got, want)
		}
		wrong.Time = now.Add(day)
		if _, err := serving.Run(t.Context(), false); err != nil {
			t.Errorf("run when the clock was set: %v", err)
		}
		if got := rows(t, s); got.Rollups == 0 || got.Events == 0 {
			t.Errorf("rows %+v, want all of it still", got)
		}
	})
}

// TestLongIdleIsNotForEver: a clock that has not jumped is believed after a day,
// or by the next process.
func TestLongIdleIsNotForEver(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(*store.Store, *aggregate.Job, *movable) *aggregate.Job{
		"after a day": func(_ *store.Store, job *aggregate.Job, later *movable) *aggregate.Job {
			later.Time = later.Add(day)
			return job
		},
		"the next process": func(s *store.Store, _ *aggregate.Job, later *movable) *aggregate.Job {
			later.Time = later.Add(31 * day) // a scheduler that is in no hurry
			return aggregate.New(aggregate.Options{Store: s, Now: later.now})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t, store.SQLite)
			youngRows(t, s)
			later := &movable{now.AddDate(0, 6, 0)}
			job := aggregate.New(aggregate.Options{Store: s, Now: later.now})
			if _, err := job.Run(t.Context(), true); err != nil {
				t.Errorf("dry run: %v, want what a run would do", err)
			}
			if _, err := job.Run(t.Context(), false); !errors.Is(err, aggregate.ErrClockAhead) {
				t.Errorf("first run: %v, want ErrClockAhead", err)
			}
			if _, err := next(s, job, later).Run(t.Context(), false); err != nil {
				t.Errorf("second run: %v", err)
			}
			if got := rows(t, s); got.Total() != 0 {
				t.Errorf("rows %+v, want none: all are past the retention", got)
			}
		})
	}
}

// TestWeeklyRunsNeverWait: only who runs less often is made to run twice.
func TestWeeklyRunsNeverWait(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite)
	youngRows(t, s)
	weekly := &movable{now}
	for range 4 {
		weekly.Time = weekly.Add(7*day + time.Hour)
		if _, err := aggregate.New(aggregate.Options{Store: s, Now: weekly.now}).Run(t.Context(), false); err != nil {
			t.Errorf("run at %s: %v", weekly.Time, err)
		}
	}
}

// TestClockOfTheDatabase: two clocks that disagree delete nothing.
func TestClockOfTheDatabase(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite)
	want := youngRows(t, s)
	for skew, isRefused := range map[time.Duration]bool{
		0: false, 59 * time.Minute: false, -59 * time.Minute: false,
		61 * time.Minute: true, -61 * time.Minute: true, -365 * day: true,
	} {
		_, err := aggregate.New(aggregate.Options{
			Store: s, Now: clock, ClockSkew: func(context.Context) (time.Duration, error) { return skew, nil },
		}).Run(t.Context(), false)
		if errors.Is(err, aggregate.ErrClockSkew) != isRefused || err != nil && !strings.Contains(err.Error(), "NTP") {
			t.Errorf("%s apart: %v", skew, err)
		}
	}
	if got := rows(t, s); got != want {
		t.Errorf("rows %+v, want %+v", got, want)
	}
}
