package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/collect"
)

const (
	busySentence     = "Too many requests at once. Try again in a moment."
	stoppingSentence = "The server is stopping. Try again in a moment."
)

// unavailable answers a request that cannot be answered now.
func unavailable(w http.ResponseWriter, r *http.Request, answer answerer, sentence string) {
	w.Header().Set("Retry-After", "1")
	answer(w, r, http.StatusServiceUnavailable, sentence)
}

// apiError is errorPage in the form in which the API answers.
func apiError(w http.ResponseWriter, r *http.Request, status int, sentence string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The client may be gone: nobody to tell.
	_, _ = io.WriteString(w, fmt.Sprintf(`{"error":%q,"message":%q,"status_code":%d,"correlation_id":%q,"details":{}}`+"\n",
		http.StatusText(status), sentence, status, collect.CorrelationID(r.Context())))
}

// refuse answers a caller who may not see the page.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, admin.ErrUnauthenticated):
		w.Header().Set("WWW-Authenticate", `Bearer realm="appmetrics"`)
		errorPage(w, r, http.StatusUnauthorized, sentence(admin.ErrUnauthenticated, err))
	case errors.Is(err, admin.ErrForbidden):
		errorPage(w, r, http.StatusForbidden, sentence(admin.ErrForbidden, err))
	default:
		w.Header().Set("Retry-After", "30")
		errorPage(w, r, http.StatusServiceUnavailable, sentence(admin.ErrUnverifiable, err))
	}
}

// sentence is a refusal in its own words, with the hint that err carries.
func sentence(kind, err error) string {
	if hint := admin.Hint(err); hint != "" {
		return kind.Error() + ": " + hint + "."
	}
	return kind.Error() + "."
}
