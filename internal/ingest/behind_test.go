package ingest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// poisonous returns n events that are refused.
func poisonous(n int) metric.Batch {
	b := numbered(n)
	for i := range b.Events {
		b.Events[i].PageName = fmt.Sprint("poison", i)
	}
	return b
}

// withIDs gives the events of a batch ids.
func withIDs(b metric.Batch, isChecked bool) metric.Batch {
	b.CheckIDs = isChecked
	for i := range b.Events {
		b.Events[i].ID = uuid.New()
	}
	return b
}

// However many bad samples there are in a row, and whatever stands around them,
// what comes behind them is stored.
func TestBadSamplesAreNotInTheWayForGood(t *testing.T) {
	t.Parallel()
	large := poisonous(600)
	for i := range large.Events {
		large.Events[i].Metadata = []byte(`"` + strings.Repeat("x", 8<<10-2) + `"`)
	}
	for name, c := range map[string]struct {
		before, bad, behind metric.Batch
		outages             int // that make the writes small
	}{
		"behind good ones":            {before: numbered(60), bad: poisonous(40), behind: numbered(60)},
		"of another kind":             {before: numbered(60), bad: withIDs(poisonous(40), true), behind: withIDs(numbered(60), false)},
		"alone of another kind":       {before: withIDs(numbered(1), true), bad: withIDs(poisonous(1), false), behind: withIDs(numbered(1), true)},
		"larger than a write":         {before: numbered(1), bad: large, behind: numbered(1)},
		"before a store that is slow": {before: numbered(1), bad: poisonous(40), behind: numbered(60), outages: 12},
	} {
		synctest.Test(t, func(t *testing.T) {
			outages := c.outages
			s := &answering{sink: sink{fail: poison}, cut: func(metric.Batch) bool {
				outages--
				return outages >= 0
			}}
			q := start(t, onDisk(t, s))
			accept(t, q, c.bad)
			for _, b := range []metric.Batch{c.before, c.bad, c.behind} {
				accept(t, q, b)
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			good, bad := c.before.Len()+c.behind.Len(), 2*c.bad.Len()
			if st := q.Stats(); len(s.pages()) != good || st.Dropped != int64(bad) || st.Spool.Samples != 0 {
				t.Errorf("%s: %d stored in an hour, stats %+v; want %d, and %d dropped", name, len(s.pages()), st, good, bad)
			}
			stop(t, q)
		})
	}
}

// The same where there is no spool, and what is refused is given up after a while.
func TestBadRequestsTakeNoGoodOnesWithThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ at, bad int }{{0, 40}, {500, 8}, {500, 9}, {500, 40}, {300, 400}} {
		synctest.Test(t, func(t *testing.T) {
			s := &sink{fail: poison}
			q := start(t, ingest.Options{Sink: s})
			for i := range 1000 {
				r := request("/ok")
				if i >= c.at && i < c.at+c.bad {
					r = request("poison")
				}
				q.Record(r)
			}
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			if st := q.Stats(); st.Dropped != int64(c.bad) || len(s.requests()) != 1000-c.bad || st.Depth != 0 {
				t.Errorf("%d bad in a row: %d stored, stats %+v; want all others", c.bad, len(s.requests()), st)
			}
			stop(t, q)
		})
	}
}

// answering is a sink that says where its sources stand also when it cuts a write
// short.
type answering struct {
	sink
	cut func(metric.Batch) bool
}

func (a *answering) Append(ctx context.Context, b metric.Batch, at metric.Position) error {
	if a.cut(b) {
		return errAway
	}
	return a.sink.Append(ctx, b, at)
}

// A store that cuts short what takes long, as by a time limit of its own, answers
// all the time. It takes small writes.
func TestStoreThatCutsLongWritesShortIsGivenLess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &answering{cut: func(b metric.Batch) bool { return b.Len() > 500 }}
		q := start(t, onDisk(t, s))
		for range 3 {
			accept(t, q, numbered(900))
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := q.Stats(); len(s.pages()) != 2700 || st.Dropped != 0 {
			t.Errorf("%d stored in an hour, stats %+v; want 2700", len(s.pages()), st)
		}
		stop(t, q)
	})
}

// A queue for one request has room for one, whoever it is to.
func TestSmallestQueueTakesRequestsToAppmetrics(t *testing.T) {
	t.Parallel()
	q := ingest.New(ingest.Options{Sink: &sink{}, Capacity: 1})
	r := request("/api/v1/metrics/usage-events")
	r.App = metric.SelfApp
	q.Record(r)
	if st := q.Stats(); st.Depth != 1 || st.Dropped != 0 {
		t.Errorf("stats %+v, want it taken", st)
	}
}
