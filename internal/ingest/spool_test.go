package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// openSpool opens a spool in a directory, or in none a new one on a disk of its
// own in memory.
func openSpool(t *testing.T, o spool.Options) *spool.Spool {
	t.Helper()
	if o.Dir == "" {
		o.Dir, o.FS = "/spool", simfs.New(rand.New(rand.NewPCG(0, 0))).FS() //nolint:gosec // no secrets
	}
	s, err := spool.Open(o)
	if err != nil {
		t.Fatalf("open spool: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func openSpoolAt(t *testing.T, dir string) *spool.Spool {
	t.Helper()
	return openSpool(t, spool.Options{Dir: dir})
}

// copyDir returns a copy of a directory as it is now.
func copyDir(t *testing.T, dir string) string {
	t.Helper()
	clone := filepath.Join(t.TempDir(), "clone")
	if err := os.CopyFS(clone, os.DirFS(dir)); err != nil {
		t.Fatalf("copy %s: %v", dir, err)
	}
	return clone
}

// onDisk returns options of a queue that acknowledges what its spool has.
func onDisk(t *testing.T, s ingest.Sink) ingest.Options {
	t.Helper()
	return ingest.Options{Sink: s, Spool: openSpool(t, spool.Options{}), Ack: ingest.AckDisk}
}

func accept(t *testing.T, q *ingest.Queue, b metric.Batch) {
	t.Helper()
	if err := q.Accept(t.Context(), b); err != nil {
		t.Fatalf("Accept: %v", err)
	}
}

// pages returns the pages of the events that the sink has, in order.
func (s *sink) pages() (pages []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.batches {
		for _, e := range b.Events {
			pages = append(pages, e.PageName)
		}
	}
	return pages
}

func numbered(n int) metric.Batch {
	var b metric.Batch
	for i := range n {
		b.Events = append(b.Events, event(fmt.Sprint("/", i)))
	}
	return b
}

func TestPostIsAcknowledgedOnDiskAndStoredAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		opts := onDisk(t, g)
		q := start(t, opts)
		accept(t, q, events("/a"))
		if got := opts.Spool.Stats().Samples; got != 1 {
			t.Errorf("%d samples in the spool when the post is acknowledged, want 1", got)
		}
		if st := q.Stats(); st.Accepted != 1 || st.Spooled != 1 || st.Replayed != 0 || st.OldestUnsent.IsZero() {
			t.Errorf("stats %+v, want 1 accepted, spooled and not yet stored", st)
		}
		close(g.pass)
		synctest.Wait() // no time passes
		if got := strings.Join(g.pages(), " "); got != "/a" {
			t.Errorf("stored %q, want /a without waiting for anything", got)
		}
		if st := q.Stats(); st.Replayed != 1 || st.Spool.Samples != 0 || !st.OldestUnsent.IsZero() {
			t.Errorf("stats %+v, want 1 replayed and an empty spool", st)
		}
		stop(t, q)
	})
}

func TestRecordedRequestsGoThroughTheSpool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		opts := onDisk(t, s)
		opts.BatchSize = 10
		q := start(t, opts)
		for i := range 25 {
			q.Record(request(fmt.Sprint("/", i)))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if st := q.Stats(); st.Written != 25 || st.Spooled != 25 || st.Replayed != 25 || st.Depth != 0 || st.DepthBytes != 0 {
			t.Errorf("stats %+v, want 25 spooled, replayed and written", st)
		}
		if got := s.requests(); len(got) != 25 || got[0] != "/0" || got[24] != "/24" {
			t.Errorf("stored %v, want them all in order", got)
		}
		stop(t, q)
	})
}

