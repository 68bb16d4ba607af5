package spool_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/spool"
)

func TestAppendRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	s := open(t, spool.Options{Dir: t.TempDir(), MaxBytes: 32 << 20})
	over, cancel := context.WithCancel(t.Context())
	cancel()
	one := spool.Record{Payload: []byte("x"), Samples: 1}
	for name, test := range map[string]struct {
		ctx     context.Context
		records []spool.Record
		want    error
	}{
		"too large a payload":       {t.Context(), []spool.Record{one, {Payload: make([]byte, spool.MaxRecordBytes+1), Samples: 1}}, spool.ErrTooLarge},
		"more than the limit":       {t.Context(), []spool.Record{largest(), largest(), largest(), largest()}, spool.ErrFull},
		"a context that is over":    {over, []spool.Record{one}, context.Canceled},
		"a record without a sample": {t.Context(), []spool.Record{one, {Payload: []byte("x")}}, nil},
	} {
		err := s.Append(test.ctx, test.records...)
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if err := s.Append(t.Context()); err != nil {
		t.Errorf("nothing: %v", err)
	}
	if stats := s.Stats(); stats.Records != 0 || stats.Segments != 0 {
		t.Errorf("stats: %+v", stats)
	}
}

func largest() spool.Record {
	return spool.Record{Payload: bytes.Repeat([]byte("x"), spool.MaxRecordBytes), Samples: 1}
}

func TestTheLargestRecordComesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, spool.Options{Dir: dir})
	if err := s.Append(t.Context(), largest(), spool.Record{Samples: 1}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, spool.Options{Dir: dir})
	entries, err := s.Peek(1, 1)
	if err != nil || len(entries) != 1 || !bytes.Equal(entries[0].Payload, largest().Payload) {
		t.Fatalf("peek: %d entries, %v", len(entries), err)
	}
	if _, err := s.Release(entries[0].Source, 1); err != nil {
		t.Fatal(err)
	}
	if entries, err = s.Peek(1, 1); err != nil || len(entries) != 1 || len(entries[0].Payload) != 0 {
		t.Errorf("an empty record: %d entries, %v", len(entries), err)
	}
}

func TestTheLimitHoldsAndEndsWithRoom(t *testing.T) {
	t.Parallel()
	const limit = 128 << 10
	sim := simulate(t, spool.Options{MaxBytes: limit})
	payload := strings.Repeat("x", 1000)
	var err error
	var kept []string
	for err == nil {
		if err = sim.append(payload); err == nil {
			kept = append(kept, payload)
		}
	}
	if !errors.Is(err, spool.ErrFull) {
		t.Fatalf("append: %v, want ErrFull", err)
	}
	if stats := sim.Stats(); !stats.IsFull || stats.Bytes > limit || stats.Bytes < limit*3/4 || stats.Segments < 6 {
		t.Errorf("stats of a full spool: %+v", stats)
	}
	if err := sim.Close(); err != nil {
		t.Fatal(err)
	}
	var total int
	for _, content := range readAll(t, sim.disk.FS(), simDir) {
		total += len(content)
	}
	if total > limit+100 { // the lock's owner stands in a file as well
		t.Errorf("%d bytes on the disk, limit %d", total, limit)
	}
	sim.kill()
	sim.holds(kept...)
	if stats := sim.Stats(); stats.IsFull || stats.Bytes != 0 {
		t.Errorf("stats of an emptied spool: %+v", stats)
	}
	sim.must(strings.Repeat("z", limit/2))
	sim.holds(strings.Repeat("z", limit/2))
	sim.must(strings.Repeat("z", limit*3/4)) // also beside a segment that holds nothing any more
	sim.holds(strings.Repeat("z", limit*3/4))
}

func TestTheClockMayGoBackwards(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	now := start
	sim := simulate(t, spool.Options{Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	for _, at := range []time.Duration{0, -26 * time.Hour, time.Minute} {
		mu.Lock()
		now = start.Add(at)
		mu.Unlock()
		sim.must("x")
	}
	entries, err := sim.Peek(10, 10)
	if err != nil || len(entries) != 3 {
		t.Fatalf("peek: %d entries, %v", len(entries), err)
	}
	for i, want := range []time.Time{start, start, start.Add(time.Minute)} {
		if !entries[i].At.Equal(want) {
			t.Errorf("entry %d at %v, want %v", i, entries[i].At, want)
		}
	}
	if got := sim.Stats().OldestAt; !got.Equal(start) {
		t.Errorf("oldest at %v, want %v", got, start)
	}
	if _, err := sim.Release(sim.Source(), 2); err != nil {
		t.Fatal(err)
	}
	if got, want := sim.Stats().OldestAt, start.Add(time.Minute); !got.Equal(want) {
		t.Errorf("oldest at %v, want %v", got, want)
	}
}

// gate stops whoever comes to a failpoint until it is opened.
type gate struct {
	point   string
	arrived chan struct{}
	pass    chan struct{}
}

func newGate(point string) *gate {
	return &gate{point: point, arrived: make(chan struct{}, 100), pass: make(chan struct{})}
}

func (g *gate) failpoint(point string) error {
	if point == g.point {
		g.arrived <- struct{}{}
		<-g.pass
	}
	return nil
}

func TestAppendsThatComeTogetherShareASync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate("spool.sync")
		sim := simulate(t, spool.Options{Failpoint: g.failpoint})
		for i := range 51 {
			go sim.must(fmt.Sprint(i))
		}
		synctest.Wait() // one is in the sync, the others wait for it
		if entries, err := sim.Peek(10, 1000); err != nil || len(entries) != 0 {
			t.Errorf("before the sync: %d entries, %v", len(entries), err)
		}
		select {
		case <-sim.Ready():
			t.Error("ready before the sync")
		default:
		}
		close(g.pass)
		<-sim.Ready()
		synctest.Wait()
		if stats := sim.Stats(); stats.Records != 51 || stats.Syncs > 3 {
			t.Errorf("stats: %+v, want 3 syncs at most", stats)
		}
	})
}

func TestAGroupIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate("spool.sync")
		sim := simulate(t, spool.Options{Failpoint: g.failpoint})
		payload := strings.Repeat("x", 512<<10)
		for range 17 {
			go sim.must(payload)
		}
		synctest.Wait()
		close(g.pass)
		synctest.Wait()
		if stats := sim.Stats(); stats.Records != 17 || stats.Syncs < 3 {
			t.Errorf("stats: %+v, want 3 syncs at least", stats)
		}
	})
}

func TestAContextEndsTheWaitForASlowDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate("spool.sync")
		sim := simulate(t, spool.Options{Failpoint: g.failpoint})
		go sim.must("first")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		payload := []byte("second")
		if err := sim.Append(ctx, spool.Record{Payload: payload, Samples: 1}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("append: %v", err)
		}
		clear(payload) // the caller's again, although it is still to be written
		close(g.pass)
		synctest.Wait()
		sim.must("third")
		sim.holds("first", "second", "third")
	})
}

func TestCloseWaitsForTheAppendUnderWayAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate("spool.sync")
		sim := simulate(t, spool.Options{Failpoint: g.failpoint})
		first, second, ended := make(chan error, 1), make(chan error, 1), make(chan error, 1)
		go func() { first <- sim.append("first") }()
		synctest.Wait()
		go func() { ended <- sim.Close() }()
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("close during a sync: %v", err)
		default:
		}
		go func() { second <- sim.append("second") }()
		synctest.Wait()
		close(g.pass)
		if err := <-first; err != nil {
			t.Errorf("the append under way: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-second; !errors.Is(err, spool.ErrClosed) {
			t.Errorf("the append that waited: %v", err)
		}
		sim.kill()
		sim.holds("first")
	})
}

func TestAClosedSpoolDoesNothing(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	sim.must("first")
	if err := sim.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sim.append("second"); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("append after Close: %v", err)
	}
	if _, err := sim.Peek(1, 1); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("peek after Close: %v", err)
	}
	if _, err := sim.Release(sim.Source(), 1); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("release after Close: %v", err)
	}
	if err := sim.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	sim.kill()
	sim.holds("first")
}

// Whatever Close meets, every append gets one answer, and those that were told
// so are kept.
func TestCloseAtAnyMoment(t *testing.T) {
	t.Parallel()
	for moment := range 200 {
		sim := simulateWith(t, spool.Options{}, moment)
		var appends sync.WaitGroup
		var mu sync.Mutex
		kept := make(map[string]bool)
		begun := make(chan struct{}, 8*20)
		for i := range 8 {
			appends.Go(func() {
				for j := range 20 {
					payload := fmt.Sprint(i, "-", j)
					switch err := sim.append(payload); {
					case err == nil:
						mu.Lock()
						kept[payload] = true
						mu.Unlock()
						begun <- struct{}{}
					case !errors.Is(err, spool.ErrClosed):
						t.Errorf("append: %v", err)
					}
				}
			})
		}
		for range moment % 100 {
			<-begun
		}
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
		appends.Wait()
		sim.disk.PowerCut()
		sim.start()
		entries, err := sim.Peek(1000, 1<<20)
		if err != nil || len(entries) != len(kept) {
			t.Fatalf("%d entries, want %d, %v", len(entries), len(kept), err)
		}
		for _, e := range entries {
			if !kept[string(e.Payload)] {
				t.Errorf("%s was not acknowledged", e.Payload)
			}
		}
	}
}

// While the disk hangs, what waits for it is bounded as well.
func TestTheLimitHoldsWhatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate("spool.sync")
		sim := simulate(t, spool.Options{MaxBytes: 128 << 10, Failpoint: g.failpoint})
		go sim.must(strings.Repeat("x", 50_000))
		synctest.Wait()
		go sim.must(strings.Repeat("y", 50_000))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := sim.Append(ctx, spool.Record{Payload: make([]byte, 50_000), Samples: 1}); !errors.Is(err, spool.ErrFull) {
			t.Errorf("append: %v, want ErrFull", err)
		}
		close(g.pass)
		synctest.Wait()
		if stats := sim.Stats(); stats.Records != 2 {
			t.Errorf("stats: %+v", stats)
		}
	})
}

// Two appends fit beside each other in one segment, and not into two.
func TestTheLimitHoldsWithTheHeadersOfSegments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit = 128 << 10
		g := newGate("spool.create")
		sim := simulate(t, spool.Options{MaxBytes: limit, Failpoint: g.failpoint})
		go sim.must(strings.Repeat("x", 60_000))
		synctest.Wait()
		second := make(chan error, 1)
		go func() { second <- sim.append(strings.Repeat("y", limit-headerBytes-3*frameOverhead-60_000)) }()
		synctest.Wait()
		close(g.pass)
		if err := <-second; !errors.Is(err, spool.ErrFull) {
			t.Errorf("append: %v, want ErrFull", err)
		}
		if stats := sim.Stats(); stats.Bytes > limit || !stats.IsFull {
			t.Errorf("stats: %+v", stats)
		}
	})
}
