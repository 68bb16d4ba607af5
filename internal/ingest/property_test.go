package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// TestAccountsBalance drives random writers against a sink that fails at
// random: what was handed in equals what was written plus what was counted as
// dropped, every Accept told the truth, nothing is written twice, and one
// writer's samples stay in order unless some were refused for a while.
func TestAccountsBalance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		fates := rapid.SliceOfN(rapid.SampledFrom([]string{"ok", "ok", "ok", "away", "panic", "slow", "refuse"}), 1, 40).Draw(rt, "fates")
		opts := ingest.Options{
			Capacity:    rapid.IntRange(1, 60).Draw(rt, "capacity"),
			BatchSize:   rapid.IntRange(1, 20).Draw(rt, "batch size"),
			Unavailable: isAway,
		}
		writers := rapid.IntRange(1, 4).Draw(rt, "writers")
		each := rapid.IntRange(1, 60).Draw(rt, "samples each")
		poisonEvery := rapid.IntRange(2, 50).Draw(rt, "poison every")
		pause := time.Duration(rapid.IntRange(0, 2000).Draw(rt, "pause ms")) * time.Millisecond
		patience := time.Duration(rapid.IntRange(0, 600).Draw(rt, "stop after s")) * time.Second

		w := &world{fates: fates}
		var stats ingest.Stats
		var stopErr error
		synctest.Test(t, func(t *testing.T) {
			opts.Sink = w
			q := ingest.New(opts)
			q.Start(t.Context())
			var wait sync.WaitGroup
			for id := range writers {
				wait.Go(func() {
					for i := range each {
						name := fmt.Sprintf("/%d/%d", id, i)
						if i%poisonEvery == 1 {
							name = "poison" + name
						}
						q.Record(request(name))
						if i%5 == 0 {
							w.accept(q, name)
						}
						time.Sleep(pause)
					}
				})
			}
			wait.Wait()
			time.Sleep(patience)
			stopErr = q.Stop(t.Context())
			stats = q.Stats()
		})
		w.check(rt, stats, int64(writers*each), stopErr)
	})
}

// world is the sink of the property and its oracle.
type world struct {
	positions
	mu       sync.Mutex
	fates    []string
	next     int
	requests []string
	events   map[string]int
	accepted []string
	refused  []string
}

func (w *world) Append(ctx context.Context, b metric.Batch, at metric.Position) error {
	w.mu.Lock()
	fate := w.fates[w.next%len(w.fates)]
	w.next++
	w.mu.Unlock()
	switch fate {
	case "away":
		return errAway
	case "panic":
		panic("at random")
	case "refuse":
		return errors.New("refused at random")
	case "slow":
		select {
		case <-time.After(3 * time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := poison(b); err != nil {
		return err
	}
	return w.move(at, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, r := range b.Requests {
			w.requests = append(w.requests, r.Endpoint)
		}
		for _, e := range b.Events {
			if w.events == nil {
				w.events = map[string]int{}
			}
			w.events[e.PageName]++
		}
	})
}

func (w *world) accept(q *ingest.Queue, name string) {
	err := q.Accept(context.Background(), events(name))
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.accepted = append(w.accepted, name)
	} else {
		w.refused = append(w.refused, name)
	}
}

func (w *world) check(t *rapid.T, st ingest.Stats, handedIn int64, stopErr error) {
	if got := st.Written + st.Dropped; got != handedIn {
		t.Fatalf("written %d + dropped %d = %d, want %d", st.Written, st.Dropped, got, handedIn)
	}
	if int64(len(w.requests)) != st.Written {
		t.Fatalf("the sink has %d requests, the queue counted %d", len(w.requests), st.Written)
	}
	var lost *ingest.LostError
	if errors.As(stopErr, &lost) && int64(lost.Requests) > st.Dropped {
		t.Fatalf("Stop reports %d lost, more than the %d dropped", lost.Requests, st.Dropped)
	}
	isOrdered := !slices.Contains(w.fates, "refuse") && !slices.Contains(w.fates, "panic")
	last, seen := map[int]int{}, map[string]bool{}
	for _, name := range w.requests {
		if seen[name] {
			t.Fatalf("request %s is written twice", name)
		}
		seen[name] = true
		var writer, i int
		if _, err := fmt.Sscanf(name, "/%d/%d", &writer, &i); err != nil {
			t.Fatalf("unexpected request %q", name)
		}
		if before, ok := last[writer]; isOrdered && ok && i <= before {
			t.Fatalf("writer %d: sample %d after %d", writer, i, before)
		}
		last[writer] = i
	}
	for _, name := range w.accepted {
		if w.events[name] != 1 {
			t.Fatalf("accepted event %s is stored %d times", name, w.events[name])
		}
	}
	for _, name := range w.refused {
		if w.events[name] != 0 {
			t.Fatalf("refused event %s is stored", name)
		}
	}
	if int64(len(w.accepted)) != st.Accepted || int64(len(w.refused)) != st.Rejected {
		t.Fatalf("accepted %d, refused %d; stats %+v", len(w.accepted), len(w.refused), st)
	}
}
