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
	requests int                   // all of them
	streams  int                   // those among them that never end by themselves
	changed  chan struct{}         // closed at the next change; nil while nobody waits
	fresh    map[net.Conn]struct{} // connected, and silent so far
}

func newInflight() *inflight {
	return &inflight{fresh: make(map[net.Conn]struct{})}
}

// track counts the requests that next serves, and ends the context of one whose
// client goes away while it still sends: net/http ends it only after that.
func (f *inflight) track(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &tracked{ResponseWriter: w, inflight: f}
		f.add(1, 0)
		defer t.end()
		if r.Body != nil && r.Body != http.NoBody {
			ctx, gone := context.WithCancel(r.Context())
			defer gone()
			r = r.WithContext(ctx)
			r.Body = &sentBody{ReadCloser: r.Body, gone: gone}
		}
		next.ServeHTTP(t, r)
	})
}

// sentBody is the body of a request. It says so when the client breaks off.
type sentBody struct {
	io.ReadCloser
	gone context.CancelFunc
}

// Read reads what the client sent.
func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.gone()
	}
	return n, err
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
