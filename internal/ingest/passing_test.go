package ingest_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// passing is a fault of the store that goes away after some calls.
type passing struct {
	lasts   int
	refused map[string]int // how often each page was, alone
}

func (p *passing) fail(b metric.Batch) error {
	if p.lasts--; p.lasts < 0 || b.Len() == 0 {
		return poison(b)
	}
	if b.Len() == 1 {
		p.refused[b.Events[0].PageName]++
	}
	return errPoison
}

// check fails the test for samples that were given up although a last look would
// have shown that the fault is gone.
func (p *passing) check(t *testing.T, s *sink, all metric.Batch) {
	t.Helper()
	stored := s.pages()
	for _, e := range all.Events {
		if n := p.refused[e.PageName]; !slices.Contains(stored, e.PageName) && !strings.Contains(e.PageName, "poison") && n < 2 {
			t.Errorf("%s was refused %d times in all and given up, want a last look", e.PageName, n)
		}
	}
}

// A fault of the store that goes away while it looks like that of samples costs
// none of them, unless it does so within the moment between a last look at them
// and the next write.
func TestFaultThatGoesAwayIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	for _, at := range [][]int{nil, {0}, {2, 3}, {4}} {
		for lasts := range 40 {
			synctest.Test(t, func(t *testing.T) {
				fault := &passing{lasts: lasts, refused: map[string]int{}}
				s := &sink{fail: fault.fail}
				q := start(t, onDisk(t, s))
				all := withPoison(5, at...)
				accept(t, q, all)
				time.Sleep(time.Hour)
				accept(t, q, events("/next"))
				time.Sleep(time.Hour)
				synctest.Wait()
				stop(t, q)
				fault.check(t, s, all)
				if st := q.Stats(); st.Spool.Samples != 0 || int(st.Dropped)+len(s.pages()) != 6 {
					t.Errorf("stats %+v, want each stored or dropped", st)
				}
			})
		}
	}
}

// Of many that were refused the first shows that the fault is gone.
func TestFaultOfManyThatGoesAwayLosesNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: func(metric.Batch) error { return errPoison }}
		q := start(t, onDisk(t, s))
		accept(t, q, numbered(1000))
		time.Sleep(time.Hour)
		const enough = 500
		alone := map[string]int{} // refusals of single samples
		s.setFail(func(b metric.Batch) error {
			if len(alone) > enough {
				return nil // behind the refusal of the last of them
			}
			if b.Len() == 1 {
				alone[b.Events[0].PageName]++
			}
			return errPoison
		})
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 0 || len(s.pages()) != 1000 {
			t.Errorf("%d dropped, %d stored, want all stored", st.Dropped, len(s.pages()))
		}
		stop(t, q)
	})
}

// The same for what an earlier run has left, which is passed over for what a
// younger one shows.
func TestFaultOfAnEarlierRunThatGoesAwayLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		dir := t.TempDir()
		for _, page := range []string{"/earlier", "/later"} {
			o := ingest.Options{Sink: s, Spool: openSpoolAt(t, dir), Ack: ingest.AckDisk}
			q := start(t, o)
			accept(t, q, events(page))
			if page == "/later" {
				isGone := false
				s.setFail(func(b metric.Batch) error {
					if isGone = isGone || b.Len() > 0 && b.Events[0].PageName == page; !isGone {
						return errPoison
					}
					return nil
				})
				time.Sleep(time.Hour)
				synctest.Wait()
				if st := q.Stats(); st.Dropped != 0 || len(s.pages()) != 2 {
					t.Errorf("%d dropped, %d stored, want both stored", st.Dropped, len(s.pages()))
				}
			}
			stop(t, q)
			if err := o.Spool.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
