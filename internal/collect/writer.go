package collect

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// The optional interfaces of a ResponseWriter, each as a view on the recorder,
// so that writer can offer exactly those that the server's writer has.
type (
	flusher    recorder
	hijacker   recorder
	readerFrom recorder
	pusher     recorder
)

// Flush sends what is buffered.
func (f *flusher) Flush() { _ = (*recorder)(f).flush() }

// FlushError is Flush for http.ResponseController.
func (f *flusher) FlushError() error { return (*recorder)(f).flush() }

// Hijack hands over the connection.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return (*recorder)(h).hijack() }

// ReadFrom copies src to the response the server's fastest way.
func (f *readerFrom) ReadFrom(src io.Reader) (int64, error) { return (*recorder)(f).readFrom(src) }

// Push starts an HTTP/2 server push.
func (p *pusher) Push(target string, opts *http.PushOptions) error {
	return (*recorder)(p).push(target, opts)
}

// writer returns the recorder with the optional interfaces that the server's
// writer has, and no others: handlers choose their way by asking for them.
func (r *recorder) writer() http.ResponseWriter {
	f, h, rf, p := (*flusher)(r), (*hijacker)(r), (*readerFrom)(r), (*pusher)(r)
	_, canFlush := find[http.Flusher](r.w)
	_, canHijack := find[http.Hijacker](r.w)
	_, canRead := r.w.(io.ReaderFrom)
	_, canPush := r.w.(http.Pusher)
	switch (offer{canFlush, canHijack, canRead, canPush}) {
	case offer{true, true, true, false}: // HTTP/1
		return struct {
			*recorder
			*flusher
			*hijacker
			*readerFrom
		}{r, f, h, rf}
	case offer{true, false, false, true}: // HTTP/2
		return struct {
			*recorder
			*flusher
			*pusher
		}{r, f, p}
	case offer{true, false, false, false}:
		return struct {
			*recorder
			*flusher
		}{r, f}
	case offer{true, true, false, false}:
		return struct {
			*recorder
			*flusher
			*hijacker
		}{r, f, h}
	case offer{true, false, true, false}:
		return struct {
			*recorder
			*flusher
			*readerFrom
		}{r, f, rf}
	case offer{false, false, true, false}:
		return struct {
			*recorder
			*readerFrom
		}{r, rf}
	case offer{false, true, false, false}:
		return struct {
			*recorder
			*hijacker
		}{r, h}
	case offer{true, true, false, true}:
		return struct {
			*recorder
			*flusher
			*hijacker
			*pusher
		}{r, f, h, p}
	case offer{true, true, true, true}:
		return struct {
			*recorder
			*flusher
			*hijacker
			*readerFrom
			*pusher
		}{r, f, h, rf, p}
	}
	if canFlush { // a rare mix: the one that streams depend on
		return struct {
			*recorder
			*flusher
		}{r, f}
	}
	return r
}

// offer says which optional interfaces a writer has.
type offer struct{ flush, hijack, readFrom, push bool }

// find returns w, or the writer that it wraps, as a T: what
// http.ResponseController would use.
func find[T any](w http.ResponseWriter) (T, bool) {
	for {
		if t, ok := w.(T); ok {
			return t, true
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			var none T
			return none, false
		}
		w = wrapper.Unwrap()
	}
}
