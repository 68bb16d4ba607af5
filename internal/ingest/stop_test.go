package ingest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
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
		if err := q.Stop(t.Context()); !errors.As(err, &lost) || lost.Requests != 7 || !errors.Is(err, errAway) {
			t.Errorf("Stop: %v, want 7 lost because the store is away", err)
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
