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

// restWithin is how long the rest of a body may take that nobody reads: net/http
// looks for its end before the connection takes another request.
const restWithin = time.Second

// errTooSlow is why a body ends that came too slowly while others waited.
var errTooSlow = fmt.Errorf("the request came too slowly: %w", os.ErrDeadlineExceeded)

// sentBody is the body of a request. It says so when the client breaks off.
type sentBody struct {
	io.ReadCloser
	of   *tracked
	gone context.CancelCauseFunc

	got    atomic.Int64 // bytes
	isOver atomic.Bool  // it came to its end, or to an error
	isCut  atomic.Bool  // by tracked.cutOff
	until  atomic.Int64 // when it must have arrived, in Unix nanoseconds; 0: whenever
}

// Read reads what the client sent.
func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.got.Add(int64(n))
	if err == nil {
		return n, nil
	}
	b.isOver.Store(true)
	if err == io.EOF {
		if b.until.Swap(0) != 0 {
			b.setDeadline(time.Time{}) // it also holds for noticing that the client goes away
		}
		return n, err
	}
	b.spoil()
	switch {
	case b.isCut.Load():
		err = errTooSlow
	case errors.Is(err, os.ErrDeadlineExceeded): // whoever set it knows what to do
	default:
		b.gone(context.Canceled)
	}
	return n, err
}

// clientGone returns what to do when net/http ends the context of the request.
func (b *sentBody) clientGone(ended context.Context) func() {
	return func() {
		until := b.until.Load()
		if isLate := until != 0 && time.Now().UnixNano() >= until; !isLate && !b.isCut.Load() {
			b.gone(context.Cause(ended))
		}
	}
}

// Close says that nobody wants the rest.
func (b *sentBody) Close() error {
	if b.isOver.Load() || b.of.request.ProtoMajor != 1 {
		return b.ReadCloser.Close()
	}
	b.of.ifRunning(func() { b.expectEnd(restWithin) })
	err := b.ReadCloser.Close()
	if err != nil {
		b.spoil()
	}
	b.of.ifRunning(func() { b.setDeadline(time.Time{}) })
	return err
}

// spoil ends the connection once the answer is out. What is still to come of a
// body that was given up must never be read as the next request, which net/http
// does when both directions were open at once.
func (b *sentBody) spoil() {
	if c := b.of.connection; c != nil && b.of.request.ProtoMajor == 1 {
		c.isSpoilt.Store(true)
	}
}

// arriveWithin limits how long the body may take from now on.
func (b *sentBody) arriveWithin(limit time.Duration) {
	until := time.Now().Add(limit)
	b.until.Store(until.UnixNano())
	b.setDeadline(until)
}

func (b *sentBody) expectEnd(limit time.Duration) { b.setDeadline(time.Now().Add(limit)) }

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
