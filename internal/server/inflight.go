package server

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// inflight knows what a stopping server waits for: requests that will end, and
// streams (Server-Sent Events, upgraded connections) that must be ended.
type inflight struct {
	mu       sync.Mutex
	requests int // all of them
	streams  int // those among them that never end by themselves
	changed  chan struct{}
	fresh    map[net.Conn]struct{} // connected, and silent so far
}

func newInflight() *inflight {
	return &inflight{changed: make(chan struct{}), fresh: make(map[net.Conn]struct{})}
}

// track counts the requests that next serves.
func (f *inflight) track(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &tracked{ResponseWriter: w, inflight: f}
		f.add(1, 0)
		defer t.end()
		next.ServeHTTP(t, r)
	})
}

func (f *inflight) add(requests, streams int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests += requests
	f.streams += streams
	if requests < 0 || streams > 0 {
		close(f.changed)
		f.changed = make(chan struct{})
	}
}

// wait returns nil once done says so about the present counts, or the error of
// ctx.
func (f *inflight) wait(ctx context.Context, done func(requests, streams int) bool) error {
	for {
		f.mu.Lock()
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

// connState remembers connections that have not sent anything yet. Browsers
// open some in advance, and Shutdown would wait seconds for them.
func (f *inflight) connState(c net.Conn, state http.ConnState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if state == http.StateNew {
		f.fresh[c] = struct{}{}
	} else {
		delete(f.fresh, c)
	}
}

// closeSilent closes connections that have not sent anything yet.
func (f *inflight) closeSilent() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.fresh {
		_ = c.Close() // nothing was promised on it
	}
}

// tracked sees when a response turns out to be a stream.
type tracked struct {
	http.ResponseWriter
	inflight *inflight

	mu       sync.Mutex
	isStream bool
	ended    bool
}

func (t *tracked) stream() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.isStream && !t.ended {
		t.isStream = true
		t.inflight.add(0, 1)
	}
}

func (t *tracked) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	streams := 0
	if t.isStream {
		streams = -1
	}
	t.inflight.add(-1, streams)
}

// WriteHeader sends the header.
func (t *tracked) WriteHeader(status int) {
	if status >= http.StatusOK && strings.HasPrefix(t.Header().Get("Content-Type"), "text/event-stream") {
		t.stream()
	}
	t.ResponseWriter.WriteHeader(status)
}

// Flush sends what was written so far.
func (t *tracked) Flush() { _ = t.FlushError() }

// FlushError is Flush for http.ResponseController.
func (t *tracked) FlushError() error { return http.NewResponseController(t.ResponseWriter).Flush() }

// Hijack hands over the connection, which is a stream from then on.
func (t *tracked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err == nil {
		t.stream()
	}
	return conn, rw, err
}

// ReadFrom lets the connection copy a file without passing through here.
func (t *tracked) ReadFrom(src io.Reader) (int64, error) { return io.Copy(t.ResponseWriter, src) }

// Unwrap is for http.ResponseController.
func (t *tracked) Unwrap() http.ResponseWriter { return t.ResponseWriter }
