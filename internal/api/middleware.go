package api

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzhttp"
)

const (
	correlationHeader = "X-Request-Id"

	// compressFrom is the least size in bytes of an answer that is worth
	// compressing: below, it fits one packet anyway.
	compressFrom = 1400
)

// around wraps the routes in what holds for every answer.
func (h *handler) around() http.Handler {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer h.recover(w, r)
		if !h.origins.admit(h, w, r) {
			return
		}
		if _, pattern := h.mux.Handler(r); pattern == "" {
			h.fail(w, r, unrouted(h.mux, r))
			return
		}
		h.mux.ServeHTTP(w, r)
	})
	// The options are constants: an error would be one of this line.
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom))
	if err != nil {
		panic(fmt.Sprintf("set up compression: %v", err))
	}
	compressed := compress(inner)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if w.Header().Get(correlationHeader) == "" {
			w.Header().Set(correlationHeader, uuid.NewString())
		}
		compressed(w, r)
	})
}

// recover answers a panic with 500 and keeps the connection.
func (h *handler) recover(w http.ResponseWriter, r *http.Request) {
	switch cause := recover(); cause {
	case nil:
	case http.ErrAbortHandler:
		panic(cause)
	default:
		h.fail(w, r, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
	}
}

// unrouted says why no route takes the request: 404, or 405 with the methods
// that the path has. The mux knows, and tells only by answering.
func unrouted(routes *http.ServeMux, r *http.Request) error {
	refusal, _ := routes.Handler(r)
	answer := muxAnswer{header: http.Header{}}
	refusal.ServeHTTP(&answer, r)
	if answer.status == http.StatusMethodNotAllowed {
		return &methodError{method: r.Method, allowed: answer.header.Get("Allow")}
	}
	return errNoSuchPath
}

// muxAnswer keeps status and headers of an answer that nobody reads.
type muxAnswer struct {
	header http.Header
	status int
}

func (a *muxAnswer) Header() http.Header         { return a.header }
func (a *muxAnswer) WriteHeader(status int)      { a.status = status }
func (a *muxAnswer) Write(b []byte) (int, error) { return len(b), nil }
