package server

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
)

// inflight bounds how many requests are answered at once, and knows what a
// stopping server waits for: requests that will end, and streams (Server-Sent
// Events, upgraded connections) that must be ended.
type inflight struct {
	all     share // of every request
	own     share // of those to appmetrics' own paths, half of all
	refused atomic.Int64
	log     *slog.Logger

	mu       sync.Mutex
	requests int                   // all of them
	streams  int                   // those among them that never end by themselves
	changed  chan struct{}         // closed at the next change; nil while nobody waits
	admitted map[*tracked]struct{} // those that have a place
}

// newInflight returns one for so many connections.
func newInflight(connections int, log *slog.Logger) *inflight {
	places := requestBound(connections)
	all := newShare(places, connections-places-1)
	return &inflight{all: all, own: all.half(), log: log, admitted: make(map[*tracked]struct{})}
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
		t := &tracked{ResponseWriter: w, inflight: f, request: r, connection: connectionOf(r.Context())}
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
		next.ServeHTTP(t, r)
		if t.body != nil {
			t.body.settle()
		}
	})
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
