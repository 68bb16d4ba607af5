package ingest_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// counting is a sink that counts what it is given and keeps nothing.
type counting struct {
	positions
	isAway   bool
	requests int
	events   int
}

func (c *counting) Append(_ context.Context, b metric.Batch, at metric.Position) error {
	c.mu.Lock()
	isAway := c.isAway
	c.isSilent = isAway
	c.mu.Unlock()
	if isAway {
		return errAway
	}
	return c.move(at, func() {
		c.requests += len(b.Requests)
		c.events += len(b.Events)
	})
}

func (c *counting) setAway(isAway bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isAway, c.isSilent = isAway, isAway
}

// heap returns the bytes in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Three days without a store: nothing is lost, memory does not grow, and it is
// all stored minutes after the store is back. Not parallel: it looks at the
// memory of the whole process.
func TestThreeDaysAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const steps, recorded, posted = 72 * 6, 1000, 200 // of ten minutes
		s := &counting{isAway: true}
		o := onDisk(t, s)
		o.Spool = openSpool(t, spool.Options{Dir: t.TempDir(), FS: hasty{}}) // not in the memory that is measured
		o.Unavailable = isAway
		q := ingest.New(o)
		q.Start(t.Context())
		r, post := request("/orders/{id}"), numbered(posted)
		var first, most int64
		for step := range steps {
			for range recorded {
				q.Record(r)
			}
			accept(t, q, post)
			time.Sleep(10 * time.Minute)
			if step%24 == 23 {
				used := heap()
				most = max(most, used)
				if first == 0 {
					first = used
				}
			}
		}
		if grown := most - first; grown > 8<<20 {
			t.Errorf("memory grew by %d MiB, want nothing held", grown>>20)
		}
		st := q.Stats()
		if st.Dropped != 0 || st.Rejected != 0 || st.Spool.Samples != steps*(recorded+posted) || !st.Away {
			t.Errorf("stats %+v, want everything in the spool", st)
		}
		s.setAway(false)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if s.requests != steps*recorded || s.events != steps*posted {
			t.Errorf("%d requests, %d events stored 5 min after the store is back; want %d, %d",
				s.requests, s.events, steps*recorded, steps*posted)
		}
		if st := q.Stats(); st.Spool.Samples != 0 || st.Spool.Bytes > 16<<20+1<<20 {
			t.Errorf("stats %+v, want the disk given back", st)
		}
		stop(t, q)
	})
}

// 3,300 requests a second for three minutes and the store away: what is in memory
// stays within its bounds, also when the disk is full in the end.
func TestMemoryIsBoundedUnderLoadWhileAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const perSecond, seconds = 3300, 180
		s := &counting{isAway: true}
		o := onDisk(t, s)
		o.Spool = openSpool(t, spool.Options{MaxBytes: 16 << 20, Dir: t.TempDir(), FS: hasty{}})
		o.Unavailable = isAway
		q := ingest.New(o)
		q.Start(t.Context())
		before, most := heap(), int64(0)
		for second := range seconds {
			for i := range perSecond {
				r := request("/orders/{id}")
				r.UserID = fmt.Sprint("user", i)
				r.CorrelationID = strings.Clone("7c1e0000-0000-4000-8000-000000000000")
				q.Record(r)
			}
			_ = q.Accept(t.Context(), numbered(100)) // refused in the end
			time.Sleep(time.Second)
			if second%20 == 19 {
				most = max(most, heap()-before)
			}
		}
		st := q.Stats()
		if st.Depth != st.Capacity || st.Spool.Bytes < 14<<20 || st.DroppedBy[ingest.QueueFull] == 0 || st.RejectedBy[ingest.SpoolFull] == 0 {
			t.Errorf("stats %+v, want spool and memory full", st)
		}
		if most > 96<<20 {
			t.Errorf("%d MiB in use, want 96 at most", most>>20)
		}
		t.Logf("%d MiB in use at most; %d in the spool, %d in memory", most>>20, st.Spool.Samples, st.Depth)
		kept := st.Spool.Samples + int64(st.Depth)
		s.setAway(false)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if got := int64(s.requests + s.events); got != kept {
			t.Errorf("%d stored, want the %d that were kept", got, kept)
		}
		stop(t, q)
	})
}
