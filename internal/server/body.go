package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// Bounds of what is read of a body that nobody wants, before the connection is
// given up: net/http has the same for bytes, and none for time.
const (
	restWithin = time.Second
	restBytes  = 256 << 10
)

// errTooSlow is why a body ends that came too slowly: later than it had to be
// there, or while others waited.
var errTooSlow = fmt.Errorf("the request came too slowly: %w", os.ErrDeadlineExceeded)

// sentBody is the body of a request. It says so when the client breaks off.
type sentBody struct {
	io.ReadCloser
	of   *tracked
	on   *connection // nil outside of a limited listener
	gone context.CancelCauseFunc

	got    atomic.Int64 // bytes
	asked  atomic.Int64 // when the Read began that goes on, in Unix nanoseconds; 0: none does
	waited atomic.Int64 // nanoseconds, in all earlier ones
	isOver atomic.Bool  // it came to its end, or to an error
	sawEOF atomic.Bool  // it came to its end
	isCut  atomic.Bool  // by tracked.cutOff
	until  atomic.Int64 // when it must have arrived, in Unix nanoseconds; 0: whenever
}

// Read reads what the client sent.
func (b *sentBody) Read(p []byte) (int, error) {
	began := time.Now()
	b.asked.Store(began.UnixNano())
	n, err := b.ReadCloser.Read(p)
	b.asked.Store(0)
	b.waited.Add(int64(time.Since(began)))
	b.got.Add(int64(n))
	if err == nil {
		return n, nil
	}
	b.isOver.Store(true)
	if err == io.EOF {
		b.sawEOF.Store(true)
		b.until.Store(0) // net/http lifts the deadline itself
		return n, err
	}
	switch {
	case b.isCut.Load(), b.isLate():
		err = errTooSlow
	case errors.Is(err, os.ErrDeadlineExceeded): // whoever set it knows what to do
	default:
		b.gone(context.Canceled)
	}
	return n, err
}

// awaited returns for how long the client was waited for in all: while somebody
// reads. Until then it may wait for the word to go on, and while the application
// takes its time, nothing can come.
func (b *sentBody) awaited(now time.Time) time.Duration {
	waited := time.Duration(b.waited.Load())
	if asked := b.asked.Load(); asked != 0 {
		waited += now.Sub(time.Unix(0, asked))
	}
	return waited
}

// clientGone returns what to do when net/http ends the context of the request.
func (b *sentBody) clientGone(ended context.Context) func() {
	return func() {
		if !b.isLate() && !b.isCut.Load() {
			b.gone(context.Cause(ended))
		}
	}
}

// isLate reports whether it should have arrived by now.
func (b *sentBody) isLate() bool {
	until := b.until.Load()
	return until != 0 && time.Now().UnixNano() >= until
}

// settle ends the reading of a body once its request is answered. Of one that
// was not read to its end, the rest is read for a moment, so that the connection
// can take another request, and so that a client that still sends hears the
// answer. What is left then, or follows damage, must never be read as the next
// request: net/http would do so where both directions were open at once.
func (b *sentBody) settle() {
	if b.sawEOF.Load() || b.of.request.ProtoMajor != 1 {
		return
	}
	b.arriveWithin(restWithin) // before an answer goes out, net/http looks for the end itself
	switch {
	case !b.of.hasBegun.Load():
	case b.of.place == nil: // nobody would notice that the client takes nothing
		control := http.NewResponseController(b.of.ResponseWriter)
		_ = control.SetWriteDeadline(time.Now().Add(2 * restWithin)) // net/http lifts it
		_ = b.of.FlushError()                                        // the client may be gone
	default:
		_ = b.of.FlushError()                     // the same
		b.setDeadline(time.Now().Add(restWithin)) // the client may have taken its time
	}
	_, err := io.CopyN(io.Discard, b.ReadCloser, restBytes)
	isRead := errors.Is(err, io.EOF) || b.sawEOF.Load()
	// Where only one direction was open, net/http has read the rest itself before
	// the answer, or has announced in it that the connection ends.
	if isRead || errors.Is(err, http.ErrBodyReadAfterClose) {
		b.setDeadline(time.Time{})
		return
	}
	if b.on != nil {
		b.on.isSpoilt.Store(true)
	}
}

// arriveWithin limits how long the body may take from now on.
func (b *sentBody) arriveWithin(limit time.Duration) {
	until := time.Now().Add(limit)
	b.until.Store(until.UnixNano())
	b.setDeadline(until)
}

func (b *sentBody) setDeadline(at time.Time) {
	_ = http.NewResponseController(b.of.ResponseWriter).SetReadDeadline(at) // not every writer under test can
}

// arriving gives the bodies of requests to next so long to arrive. It is for
// appmetrics' own paths: how long a body for the application may take is the
// application's business.
func arriving(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t := trackedBy(w); t != nil && t.body != nil {
			t.body.arriveWithin(limit)
		}
		next.ServeHTTP(w, r)
	})
}
