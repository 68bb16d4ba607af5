package server

import (
	"errors"
	"net/http"

	"github.com/appmetrics/appmetrics/internal/admin"
)

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
