package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// gate is a sink whose writes wait until they are let through.
type gate struct {
	sink
	pass chan struct{}
}

func (g *gate) Append(ctx context.Context, b metric.Batch, at metric.Position) error {
	select {
	case <-g.pass:
		return g.sink.Append(ctx, b, at)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A store that takes a call and says nothing counts as away when the time of one
// call is up, for whoever waits and for what was recorded.
func TestSilentStoreIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g, WriteTimeout: 10 * time.Second})
		q.Record(request("/a"))
		result := make(chan error, 1)
		go func() { result <- q.Accept(t.Context(), events("/a")) }()
		time.Sleep(time.Minute)
		if len(result) == 0 {
			t.Error("Accept waits for ever")
		} else if err := <-result; !errors.As(err, new(*ingest.UnavailableError)) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Accept: %v, want unavailable because the time was up", err)
		}
		close(g.pass)
		time.Sleep(time.Minute)
		if n := len(g.requests()); n != 1 {
			t.Errorf("%d stored when the store was back, want 1", n)
		}
	})
}

func TestAcceptIsDurable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g})
		result := make(chan error, 1)
		go func() { result <- q.Accept(t.Context(), events("/a")) }()
		synctest.Wait()
		if len(result) != 0 {
			t.Fatal("Accept returned before the commit")
		}
		close(g.pass)
		if err := <-result; err != nil {
			t.Errorf("Accept: %v", err)
		}
		if st := q.Stats(); st.Accepted != 1 {
			t.Errorf("stats %+v, want 1 accepted", st)
		}
		stop(t, q)
	})
}

func TestPostsShareACommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g})
		var wait sync.WaitGroup
		for i := range 50 {
			wait.Go(func() {
				if err := q.Accept(t.Context(), events(fmt.Sprint(i))); err != nil {
					t.Errorf("Accept: %v", err)
				}
			})
		}
		synctest.Wait()
		close(g.pass)
		wait.Wait()
		if n, _ := g.count(); n > 2 {
			t.Errorf("%d commits for 50 posts, want 2 at most", n)
		}
		stop(t, q)
	})
}

func TestPoisonousPostFailsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		g.fail = poison
		q := start(t, ingest.Options{Sink: g})
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				page, want := "/ok", error(nil)
				if i%7 == 3 {
					page, want = "poison", errPoison
				}
				if err := q.Accept(t.Context(), events(page)); !errors.Is(err, want) {
					t.Errorf("Accept of %s: %v, want %v", page, err, want)
				}
			})
		}
		synctest.Wait()
		close(g.pass)
		wait.Wait()
		if st := q.Stats(); st.Accepted != 17 || st.Rejected != 3 {
			t.Errorf("stats %+v, want 17 accepted, 3 rejected", st)
		}
		stop(t, q)
	})
}

func TestAcceptWhileAwayAnswersAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		q := start(t, ingest.Options{Sink: s})
		for i := range 5 {
			var unavailable *ingest.UnavailableError
			err := q.Accept(t.Context(), events("/a"))
			if !errors.As(err, &unavailable) || !errors.Is(err, errAway) || unavailable.RetryAfter < time.Second {
				t.Fatalf("Accept %d: %v, want unavailable with a time to retry", i, err)
			}
		}
		if _, calls := s.count(); calls != 1 {
			t.Errorf("%d calls of the sink, want 1: the rest is answered without", calls)
		}
		// A post that finds the store back releases the recorded requests.
		q.Record(request("/kept"))
		time.Sleep(2 * time.Second)
		s.setFail(nil)
		if err := q.Accept(t.Context(), events("/b")); err != nil {
			t.Errorf("Accept when back: %v", err)
		}
		synctest.Wait()
		if n := len(s.requests()); n != 1 {
			t.Errorf("%d recorded requests written, want 1", n)
		}
		stop(t, q)
	})
}

// Posts that ask in between must not put off what is recorded: one page that
// retries would turn an outage of seconds into minutes.
func TestFailedPostsDoNotLengthenTheBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		q := start(t, ingest.Options{Sink: s})
		q.Record(request("/kept"))
		for range 10 {
			time.Sleep(2 * time.Second)
			if err := q.Accept(t.Context(), events("/a")); !errors.Is(err, errAway) {
				t.Fatalf("Accept: %v, want unavailable", err)
			}
		}
		s.setFail(nil)
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if n := q.Stats().Written; n != 1 {
			t.Errorf("%d written 31 s after the store went away, want 1", n)
		}
		stop(t, q)
	})
}

func TestAcceptIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g, Capacity: 2})
		var wait sync.WaitGroup
		for range 2 {
			wait.Go(func() {
				if err := q.Accept(t.Context(), events("/a")); err != nil {
					t.Errorf("Accept: %v", err)
				}
			})
		}
		synctest.Wait()
		if err := q.Accept(t.Context(), events("/b")); !errors.Is(err, ingest.ErrBusy) {
			t.Errorf("Accept: %v, want ErrBusy", err)
		}
		close(g.pass)
		wait.Wait()
		stop(t, q)
	})
}

func TestAcceptIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g, CapacityBytes: 1000})
		result := make(chan error, 1)
		// The first may be larger than all the room, or it could never be stored.
		go func() { result <- q.Accept(t.Context(), events(strings.Repeat("x", 2000))) }()
		synctest.Wait()
		if err := q.Accept(t.Context(), events("/b")); !errors.Is(err, ingest.ErrBusy) {
			t.Errorf("Accept: %v, want ErrBusy", err)
		}
		close(g.pass)
		if err := <-result; err != nil {
			t.Errorf("Accept of the first: %v", err)
		}
		accept(t, q, events("/b"))
		stop(t, q)
	})
}

func TestSenderThatLeavesIsNotStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g})
		var wait sync.WaitGroup
		wait.Go(func() { _ = q.Accept(t.Context(), events("/first")) })
		synctest.Wait() // the first is being written
		ctx, cancel := context.WithCancel(t.Context())
		wait.Go(func() {
			if err := q.Accept(ctx, events("/second")); !errors.Is(err, context.Canceled) {
				t.Errorf("Accept: %v, want canceled", err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(g.pass)
		wait.Wait()
		stop(t, q)
		if n, _ := g.count(); n != 1 {
			t.Errorf("%d batches stored, want 1", n)
		}
	})
}

// A sender that leaves makes room for another one.
func TestSenderThatLeavesMakesRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g, Capacity: 2})
		go func() { _ = q.Accept(t.Context(), events("/first")) }()
		synctest.Wait() // it is being written
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = q.Accept(ctx, events("/second")) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		third := make(chan error, 1)
		go func() { third <- q.Accept(t.Context(), events("/third")) }()
		synctest.Wait()
		close(g.pass)
		if err := <-third; err != nil {
			t.Errorf("Accept: %v", err)
		}
	})
}

func TestRecordedRequestsGetTheirTurnAmongPosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: func(metric.Batch) error { time.Sleep(10 * time.Millisecond); return nil }}
		q := start(t, ingest.Options{Sink: s})
		ctx, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for ctx.Err() == nil {
					_ = q.Accept(ctx, events("/a"))
				}
			})
		}
		q.Record(request("/recorded"))
		time.Sleep(time.Second)
		if n := q.Stats().Written; n != 1 {
			t.Errorf("%d recorded requests written in a second, want 1", n)
		}
		cancel()
		wait.Wait()
		stop(t, q)
	})
}
