package server

import (
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/appmetrics/appmetrics/internal/collect"
)

// recoverPanics logs what no middleware below has dealt with, and ends the
// connection: part of a response may be out already.
func (s *Server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause != http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is what panics
				s.log.ErrorContext(r.Context(), "handler panicked",
					"correlation_id", collect.CorrelationID(r.Context()),
					slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
			}
			panic(http.ErrAbortHandler)
		}()
		next.ServeHTTP(w, r)
	})
}
