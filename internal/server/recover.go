package server

import (
	"net/http"
	"runtime/debug"
)

// recoverPanics logs a panic of a handler that is not recorded (the recording
// middleware deals with the others), and ends the connection: part of a
// response may be out already.
func (s *Server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause != http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is what panics
				s.log.Error("handler panicked", "cause", cause, "stack", string(debug.Stack()))
			}
			panic(http.ErrAbortHandler)
		}()
		next.ServeHTTP(w, r)
	})
}
