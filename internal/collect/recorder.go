package collect

import (
	"bufio"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Phases of a response. Only fresh changes, once.
const (
	fresh    = iota // nothing final was sent
	begun           // the handler's status is sent
	hijacked        // the handler has the connection
	timedOut        // 504 was sent instead of the handler's response
)

// statusClientClosed is nginx's status for a client that went away.
const statusClientClosed = 499

// outcome is what a sample says about how a request ended.
type outcome struct {
	status    int
	errorType string // empty: follows from the status
	took      time.Duration
}

// recorder stands between a handler and its ResponseWriter. The handler has a
// header map of its own until the response begins, because the timeout may
// send the real one while the handler still fills in its own.
type recorder struct {
	collector *Collector
	w         http.ResponseWriter
	header    http.Header
	client    context.Context // the server's: over when the client is gone
	request   *http.Request
	path      string // escaped; handlers may change the request's URL
	start     time.Time
	id        string // the request's; the response's, once that has begun with its own
	user      string
	isJSON    bool // the client prefers errors in JSON

	mu     sync.Mutex // held to change phase and id, and to write before the response begins
	phase  atomic.Int32
	status int

	length     int64 // Content-Length, -1 when not declared
	written    int64
	isUnsent   bool // a part of the response did not reach the connection
	isRecorded atomic.Bool
	isReturned bool // the handler came back by itself

	// Timeout; cancel is nil without one.
	timer    *time.Timer
	cancel   context.CancelCauseFunc
	body     *watchedBody
	armed    time.Time
	lastRead atomic.Int64 // nanoseconds after armed, of the last byte of the request body
}

// Header returns the handler's header map.
func (r *recorder) Header() http.Header { return r.header }

// Unwrap lets http.ResponseController reach deadlines and full duplex.
func (r *recorder) Unwrap() http.ResponseWriter { return r.w }

// WriteHeader sends the status, informational ones as often as there are.
func (r *recorder) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.phase.Load() == fresh {
			r.copyHeader()
			r.w.WriteHeader(status)
		}
		return
	}
	switch r.phase.Load() {
	case timedOut:
		return
	case fresh:
		if !r.begin(status) {
			return
		}
	}
	r.w.WriteHeader(status) // of two, net/http keeps the first and complains
}

// begin fixes the status and says so, unless the timeout was faster.
func (r *recorder) begin(status int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.phase.Load() != fresh {
		return false
	}
	r.copyHeader()
	r.length = -1
	if v := r.header["Content-Length"]; len(v) == 1 {
		if n, err := strconv.ParseInt(v[0], 10, 64); err == nil {
			r.length = n
		}
	}
	r.enter(begun, status)
	if status == http.StatusSwitchingProtocols || r.isEventStream() {
		r.record(outcome{status: status, took: r.elapsed()})
	}
	return true
}

// enter leaves the fresh phase, and with it the timeout's reach. The caller
// holds r.mu.
func (r *recorder) enter(phase int32, status int) {
	r.status = status
	if own := r.header[requestIDHeader]; len(own) > 0 && own[0] != r.id && isCorrelationID(own[0]) {
		r.id = own[0] // the one that the client will quote
	}
	r.phase.Store(phase)
	if r.timer != nil {
		r.timer.Stop()
	}
}

// copyHeader makes the real header what the handler's is. The application's
// own X-Request-Id stays; without one the response carries ours.
func (r *recorder) copyHeader() {
	h := r.w.Header()
	if len(h) > 0 {
		clear(h)
	}
	maps.Copy(h, r.header)
	if len(h[requestIDHeader]) == 0 {
		h[requestIDHeader] = []string{r.id}
	}
}

func (r *recorder) isEventStream() bool {
	v := r.header["Content-Type"]
	return len(v) > 0 && strings.HasPrefix(v[0], "text/event-stream")
}

// ready begins the response with 200 if it has not begun.
func (r *recorder) ready() error {
	switch r.phase.Load() {
	case begun:
		return nil
	case fresh:
		if r.begin(http.StatusOK) {
			return nil
		}
	case hijacked:
		return http.ErrHijacked
	}
	return http.ErrHandlerTimeout
}

// Write sends a part of the body. After the timeout it returns
// http.ErrHandlerTimeout.
func (r *recorder) Write(p []byte) (int, error) {
	if err := r.ready(); err != nil {
		return 0, err
	}
	n, err := r.w.Write(p)
	return r.sent(n, err)
}

