package ingest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// fullDisk returns a spool whose disk takes nothing while isFull.
func fullDisk(t *testing.T) (s *spool.Spool, isFull *atomic.Bool) {
	t.Helper()
	isFull = &atomic.Bool{}
	return openSpool(t, spool.Options{Failpoint: func(point string) error {
		if isFull.Load() && point == "spool.write" {
			return syscall.ENOSPC
		}
		return nil
	}}), isFull
}

func TestFullDiskRefusesPostsAndPassesRequestsOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		disk, isFull := fullDisk(t)
		q := start(t, ingest.Options{Sink: s, Spool: disk, Ack: ingest.AckDisk})
		isFull.Store(true)
		q.Record(request("/direct"))
		err := q.Accept(t.Context(), events("/refused"))
		var unavailable *ingest.UnavailableError
		if !errors.As(err, &unavailable) || unavailable.RetryAfter != 5*time.Second || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("Accept: %v, want unavailable for 5 s, no space left", err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if st := q.Stats(); st.Written != 1 || st.Spooled != 0 || st.RejectedBy[ingest.Disk] != 1 {
			t.Errorf("stats %+v, want the request written without the spool, the post rejected for the disk", st)
		}
		isFull.Store(false)
		q.Record(request("/spooled"))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		accept(t, q, events("/a"))
		if st := q.Stats(); st.Written != 2 || st.Spooled != 2 || st.Accepted != 1 {
			t.Errorf("stats %+v, want the spool in use 2 s after there is room", st)
		}
		stop(t, q)
	})
}

// A disk that refuses both a block and the note that it did may show the block
// again after a power cut: the store must not have it as well.
func TestBlockThatMayComeBackWaitsForTheSpool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		disk := simfs.New(rand.New(rand.NewPCG(0, 0))) //nolint:gosec // no secrets
		o := onDisk(t, s)
		o.Spool = openSpool(t, spool.Options{Dir: "/spool", FS: disk.FS()})
		q := start(t, o)
		accept(t, q, events("/a")) // there is a segment
		disk.Fail(func(op simfs.Op, _ string) error {
			if op == simfs.OpSync || op == simfs.OpCreate {
				return syscall.EIO
			}
			return nil
		})
		q.Record(request("/may come back"))
		time.Sleep(time.Second)
		q.Record(request("/refused for good"))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := strings.Join(s.requests(), " "); got != "/refused for good" || q.Stats().Depth != 1 {
			t.Errorf("stored %q, want only what cannot come back: %+v", got, q.Stats())
		}
		disk.Fail(nil)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := strings.Join(s.requests(), " "); got != "/refused for good /may come back" {
			t.Errorf("stored %q, want both once the disk works", got)
		}
		stop(t, q)
	})
}

// With neither spool nor store, recorded requests wait in memory, which is
// bounded, and go on by whichever comes back first.
func TestRequestsWaitForDiskOrStore(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"disk", "store"} {
		synctest.Test(t, func(t *testing.T) {
			s := &sink{fail: away}
			disk, isFull := fullDisk(t)
			isFull.Store(true)
			q := start(t, ingest.Options{Sink: s, Spool: disk, Ack: ingest.AckDisk, Capacity: 1000, BatchSize: 10})
			for i := range 1500 {
				q.Record(request(fmt.Sprint("/", i)))
			}
			time.Sleep(40 * time.Second) // the store is tried twice
			if st := q.Stats(); st.Depth != 1000 || st.Dropped != 500 || st.DroppedBy[ingest.QueueFull] != 500 {
				t.Errorf("%s: stats %+v, want 1000 held and 500 dropped", first, st)
			}
			if first == "disk" {
				isFull.Store(false)
			} else {
				s.setFail(nil)
			}
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			st := q.Stats()
			if first == "disk" && (st.Spooled < 990 || st.Depth > 10) || first == "store" && st.Written != 1000 {
				t.Errorf("%s: stats %+v, want the memory empty but for what the store was tried with", first, st)
			}
			s.setFail(nil)
			isFull.Store(false)
			stop(t, q)
			if st := q.Stats(); st.Written != 1000 || len(s.requests()) != 1000 {
				t.Errorf("%s: %d stored, stats %+v; want 1000", first, len(s.requests()), st)
			}
		})
	}
}

func TestFullSpoolRefusesPosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		var log lines
		q := start(t, ingest.Options{
			Sink: s, Ack: ingest.AckDisk, Logger: log.logger(),
			Spool: openSpool(t, spool.Options{MaxBytes: 64 << 10}),
		})
		taken := 0
		var err error
		for ; err == nil; taken++ {
			err = q.Accept(t.Context(), numbered(10))
		}
		taken--
		synctest.Wait()
		var unavailable *ingest.UnavailableError
		if !errors.As(err, &unavailable) || !errors.Is(err, spool.ErrFull) || unavailable.RetryAfter < time.Second || unavailable.RetryAfter > 30*time.Second {
			t.Errorf("Accept: %v, want a full spool and when to try again", err)
		}
		if st := q.Stats(); st.RejectedBy[ingest.SpoolFull] != 10 || st.Accepted != int64(10*taken) {
			t.Errorf("stats %+v after %d posts, want 10 rejected", st, taken)
		}
		if n := log.count("nearly full", "spool"); n != 1 {
			t.Errorf("warned %d times of a spool that fills, want once", n)
		}
		s.setFail(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := log.count("there is room again", "spool"); n != 1 {
			t.Errorf("said %d times that there is room, want once", n)
		}
		accept(t, q, events("/a"))
		stop(t, q)
		if n := len(s.pages()); n != 10*taken+1 {
			t.Errorf("%d stored, want %d", n, 10*taken+1)
		}
	})
}