func TestBacklogOfAnEarlierRunIsStoredFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		opts := onDisk(t, s)
		dir := t.TempDir()
		opts.Spool = openSpoolAt(t, dir)
		q := start(t, opts)
		accept(t, q, events("/old"))
		q.Record(request("/old"))
		stop(t, q)
		if err := opts.Spool.Close(); err != nil {
			t.Fatal(err)
		}
		s.setFail(nil)
		opts.Spool = openSpoolAt(t, dir)
		q = start(t, opts)
		accept(t, q, events("/new"))
		synctest.Wait()
		if got := strings.Join(append(s.pages(), s.requests()...), " "); got != "/old /new /old" {
			t.Errorf("stored %q, want /old /new and the request", got)
		}
		if st := q.Stats(); st.Replayed != 3 || st.Spooled != 1 || st.Written != 1 {
			t.Errorf("stats %+v, want 3 replayed, 1 spooled, 1 request written", st)
		}
		stop(t, q)
		if n := len(s.forgotten); n != 2 {
			t.Errorf("%d sources forgotten, want the old one and, after Stop, the new one", n)
		}
	})
}

// Posts with and without checked ids, and recorded requests, share a write
// where nothing stands against it.
func TestWhatIsStoredTogether(t *testing.T) {
	t.Parallel()
	plain := metric.Batch{Events: []metric.Event{event("/plain")}}
	checked := metric.Batch{Events: []metric.Event{event("/checked")}, CheckIDs: true}
	checked.Events[0].ID = uuid.New()
	unchecked := metric.Batch{Events: []metric.Event{event("/unchecked")}}
	unchecked.Events[0].ID = uuid.New()
	for _, c := range []struct {
		name    string
		batches []metric.Batch
		want    string // by write
	}{
		{"without ids", []metric.Batch{plain, plain}, "/plain /plain"},
		{"checked and without", []metric.Batch{plain, checked, plain}, "/plain /checked /plain (checked)"},
		{"unchecked and without", []metric.Batch{plain, unchecked, plain}, "/plain /unchecked /plain"},
		{"unchecked and checked", []metric.Batch{unchecked, plain, checked}, "/unchecked /plain, /checked (checked)"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &sink{fail: away}
			q := start(t, onDisk(t, s))
			for _, b := range c.batches {
				accept(t, q, b)
			}
			s.setFail(nil)
			stop(t, q)
			var writes []string
			for _, b := range s.batches {
				var pages []string
				for _, e := range b.Events {
					pages = append(pages, e.PageName)
				}
				if b.CheckIDs {
					pages = append(pages, "(checked)")
				}
				writes = append(writes, strings.Join(pages, " "))
			}
			if got := strings.Join(writes, ", "); got != c.want {
				t.Errorf("%s: stored %q, want %q", c.name, got, c.want)
			}
		})
	}
}

// An idle spool says so now and then: else the store would remember ids for the
// sake of what may wait in it.
func TestIdleSpoolIsHeardOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		opts := onDisk(t, s)
		begin := time.Now()
		q := start(t, opts)
		time.Sleep(150 * time.Minute)
		accept(t, q, events("/a"))
		synctest.Wait()
		stop(t, q)
		want := []time.Duration{0, time.Hour, 2 * time.Hour, 150 * time.Minute}
		if len(s.times) != len(want) {
			t.Fatalf("heard of %v, want at %v", s.times, want)
		}
		for i, at := range s.times {
			if at.Sub(begin) != want[i] {
				t.Errorf("call %d says %v after the start, want %v", i, at.Sub(begin), want[i])
			}
		}
		if len(s.forgotten) != 1 || s.forgotten[0] != opts.Spool.Source() {
			t.Errorf("forgotten %v, want the spool's source after a clean stop", s.forgotten)
		}
	})
}

// With AckDB the spool holds only recorded requests, which have no ids.
func TestNoIDsAreRememberedForRecordedRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		opts := onDisk(t, s)
		opts.Ack = ingest.AckDB
		q := start(t, opts)
		q.Record(request("/a"))
		accept(t, q, events("/b"))
		time.Sleep(time.Second)
		synctest.Wait()
		if st := q.Stats(); st.Replayed != 1 || st.Spooled != 1 || st.Accepted != 1 {
			t.Errorf("stats %+v, want only the request to go through the spool", st)
		}
		for _, at := range s.times {
			if !at.IsZero() {
				t.Errorf("a write says that everything before %v is stored, want nothing", at)
			}
		}
		stop(t, q)
	})
}

