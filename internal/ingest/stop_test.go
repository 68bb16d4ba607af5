package ingest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

func TestStopReportsWhatIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		q := start(t, ingest.Options{Sink: s})
		for range 7 {
			q.Record(request("/a"))
		}
		var lost *ingest.LostError
		began := time.Now()
		if err := q.Stop(t.Context()); !errors.As(err, &lost) || lost.Requests != 7 || !errors.Is(err, errAway) {
			t.Errorf("Stop: %v, want 7 lost because the store is away", err)
		}
		if _, calls := s.count(); calls != 3 || time.Since(began) != 2*time.Second {
			t.Errorf("%d tries in %v, want 3, a second apart", calls, time.Since(began))
		}
		q.Record(request("/late"))
		if st := q.Stats(); st.Dropped != 8 {
			t.Errorf("dropped %d, want the 7 and the one after Stop", st.Dropped)
		}
		if err := q.Stop(t.Context()); !errors.As(err, &lost) {
			t.Errorf("second Stop: %v, want the same answer", err)
		}
		if err := q.Accept(t.Context(), events("/a")); !errors.Is(err, ingest.ErrStopped) {
			t.Errorf("Accept after Stop: %v, want ErrStopped", err)
		}
	})
}

func TestStopIsBoundedByItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := start(t, ingest.Options{Sink: &gate{}})
		q.Record(request("/a"))
		result := make(chan error, 1)
		go func() { result <- q.Accept(t.Context(), events("/a")) }()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begin := time.Now()
		var lost *ingest.LostError
		if err := q.Stop(ctx); !errors.As(err, &lost) || lost.Requests != 1 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Stop: %v, want 1 lost because the time was up", err)
		}
		if d := time.Since(begin); d > 6*time.Second {
			t.Errorf("Stop took %v, want its 5 s", d)
		}
		if err := <-result; !errors.Is(err, ingest.ErrStopped) {
			t.Errorf("Accept: %v, want ErrStopped", err)
		}
	})
}

// A store that does not notice that its time is up has a second more.
func TestStopLeavesADeafStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hears := make(chan struct{})
		s := &sink{fail: func(metric.Batch) error {
			<-hears
			return nil
		}}
		q := start(t, ingest.Options{Sink: s})
		q.Record(request("/a"))
		time.Sleep(time.Second)
		time.AfterFunc(time.Hour, func() { close(hears) })
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		var lost *ingest.LostError
		if err := q.Stop(ctx); !errors.As(err, &lost) || lost.Requests != 1 || time.Since(began) != 6*time.Second {
			t.Errorf("Stop: %v after %v, want 1 lost after 6 s", err, time.Since(began))
		}
		<-hears
	})
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	q := ingest.New(ingest.Options{Sink: &sink{}})
	q.Record(request("/a"))
	var lost *ingest.LostError
	if err := q.Stop(t.Context()); !errors.As(err, &lost) || lost.Requests != 1 {
		t.Errorf("Stop: %v, want 1 lost", err)
	}
	q.Start(t.Context()) // must not begin anything
}

// What is in the spool is not lost, and costs Stop no time.
func TestStopKeepsTheBacklogOnDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		var log lines
		opts := onDisk(t, s)
		opts.Logger = log.logger()
		q := start(t, opts)
		for range 100 {
			accept(t, q, numbered(1000))
		}
		for range 7 {
			q.Record(request("/a"))
		}
		begin := time.Now()
		stop(t, q)
		if d := time.Since(begin); d > time.Second {
			t.Errorf("Stop took %v with the store away, want next to nothing", d)
		}
		if st := q.Stats(); st.Dropped != 0 || st.Depth != 0 || st.Spool.Samples != 100_007 {
			t.Errorf("stats %+v, want everything in the spool", st)
		}
		if log.count("level=INFO", "stay in the spool", "samples=100007") != 1 {
			t.Error("the log does not say how many stay")
		}
		if err := q.Accept(t.Context(), events("/a")); !errors.Is(err, ingest.ErrStopped) {
			t.Errorf("Accept after Stop: %v, want ErrStopped", err)
		}
	})
}

// What was recorded a moment ago is written at once, however young its block.
func TestStopWritesWhatIsYoung(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]func(*testing.T, ingest.Sink) ingest.Options{
		"direct": func(_ *testing.T, s ingest.Sink) ingest.Options { return ingest.Options{Sink: s} }, "on disk": onDisk,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &sink{}
				q := start(t, options(t, s))
				synctest.Wait()
				q.Record(request("/a"))
				begin := time.Now()
				stop(t, q)
				if n, d := len(s.requests()), time.Since(begin); n != 1 || d > 0 {
					t.Errorf("%d stored when Stop returned after %v, want 1 at once", n, d)
				}
			})
		})
	}
}

func TestStopDrainsTheSpool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		q := start(t, onDisk(t, s))
		for range 100 {
			accept(t, q, numbered(1000))
		}
		q.Record(request("/last"))
		s.setFail(nil) // nobody has found out yet
		stop(t, q)
		if st := q.Stats(); st.Spool.Samples != 0 || len(s.pages()) != 100_000 || len(s.requests()) != 1 {
			t.Errorf("stats %+v, want everything stored", st)
		}
	})
}

func TestStopIsBoundedWhileTheSpoolIsDrained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := start(t, onDisk(t, &gate{}))
		accept(t, q, numbered(1000))
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		begin := time.Now()
		if err := q.Stop(ctx); err != nil {
			t.Errorf("Stop: %v, want nil: everything is on the disk", err)
		}
		if d := time.Since(begin); d > 6*time.Second {
			t.Errorf("Stop took %v, want its 5 s", d)
		}
	})
}

// A sender who waits for the disk when Stop is called gets its answer, and its
// samples are stored before Stop returns.
func TestStopWaitsForPostsOnTheirWayToDisk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		begun, pass := make(chan struct{}), make(chan struct{})
		disk := openSpool(t, spool.Options{Failpoint: func(point string) error {
			if point == "spool.sync" {
				close(begun)
				<-pass
			}
			return nil
		}})
		q := start(t, ingest.Options{Sink: s, Spool: disk, Ack: ingest.AckDisk})
		accepted, stopped := make(chan error, 1), make(chan error, 1)
		go func() { accepted <- q.Accept(t.Context(), events("/a")) }()
		<-begun
		go func() { stopped <- q.Stop(t.Context()) }()
		synctest.Wait()
		if len(stopped) > 0 {
			t.Error("Stop returned while a post was on its way")
		}
		begin := time.Now()
		close(pass)
		if err := <-accepted; err != nil {
			t.Errorf("Accept: %v", err)
		}
		if err := <-stopped; err != nil {
			t.Errorf("Stop: %v", err)
		}
		if n, d := len(s.pages()), time.Since(begin); n != 1 || d > time.Second {
			t.Errorf("%d stored when Stop returned after %v, want 1 at once", n, d)
		}
	})
}
