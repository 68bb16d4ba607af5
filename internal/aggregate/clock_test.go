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

// TestClockIsDoubtedEveryTime: whatever has happened since the clock jumped for
// the first time, a jump deletes nothing at first.
func TestClockIsDoubtedEveryTime(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(*testing.T, *store.Store, *movable) *aggregate.Job{
		"a process that has believed one": func(t *testing.T, s *store.Store, c *movable) *aggregate.Job {
			job := aggregate.New(aggregate.Options{Store: s, Now: c.now})
			c.Time = now.Add(9 * day)
			refuses(t, job)
			for range 5 {
				c.Time = c.Add(day)
				runs(t, job)
			}
			return job
		},
		"a run that was stopped": func(t *testing.T, s *store.Store, c *movable) *aggregate.Job {
			fill(t, s, metric.Batch{Events: []metric.Event{event(ago(30*day), "page_view", "/", "eve")}})
			c.Time = now.Add(time.Hour)
			ctx, stop := context.WithCancel(t.Context())
			stopped := aggregate.New(aggregate.Options{Store: s, Now: c.now, Progress: func(_, _ int64) { stop() }})
			if _, err := stopped.Run(ctx, false); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want that it was stopped", err)
			}
			return aggregate.New(aggregate.Options{Store: s, Now: c.now})
		},
		"a clock that was put right": func(t *testing.T, s *store.Store, c *movable) *aggregate.Job {
			c.Time = now.AddDate(1, 0, 0)
			refuses(t, aggregate.New(aggregate.Options{Store: s, Now: c.now}))
			c.Time = now.Add(day)
			runs(t, aggregate.New(aggregate.Options{Store: s, Now: c.now}))
			return aggregate.New(aggregate.Options{Store: s, Now: c.now})
		},
		"a clock that is less wrong": func(t *testing.T, s *store.Store, c *movable) *aggregate.Job {
			c.Time = now.AddDate(2, 0, 0)
			refuses(t, aggregate.New(aggregate.Options{Store: s, Now: c.now}))
			return aggregate.New(aggregate.Options{Store: s, Now: c.now})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				youngRows(t, s)
				c := &movable{now}
				job := before(t, s, c)
				want := rows(t, s)
				c.Time = now.AddDate(1, 0, 1)
				refuses(t, job)
				if got := rows(t, s); got != want {
					t.Errorf("rows %+v, want %+v", got, want)
				}
			})
		})
	}
}

// TestAnotherRunEndsTheDoubt: whoever has run well in the meantime vouches for
// the clock.
func TestAnotherRunEndsTheDoubt(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite)
	youngRows(t, s)
	c := &movable{now.Add(9 * day)}
	serving := aggregate.New(aggregate.Options{Store: s, Now: c.now})
	refuses(t, serving)
	c.Time = c.Add(time.Minute)
	runs(t, aggregate.New(aggregate.Options{Store: s, Now: c.now}))
	c.Time = c.Add(time.Hour)
	runs(t, serving)
}

// TestRunsOfTheFutureAreForgotten: what a clock that was ahead has recorded is
// neither the last run for ever, nor what growth is measured by.
func TestRunsOfTheFutureAreForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		youngRows(t, s)
		c := &movable{now.AddDate(1, 0, 0)}
		refuses(t, aggregate.New(aggregate.Options{Store: s, Now: c.now}))
		c.Time = now.Add(day)
		for i := range 30 {
			fill(t, s, metric.Batch{Events: []metric.Event{event(ago(time.Duration(i)*time.Hour), "page_view", "/", "ann")}})
		}
		report, err := aggregate.New(aggregate.Options{Store: s, Now: c.now}).Run(t.Context(), false)
		if err != nil || report.Guard.RowsADay < 25 || report.Guard.RowsADay > 35 {
			t.Errorf("growth %v a day, %v; want about 30", report.Guard.RowsADay, err)
		}
		last, err := s.LastRun(t.Context())
		if err != nil || last.Outcome != aggregate.OutcomeDone || last.FinishedAt.After(c.Add(time.Minute)) {
			t.Errorf("last run %+v, %v, want that of %s", last, err, c.Time)
		}
	})
}

// refuses wants a run that does not believe the clock.
func refuses(t *testing.T, job *aggregate.Job) {
	t.Helper()
	if _, err := job.Run(t.Context(), false); !errors.Is(err, aggregate.ErrClockAhead) {
		t.Errorf("got %v, want ErrClockAhead", err)
	}
}

// runs wants a run that does.
func runs(t *testing.T, job *aggregate.Job) {
	t.Helper()
	if _, err := job.Run(t.Context(), false); err != nil {
		t.Errorf("run: %v", err)
	}
}