// A sender that has left takes no room, whenever it left.
func TestSenderThatLeavesFreesItsRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun, pass := make(chan struct{}, 10), make(chan struct{})
		disk := openSpool(t, spool.Options{Failpoint: func(point string) error {
			if point == "spool.sync" {
				begun <- struct{}{}
				<-pass
			}
			return nil
		}})
		s := &sink{}
		q := start(t, ingest.Options{Sink: s, Spool: disk, Ack: ingest.AckDisk, Capacity: 2})
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.Accept(gone, events("/gone before")); !errors.Is(err, context.Canceled) {
			t.Errorf("Accept: %v, want canceled", err)
		}
		result := make(chan error, 2)
		go func() { result <- q.Accept(t.Context(), events("/leader")) }()
		<-begun
		leaving, leave := context.WithCancel(t.Context())
		go func() { result <- q.Accept(leaving, events("/gone while it waits")) }()
		synctest.Wait()
		if err := q.Accept(t.Context(), events("/busy")); !errors.Is(err, ingest.ErrBusy) {
			t.Errorf("Accept beside two that wait: %v, want ErrBusy", err)
		}
		leave()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("Accept: %v, want canceled", err)
		}
		close(pass)
		if err := <-result; err != nil {
			t.Errorf("Accept of the one that is synced: %v", err)
		}
		accept(t, q, metric.Batch{Events: []metric.Event{event("/1"), event("/2")}}) // there is room for two
		stop(t, q)
		if st := q.Stats(); st.Accepted != 3 || st.RejectedBy[ingest.Busy] != 1 {
			t.Errorf("stats %+v, want 3 accepted, 1 rejected", st)
		}
	})
}

// A post that finds the store back does so for what waits in the spool, too.
func TestPostThatFindsTheStoreBackEmptiesTheSpool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		opts := onDisk(t, s)
		opts.Ack = ingest.AckDB
		q := start(t, opts)
		q.Record(request("/kept"))
		time.Sleep(2 * time.Second)
		s.setFail(nil)
		accept(t, q, events("/a"))
		synctest.Wait() // no time passes
		if n := len(s.requests()); n != 1 {
			t.Errorf("%d requests stored, want the one that waited", n)
		}
		stop(t, q)
	})
}

// A store that does not take a full write in time takes a small one.
func TestSlowStoreIsGivenLess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		q := start(t, onDisk(t, s))
		for range 5 {
			accept(t, q, numbered(1000))
		}
		s.setFail(func(b metric.Batch) error {
			time.Sleep(time.Duration(b.Len()) * 100 * time.Millisecond)
			if b.Len() > 300 {
				return context.DeadlineExceeded
			}
			return nil
		})
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := q.Stats(); len(s.pages()) != 5000 || st.Dropped != 0 {
			t.Errorf("%d stored in an hour, stats %+v; want 5000", len(s.pages()), st)
		}
		for i, page := range s.pages() {
			if page != fmt.Sprint("/", i%1000) {
				t.Fatalf("%s at place %d", page, i)
			}
		}
		s.setFail(nil) // it is quick again
		for range 5 {
			accept(t, q, numbered(1000))
			synctest.Wait()
		}
		if sizes := s.sizes(); slices.Max(sizes) <= 300 {
			t.Errorf("writes of %v, want larger ones once the store is quick", sizes)
		}
		stop(t, q)
	})
}

// However many senders post large batches, each hears of its own, and all of it
// is stored.
func TestManySendersOfLargePosts(t *testing.T) {
	t.Parallel()
	for _, ack := range []ingest.Ack{ingest.AckDB, ingest.AckDisk} {
		synctest.Test(t, func(t *testing.T) {
			s := &counting{}
			o := onDisk(t, s)
			o.Ack = ack
			q := start(t, o)
			var wait sync.WaitGroup
			for range 16 {
				wait.Go(func() {
					for range 5 {
						if err := q.Accept(t.Context(), numbered(1000)); err != nil {
							t.Errorf("ack %v: Accept: %v", ack, err)
						}
					}
				})
			}
			wait.Wait()
			stop(t, q)
			if s.events != 80_000 {
				t.Errorf("ack %v: %d stored, want 80,000", ack, s.events)
			}
		})
	}
}