// WriteString is Write without a copy where the server can.
func (r *recorder) WriteString(s string) (int, error) {
	if err := r.ready(); err != nil {
		return 0, err
	}
	n, err := io.WriteString(r.w, s)
	return r.sent(n, err)
}

// sent notes what became of a part of the response. Where the handler is not at
// fault, nobody takes it any more; over HTTP/2 this is known before the request's
// context ends.
func (r *recorder) sent(n int, err error) (int, error) {
	r.written += int64(n)
	switch {
	case err == nil, errors.Is(err, http.ErrBodyNotAllowed), errors.Is(err, http.ErrContentLength), errors.Is(err, http.ErrHijacked):
	default:
		r.isUnsent = true
	}
	return n, err
}

func (r *recorder) readFrom(src io.Reader) (int64, error) {
	if err := r.ready(); err != nil {
		return 0, err
	}
	// The server's own is the way to sendfile and splice.
	n, err := r.w.(io.ReaderFrom).ReadFrom(src)
	r.written += n
	return n, err
}

func (r *recorder) flush() error {
	if err := r.ready(); err != nil {
		return err
	}
	return http.NewResponseController(r.w).Flush()
}

func (r *recorder) hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.phase.Load() == timedOut {
		return nil, nil, http.ErrHandlerTimeout
	}
	conn, rw, err := http.NewResponseController(r.w).Hijack()
	if err == nil && r.phase.Load() == fresh {
		if len(r.header[requestIDHeader]) == 0 { // for handlers that write it out themselves
			r.header[requestIDHeader] = []string{r.id}
		}
		r.enter(hijacked, http.StatusSwitchingProtocols)
		r.record(outcome{status: r.status, took: r.elapsed()})
	}
	return conn, rw, err
}

func (r *recorder) push(target string, opts *http.PushOptions) error {
	pusher, ok := r.w.(http.Pusher)
	if !ok {
		return http.ErrNotSupported
	}
	return pusher.Push(target, opts)
}

func (r *recorder) elapsed() time.Duration { return r.collector.opts.Now().Sub(r.start) }

// record makes the one sample of the request.
func (r *recorder) record(o outcome) {
	if r.isRecorded.CompareAndSwap(false, true) {
		r.collector.record(r, o)
	}
}

// finish ends the observation, however the handler ended. It is deferred.
func (r *recorder) finish() {
	var panicked any
	if !r.isReturned {
		panicked = recover()
	}
	r.mu.Lock() // a 504 may still be on its way out
	phase := r.phase.Load()
	if phase == fresh {
		r.enter(begun, http.StatusOK)
	}
	r.mu.Unlock()

	isAbort := panicked == http.ErrAbortHandler //nolint:errorlint // net/http compares so
	if panicked != nil && !isAbort {
		r.collector.opts.Logger.Error("handler panicked", "correlation_id", r.id,
			"method", methodName(r.request.Method), "panic", panicked, "stack", string(debug.Stack()))
	}
	switch {
	case phase == timedOut: // answered and recorded
		return
	case panicked == nil:
		if phase != hijacked {
			// Names set since the response began are trailers, or of no effect.
			r.copyHeader()
		}
	case !isAbort && phase == fresh:
		r.refuse(http.StatusInternalServerError, "Internal Server Error", "The request could not be handled")
	}
	r.record(r.outcome(phase, panicked != nil && !isAbort, isAbort))
	if isAbort || panicked != nil && phase != fresh {
		panic(http.ErrAbortHandler)
	}
}

// outcome judges how a request ended that was not recorded before.
func (r *recorder) outcome(phase int32, isPanic, isAbort bool) outcome {
	took := r.elapsed()
	switch {
	case isPanic:
		return outcome{http.StatusInternalServerError, metric.ErrorPanic, took}
	case (r.isUnsent || r.isClientGone()) && !r.isComplete(phase):
		return outcome{statusClientClosed, metric.ErrorClientClosed, took}
	case isAbort: // the application died within its response
		return outcome{http.StatusBadGateway, "", took}
	}
	return outcome{r.status, "", took}
}

// isClientGone says whether the client closed the connection, and not the
// server, which has another cause to.
func (r *recorder) isClientGone() bool {
	return context.Cause(r.client) == context.Canceled //nolint:errorlint // net/http gives no cause
}

// isComplete says whether the client has been given the whole response, so
// that it may leave: only then does a closed connection not count.
func (r *recorder) isComplete(phase int32) bool {
	return phase == begun && r.length >= 0 && (r.written >= r.length || r.request.Method == http.MethodHead)
}

// errTimedOut is the cause with which a timed out handler's context ends.
var errTimedOut = errors.New("request timed out")
