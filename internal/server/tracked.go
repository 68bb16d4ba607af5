package server

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// tracked is a request that is being answered. It sees when the response turns
// out to be a stream, and when the request waits for its client.
type tracked struct {
	http.ResponseWriter
	inflight   *inflight
	connection *connection // nil outside of a limited listener
	request    *http.Request
	body       *sentBody // nil without one
	place      *room     // of which it has a place; nil without
	line       *room     // in which it waits for one, or has waited in vain
	isRefused  bool      // there was no place for it

	hasBegun atomic.Bool  // the response
	writing  atomic.Int64 // when the Write or Flush began that goes on, in Unix nanoseconds; 0: none does

	mu       sync.Mutex
	isStream bool
	ended    bool
}

// A client is too slow to send when it was waited for, for a moment or several in
// all, and less than slowBytes of a body have come for each second of that (the
// rate of Apache's mod_reqtimeout; what comes with the header is more), and to
// read when it takes nothing of an answer for longer. It matters only while others
// wait for its place, who wait for longer than that moment.
const (
	slowToSend = placeWithin / 2
	slowToRead = 3 * time.Second
	slowBytes  = 500
)

// isSlow reports whether the request waits for a client that is too slow. A
// client that is being answered already may have nothing to send for a while.
func (t *tracked) isSlow(now time.Time) bool { return t.sendsSlowly(now) || t.readsSlowly(now) }

func (t *tracked) sendsSlowly(now time.Time) bool {
	if t.body == nil || t.body.isOver.Load() || t.hasBegun.Load() {
		return false
	}
	took := t.body.awaited(now)
	return took > slowToSend && float64(t.body.got.Load()) < slowBytes*took.Seconds()
}

func (t *tracked) readsSlowly(now time.Time) bool {
	since := t.writing.Load()
	return since != 0 && now.Sub(time.Unix(0, since)) > slowToRead
}

// longAgo is a deadline that makes a read or write end at once.
var longAgo = time.Unix(1, 0)

// cutOff ends what the request waits for.
func (t *tracked) cutOff(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return
	}
	control := http.NewResponseController(t.ResponseWriter)
	if t.sendsSlowly(now) {
		t.body.isCut.Store(true)
		_ = control.SetReadDeadline(longAgo)
	}
	if t.readsSlowly(now) {
		_ = control.SetWriteDeadline(longAgo)
	}
}

// trackedBy returns the request that w answers, nil when nobody tracks it.
func trackedBy(w http.ResponseWriter) *tracked {
	for {
		switch v := w.(type) {
		case *tracked:
			return v
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return nil
		}
	}
}

// begin and heard tell the connection of the request.
func (t *tracked) begin() {
	if t.connection != nil {
		t.connection.begin()
	}
}

func (t *tracked) heard() {
	if t.connection != nil {
		t.connection.heard()
	}
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
	t.inflight.leave(t)
}

// WriteHeader sends the header.
func (t *tracked) WriteHeader(status int) {
	if status >= http.StatusOK {
		t.hasBegun.Store(true)
	}
	if status >= http.StatusOK && strings.HasPrefix(t.Header().Get("Content-Type"), "text/event-stream") {
		t.stream()
	}
	t.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body.
func (t *tracked) Write(p []byte) (int, error) {
	t.hasBegun.Store(true)
	t.writing.Store(time.Now().UnixNano())
	defer t.writing.Store(0)
	return t.ResponseWriter.Write(p)
}

// Flush sends what was written so far.
func (t *tracked) Flush() { _ = t.FlushError() }

// FlushError is Flush for http.ResponseController.
func (t *tracked) FlushError() error {
	t.hasBegun.Store(true)
	t.writing.Store(time.Now().UnixNano())
	defer t.writing.Store(0)
	return http.NewResponseController(t.ResponseWriter).Flush()
}

// Hijack hands over the connection, which is a stream from then on.
func (t *tracked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err == nil {
		t.hasBegun.Store(true)
		t.stream()
	}
	return conn, rw, err
}

// Unwrap is for http.ResponseController.
func (t *tracked) Unwrap() http.ResponseWriter { return t.ResponseWriter }
