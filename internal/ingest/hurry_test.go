package ingest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// New samples may show where the fault is; a store that refuses them too is not
// asked the more often for it.
func TestNewSamplesDoNotHurryRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: func(metric.Batch) error { return errPoison }}
		q := start(t, ingest.Options{Sink: s})
		for range 60 {
			q.Record(request("/ok"))
			time.Sleep(500 * time.Millisecond)
		}
		if st := q.Stats(); st.Dropped != 0 || st.Depth != 60 {
			t.Errorf("stats %+v, want all kept after half a minute", st)
		}
		s.setFail(nil)
		stop(t, q)
		if n := len(s.requests()); n != 60 {
			t.Errorf("%d written, want 60", n)
		}
	})
}

// The same for what the spool holds, which is kept for good.
func TestNewSamplesDoNotHurryRefusalsOfTheSpool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: func(metric.Batch) error { return errPoison }}
		q := start(t, onDisk(t, s))
		for range 600 {
			accept(t, q, events("/a"))
			time.Sleep(500 * time.Millisecond)
		}
		if _, calls := s.count(); calls > 10_000 {
			t.Errorf("%d calls in five minutes, want few", calls)
		}
		s.setFail(nil)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := len(s.pages()); n != 600 {
			t.Errorf("%d stored, want 600", n)
		}
		stop(t, q)
	})
}
