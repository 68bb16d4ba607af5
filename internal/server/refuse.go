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
		errorPage(w, r, http.StatusUnauthorized, admin.ErrUnauthenticated.Error()+".")
	case errors.Is(err, admin.ErrForbidden):
		errorPage(w, r, http.StatusForbidden, admin.ErrForbidden.Error()+".")
	default:
		w.Header().Set("Retry-After", "30")
		errorPage(w, r, http.StatusServiceUnavailable, admin.ErrUnverifiable.Error()+".")
	}
}
