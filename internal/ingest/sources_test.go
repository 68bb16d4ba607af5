package ingest_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// What an earlier run has left and the store refuses is passed over for what is
// taken of a younger run, be that behind refused samples of its own, or by a
// store that takes small writes only.
func TestBadSamplesOfTwoRunsAreNotInTheWayForGood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bad, good, most int // most: of a write
	}{
		"alone": {good: 50}, "seven more": {bad: 7, good: 50}, "eight more": {bad: 8, good: 50}, "forty more": {bad: 40, good: 50},
		"small writes": {good: 900, most: 500}, "forty and small writes": {bad: 40, good: 900, most: 500},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &answering{sink: sink{fail: away}, cut: func(b metric.Batch) bool { return c.most > 0 && b.Len() > c.most }}
			dir := t.TempDir()
			earlier := ingest.Options{Sink: s, Spool: openSpoolAt(t, dir), Ack: ingest.AckDisk}
			q := start(t, earlier)
			accept(t, q, poisonous(1))
			stop(t, q)
			if err := earlier.Spool.Close(); err != nil {
				t.Fatal(err)
			}
			s.setFail(poison)
			q = start(t, ingest.Options{Sink: s, Spool: openSpoolAt(t, dir), Ack: ingest.AckDisk})
			later := poisonous(c.bad)
			later.Events = append(later.Events, numbered(c.good).Events...)
			accept(t, q, later)
			time.Sleep(3 * time.Hour)
			synctest.Wait()
			if st := q.Stats(); len(s.pages()) != c.good || st.Dropped != int64(c.bad+1) || st.Spool.Samples != 0 {
				t.Errorf("%s: %d stored in three hours, stats %+v; want %d, and %d dropped", name, len(s.pages()), st, c.good, c.bad+1)
			}
			stop(t, q)
		})
	}
}

// A store that refuses even to note the position is not asked again and again
// without a pause.
func TestPositionThatIsRefusedWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		s := &sink{fail: func(b metric.Batch) error {
			if b.Len() > 0 {
				return nil
			}
			if calls++; calls > 1000 {
				panic("a thousand calls")
			}
			return errPoison
		}}
		o := onDisk(t, s)
		put(t, o.Spool, spool.Record{Payload: bytes.Repeat([]byte{1}, 9), Samples: 1}) // that nobody can read
		q := start(t, o)
		time.Sleep(time.Hour)
		s.setFail(nil)
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := q.Stats(); st.Spool.Samples != 0 || st.Dropped != 1 {
			t.Errorf("%+v, want that it goes on", st)
		}
		stop(t, q)
	})
}
