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
	begins  int // calls before it
	lasts   int
	refused map[string]int // how often each page was, alone
	left    map[string]int // how many calls the fault still lasted when it was so last
}

func newPassing(lasts int) *passing {
	return &passing{lasts: lasts, refused: map[string]int{}, left: map[string]int{}}
}

func (p *passing) fail(b metric.Batch) error {
	if p.begins--; p.begins >= 0 {
		return poison(b)
	}
	if p.lasts--; p.lasts < 0 || b.Len() == 0 {
		return poison(b)
	}
	if b.Len() == 1 {
		p.refused[b.Events[0].PageName]++
		p.left[b.Events[0].PageName] = p.lasts
	}
	return errPoison
}

// given are the pages that were given up although they are not bad.
func (p *passing) given(s *sink) (pages []string) {
	stored := s.pages()
	for page := range p.refused {
		if !slices.Contains(stored, page) && !strings.Contains(page, "poison") {
			pages = append(pages, page)
		}
	}
	return pages
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

// play posts samples and, an hour later, another, and looks what became of them.
func (p *passing) play(t *testing.T, all metric.Batch) *sink {
	t.Helper()
	s := &sink{fail: p.fail}
	q := start(t, onDisk(t, s))
	accept(t, q, all)
	time.Sleep(time.Hour)
	accept(t, q, events("/next"))
	time.Sleep(time.Hour)
	synctest.Wait()
	stop(t, q)
	p.check(t, s, all)
	if st := q.Stats(); st.Spool.Samples != 0 || int(st.Dropped)+len(s.pages()) != all.Len()+1 {
		t.Errorf("stats %+v, want each stored or dropped", st)
	}
	return s
}

// A fault of the store that goes away while it looks like that of samples costs
// none of them, unless it does so within the moment between a last look at them
// and the next write.
func TestFaultThatGoesAwayIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	for _, at := range [][]int{nil, {0}, {2, 3}, {4}} {
		for lasts := range 40 {
			synctest.Test(t, func(t *testing.T) {
				newPassing(lasts).play(t, withPoison(5, at...))
			})
		}
	}
}

// The same behind samples that are bad for good: those cannot show that the fault
// is gone.
func TestFaultBehindBadSamplesIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	for _, at := range [][]int{{0}, {0, 1, 2}, {20}} {
		for lasts := range 160 {
			synctest.Test(t, func(t *testing.T) {
				fault := newPassing(lasts)
				s := fault.play(t, withPoison(40, at...))
				if n := len(fault.given(s)); lasts < 40 && n > 7 {
					t.Errorf("poison at %v: %d given up for a fault of %d calls, want less than 8", at, n, lasts)
				}
			})
		}
	}
}

// The last look at samples behind those that were taken is a moment before the
// next is, however long the fault lasts that came between them.
func TestFaultBetweenOthersIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	for begins := range 20 {
		for _, lasts := range []int{20, 40, 60, 80} {
			synctest.Test(t, func(t *testing.T) {
				const taken = 2 // calls until the first are
				fault := newPassing(lasts)
				fault.begins = taken + begins
				s := &sink{fail: fault.fail}
				q := start(t, onDisk(t, s))
				all := withPoison(40, 20)
				accept(t, q, all)
				accept(t, q, events("/next"))
				time.Sleep(time.Hour)
				synctest.Wait()
				stop(t, q)
				fault.check(t, s, all)
				for _, page := range fault.given(s) {
					if left := fault.left[page]; left >= 8 {
						t.Errorf("%s was refused last %d calls before the end of a fault of %d, want a moment", page, left, lasts)
					}
				}
			})
		}
	}
}

// A fault of the store that begins while a bad sample is looked for, and after
// others were taken, is seen in the store.
func TestFaultThatBeginsBehindABadSampleLosesNothing(t *testing.T) {
	t.Parallel()
	for _, at := range []int{0, 30, 57, 58} {
		for begins := range 30 {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				s := &sink{fail: func(b metric.Batch) error {
					if calls++; calls > begins && b.Len() > 0 {
						return errPoison
					}
					return poison(b)
				}}
				q := start(t, onDisk(t, s))
				accept(t, q, withPoison(60, at))
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				s.setFail(poison)
				time.Sleep(10 * time.Minute)
				accept(t, q, events("/next"))
				synctest.Wait()
				if st := q.Stats(); st.Dropped != 1 || len(s.pages()) != 60 || st.Spool.Samples != 0 {
					t.Errorf("poison at %d, a fault from call %d on: %d stored, stats %+v; want all but the bad one", at, begins, len(s.pages()), st)
				}
				stop(t, q)
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
		accept(t, q, numbered(400))
		time.Sleep(time.Hour)
		const enough = 200
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
		if st := q.Stats(); st.Dropped != 0 || len(s.pages()) != 400 {
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
