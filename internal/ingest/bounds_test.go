package ingest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// Who sets no bounds has some.
func TestDefaultsAreBounds(t *testing.T) {
	t.Parallel()
	small, large := request("/"), request(strings.Repeat("x", 1<<20))
	for name, c := range map[string]struct {
		request metric.Request
		tries   int
		taken   int
	}{
		"samples": {small, 100_001, 100_000},
		"bytes":   {large, 65, 63}, // each is somewhat more than a MiB
	} {
		q := ingest.New(ingest.Options{Sink: &sink{}})
		for range c.tries {
			q.Record(c.request)
		}
		if st := q.Stats(); st.Depth != c.taken {
			t.Errorf("%s: %d of %d taken, want %d", name, st.Depth, c.tries, c.taken)
		}
	}
}

func TestDefaultsOfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g})
		began := time.Now()
		if err := q.Accept(t.Context(), events("/a")); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Minute {
			t.Errorf("Accept of a silent store: %v after %s, want that the time is up: 30 s for the post, and for the fence", err, time.Since(began))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		q := start(t, ingest.Options{Sink: s})
		q.Record(request("/a"))
		time.Sleep(500*time.Millisecond - time.Nanosecond)
		synctest.Wait()
		before := len(s.requests())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if after := len(s.requests()); before != 0 || after != 1 {
			t.Errorf("%d written before half a second, %d after; want 0, 1", before, after)
		}
	})
}

// sizes returns how many samples each write had.
func (s *sink) sizes() (sizes []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.batches {
		sizes = append(sizes, b.Len())
	}
	return sizes
}

func TestGroupsOfPostsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g, BatchSize: 10})
		for range 31 {
			go func() { _ = q.Accept(t.Context(), numbered(10)) }()
		}
		synctest.Wait() // one is being written
		close(g.pass)
		synctest.Wait()
		var all int
		for _, size := range g.sizes() {
			all += size
			if size > 100 {
				t.Errorf("a write of %d samples, want 100 at most", size)
			}
		}
		if all != 310 {
			t.Errorf("%d samples written, want 310", all)
		}
	})
}

func TestWritesFromTheSpoolAreBounded(t *testing.T) {
	t.Parallel()
	large := metric.Batch{Events: []metric.Event{event("/large")}}
	large.Events[0].Metadata = []byte(`"` + strings.Repeat("x", 1<<20-100) + `"`)
	for name, c := range map[string]struct {
		batch       metric.Batch
		posts, most int
	}{
		"samples": {numbered(10), 60, 100},
		"bytes":   {large, 12, 5}, // somewhat less than a MiB each, and the first
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &sink{fail: away}
			opts := onDisk(t, s)
			opts.BatchSize = 10
			q := start(t, opts)
			accept(t, q, events("/first"))
			synctest.Wait() // the store was found away
			for range c.posts {
				accept(t, q, c.batch)
			}
			s.setFail(nil)
			time.Sleep(time.Hour)
			synctest.Wait()
			all := 0
			for _, size := range s.sizes() {
				all += size
				if size > c.most {
					t.Errorf("%s: a write of %d, want %d at most", name, size, c.most)
				}
			}
			if want := 1 + c.posts*c.batch.Len(); all != want {
				t.Errorf("%s: %d stored, want %d", name, all, want)
			}
			stop(t, q)
		})
	}
}
