package aggregate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// A run finds that another one has the lock, at each of the places where it
// takes it: it leaves to that one what is left, and is no failure.
func TestRunBesideAnother(t *testing.T) {
	t.Parallel()
	small := aggregate.Thresholds{WarnRows: 1, LimitRows: 1, RowsADay: 1}
	for name, c := range map[string]struct {
		point string // before which the other one takes the lock
		pass  int    // at which pass of it
		want  error
		log   string
	}{
		"retention":        {"retire.lock", 1, nil, "aggregation skipped: another run holds the lock"},
		"sums of days":     {"coarsen.lock", 1, aggregate.ErrGrowthGuard, "aggregation done"},
		"the growth guard": {"retire.lock", 2, aggregate.ErrGrowthGuard, "growth guard could not aggregate: another run holds the lock"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := &neighbour{holds: make(chan struct{}), release: make(chan struct{})}
			passes := 0
			s, url := storetest.OpenURL(t, store.PostgreSQL, func(o *store.Options) {
				o.Now = clock
				o.Failpoint = func(_ context.Context, point string) error {
					if point == c.point {
						if passes++; passes == c.pass {
							other.takeTheLock(t)
						}
					}
					return nil
				}
			})
			other.Store = storetest.OpenAt(t, store.Options{URL: url, Now: clock, Failpoint: other.failpoint})
			fill(t, s, history())
			if err := s.RecordRun(t.Context(), store.Run{StartedAt: ago(day), FinishedAt: ago(day)}); err != nil {
				t.Fatal(err)
			}
			j, log := job(s, small)
			report, err := j.Run(t.Context(), false)
			close(other.release)
			if !errors.Is(err, c.want) || report.Skipped != (c.want == nil) || report.Retired.DaysSummed > 0 && c.point == "coarsen.lock" {
				t.Errorf("got %+v, %v; want %v", report, err, c.want)
			}
			if !strings.Contains(log.String(), c.log) {
				t.Errorf("log lacks %q:\n%s", c.log, log)
			}
			if err := <-other.ended; err != nil {
				t.Errorf("the other run: %v", err)
			}
		})
	}
}

// neighbour is another run, which keeps the lock until it is told to let go.
type neighbour struct {
	*store.Store
	holds, release chan struct{}
	ended          chan error
}

func (n *neighbour) takeTheLock(t *testing.T) {
	n.ended = make(chan error, 1)
	go func() {
		_, err := n.Retire(t.Context(), store.RetireRequest{})
		n.ended <- err
	}()
	<-n.holds
}

func (n *neighbour) failpoint(_ context.Context, point string) error {
	if point == "retire.plan" {
		close(n.holds)
		<-n.release
	}
	return nil
}

// One transaction takes as many raw rows as it was told, in whole hours.
func TestRowsOfATransactionAreBounded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, history())
		report, err := aggregate.New(aggregate.Options{Store: s, Now: clock, MaxRows: 1}).Run(t.Context(), false)
		if err != nil || report.Retired.Transactions != report.Retired.Hours || report.Retired.Hours < 2 {
			t.Errorf("got %+v, %v; want a transaction for each hour", report.Retired, err)
		}
	})
}
