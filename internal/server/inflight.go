package server

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/appmetrics/appmetrics/internal/level"
)

// placeWithin is how long a request waits when as many as there may be are
// being answered, before it is refused.
const placeWithin = time.Second

// searchEvery is how often requests are looked for that wait for their client.
const searchEvery = 100 * time.Millisecond

// inflight bounds how many requests are answered at once, and knows what a
// stopping server waits for: requests that will end, and streams (Server-Sent
// Events, upgraded connections) that must be ended.
type inflight struct {
	places  *semaphore.Weighted
	most    int
	refused atomic.Int64
	level   *level.Level
	log     *slog.Logger

	mu       sync.Mutex
	requests int                   // all of them
	streams  int                   // those among them that never end by themselves
	changed  chan struct{}         // closed at the next change; nil while nobody waits
	admitted map[*tracked]struct{} // those that have a place
	searched time.Time             // when slow ones were last looked for
}

// newInflight returns one with so many places.
func newInflight(most int, log *slog.Logger) *inflight {
	return &inflight{
		places: semaphore.NewWeighted(int64(most)), most: most, log: log, admitted: make(map[*tracked]struct{}),
		level: level.New("requests", "further ones wait for 1 s and are then refused with 503"),
	}
}

// track counts the requests that next serves, and ends the context of one when
// its client goes away. While the client still sends, net/http does that too
// late, and also when reading has come to a deadline, after which there is an
// answer to give. A request for which there is no place is marked so, for whoever
// answers it.
func (f *inflight) track(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c := connectionOf(r.Context()); c != nil && c.isSpoilt.Load() {
			panic(http.ErrAbortHandler) // the rest of a body that looks like a request
		}
		t := &tracked{ResponseWriter: w, inflight: f, request: r, began: time.Now()}
		f.add(1, 0)
		defer t.end()
		if r.Body != nil && r.Body != http.NoBody {
			ctx, gone := context.WithCancelCause(context.WithoutCancel(r.Context()))
			defer gone(nil)
			t.body = &sentBody{ReadCloser: r.Body, of: t, on: connectionOf(ctx), gone: gone}
			defer context.AfterFunc(r.Context(), t.body.clientGone(r.Context()))()
			r = r.WithContext(ctx)
			r.Body = t.body
		}
		t.isRefused = !f.admit(r.Context(), t)
		next.ServeHTTP(t, r)
		if t.body != nil {
			t.body.settle()
		}
	})
}

// admit gives a request a place, or reports that there was none. Requests that
// wait for a client who takes too long make room for it.
func (f *inflight) admit(ctx context.Context, t *tracked) bool {
	if !f.places.TryAcquire(1) && !f.awaitPlace(ctx) {
		f.refused.Add(1)
		return false
	}
	t.connection = connectionOf(ctx)
	if t.connection != nil {
		t.connection.begin()
	}
	f.mu.Lock()
	f.admitted[t] = struct{}{}
	used := len(f.admitted)
	f.mu.Unlock()
	f.level.Check(f.log, int64(used), int64(f.most))
	return true
}

// awaitPlace waits for a place, while clients who take too long lose theirs.
func (f *inflight) awaitPlace(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, placeWithin)
	defer cancel()
	var searching sync.WaitGroup
	searching.Go(func() {
		tick := time.NewTicker(searchEvery)
		defer tick.Stop()
		for {
			f.hurry(time.Now())
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	err := f.places.Acquire(ctx, 1)
	cancel()
	searching.Wait()
	return err == nil
}

// release takes the place of a request back.
func (f *inflight) release(t *tracked) {
	f.mu.Lock()
	delete(f.admitted, t)
	used := len(f.admitted)
	f.mu.Unlock()
	f.level.Check(f.log, int64(used), int64(f.most))
	if t.connection != nil {
		t.connection.end()
	}
	f.places.Release(1)
}

// hurry ends the requests that wait for a client who takes too long.
func (f *inflight) hurry(now time.Time) {
	f.mu.Lock()
	var slow []*tracked
	if now.Sub(f.searched) >= searchEvery {
		f.searched = now
		for t := range f.admitted {
			if t.isSlow(now) {
				slow = append(slow, t)
			}
		}
	}
	f.mu.Unlock()
	for _, t := range slow {
		t.cutOff(now)
	}
}

func (f *inflight) add(requests, streams int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests += requests
	f.streams += streams
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// count returns how many requests are being answered.
func (f *inflight) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

// wait returns nil once done says so about the present counts, or the error of
// ctx.
func (f *inflight) wait(ctx context.Context, done func(requests, streams int) bool) error {
	for {
		f.mu.Lock()
		if f.changed == nil {
			f.changed = make(chan struct{})
		}
		ok, changed := done(f.requests, f.streams), f.changed
		f.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// onlyStreams is true when at least one stream and nothing else is left. When
// nothing at all is left, http.Server.Shutdown is what knows that the last
// response has reached the network.
func onlyStreams(requests, streams int) bool { return streams > 0 && requests == streams }

func none(requests, _ int) bool { return requests == 0 }
