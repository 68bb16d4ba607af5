package ingest_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// mute is a sink that says nothing when it is asked.
type mute struct{ sink }

func (*mute) Position(ctx context.Context, _ uuid.UUID) (int64, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (*mute) Forget(ctx context.Context, _ ...uuid.UUID) error {
	<-ctx.Done()
	return ctx.Err()
}

// Small questions have less time than a write.
func TestQuestionsHaveLessTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &mute{sink{fail: away}}
		q := start(t, ingest.Options{Sink: m})
		began := time.Now()
		q.Record(request("/a"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if took := q.Stats().AwaySince.Sub(began); took != 5500*time.Millisecond {
			t.Errorf("away after %s, want half a second until the write and 5 s for the question", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		q := start(t, ingest.Options{Sink: &mute{}})
		accept(t, q, events("/a"))
		began := time.Now()
		stop(t, q)
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("Stop took %s beside a store that does not forget, want 5 s", took)
		}
	})
}

// Whatever the backoff, senders may come again soon: it is they who find the
// store back.
func TestSendersMayComeAgainSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := start(t, ingest.Options{Sink: &sink{fail: away}, Backoff: []time.Duration{time.Hour}})
		for _, who := range []string{"who finds the store away", "who comes then"} {
			var unavailable *ingest.UnavailableError
			if err := q.Accept(t.Context(), events("/a")); !errors.As(err, &unavailable) || unavailable.RetryAfter != 30*time.Second {
				t.Errorf("%s: %v, want to come again after 30 s", who, err)
			}
		}
	})
}

// While a post finds out whether the store is back, others do not wait with it.
func TestOnePostFindsTheStoreBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		q := start(t, ingest.Options{Sink: s})
		ask := func() error { return q.Accept(t.Context(), events("/a")) }
		if err := ask(); !errors.Is(err, errAway) {
			t.Errorf("first: %v, want unavailable", err)
		}
		s.setFail(func(metric.Batch) error {
			time.Sleep(10 * time.Second)
			return errAway
		})
		time.Sleep(2 * time.Second)
		go func() { _ = ask() }()
		synctest.Wait()
		time.Sleep(2 * time.Second)
		began := time.Now()
		if err := ask(); !errors.Is(err, errAway) || time.Since(began) != 0 {
			t.Errorf("beside another: %v after %s, want unavailable at once", err, time.Since(began))
		}
	})
}

// A store that answers, but never takes a post, is tried a few times.
func TestTriesOfAPostAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: func(b metric.Batch) error {
			if b.Len() > 0 {
				return errAway
			}
			return nil
		}}
		q := start(t, ingest.Options{Sink: s})
		if err := q.Accept(t.Context(), events("/a")); !errors.Is(err, errAway) {
			t.Errorf("Accept: %v, want unavailable", err)
		}
		if _, calls := s.count(); calls != 3 {
			t.Errorf("%d tries, want 3", calls)
		}
	})
}

// A store that does not even say where a source stands is not given samples.
func TestSilentStoreIsAskedFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		q := start(t, onDisk(t, s))
		accept(t, q, numbered(10))
		time.Sleep(time.Hour)
		synctest.Wait()
		if _, calls := s.count(); calls != 1 {
			t.Errorf("%d writes in an hour, want that of the beginning", calls)
		}
		s.setFail(nil)
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := len(s.pages()); n != 10 {
			t.Errorf("%d stored when the store is back, want 10", n)
		}
		stop(t, q)
	})
}

// A disk that could not read or remove what it holds is tried again after a
// second.
func TestDiskThatHealsIsUsedAgain(t *testing.T) {
	t.Parallel()
	for _, op := range []simfs.Op{simfs.OpRead, simfs.OpRemove} {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { healDisk(t, op) })
		})
	}
}

// healDisk has the spool of an earlier run, with a record that nobody can read.
func healDisk(t *testing.T, op simfs.Op) {
	disk := simfs.New(rand.New(rand.NewPCG(0, 0)))
	first := openSpool(t, spool.Options{Dir: "/spool", FS: disk.FS()})
	if err := first.Append(t.Context(), spool.Record{Payload: []byte{0}, Samples: 1}); err != nil {
		t.Fatal(err)
	}
	disk.Kill()
	opts := ingest.Options{Sink: &sink{}, Spool: openSpool(t, spool.Options{Dir: "/spool", FS: disk.FS()})}
	var isBroken atomic.Bool
	isBroken.Store(true)
	disk.Fail(func(tried simfs.Op, _ string) error {
		if isBroken.Load() && tried == op {
			return syscall.EIO
		}
		return nil
	})
	q := start(t, opts)
	time.Sleep(time.Second / 2)
	synctest.Wait()
	if st := q.Stats().Spool; st.Segments != 1 {
		t.Errorf("broken: %d segments, want 1", st.Segments)
	}
	isBroken.Store(false)
	time.Sleep(time.Second / 2)
	synctest.Wait()
	if st := q.Stats().Spool; st.Segments != 0 {
		t.Errorf("a second later: %d segments, want none", st.Segments)
	}
	stop(t, q)
}
