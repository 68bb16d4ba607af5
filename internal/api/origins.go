package api

import (
	"fmt"
	"net/http"
	"slices"
)

// origins decides which other sites' pages may use the API: those configured,
// for the operations of the tracker, and nobody for the rest.
type origins struct {
	allowed  []string
	trusting *http.CrossOriginProtection
	strict   *http.CrossOriginProtection
}

func newOrigins(allowed []string) (*origins, error) {
	o := &origins{
		allowed:  allowed,
		trusting: http.NewCrossOriginProtection(),
		strict:   http.NewCrossOriginProtection(),
	}
	for _, origin := range allowed {
		if err := o.trusting.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("cors.origins: %w; want scheme://host or scheme://host:port", err)
		}
	}
	return o, nil
}

// admit reports whether the request may go on. If not, it has been answered.
func (o *origins) admit(h *handler, w http.ResponseWriter, r *http.Request) bool {
	open := r.URL.Path == usageEventsPath || r.URL.Path == usageCountPath
	protection := o.strict
	if open {
		protection = o.trusting
		w.Header().Add("Vary", "Origin")
	}
	origin := r.Header.Get("Origin")
	if open && slices.Contains(o.allowed, origin) {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Expose-Headers", "Date, Retry-After, "+correlationHeader)
		if preflight(r) {
			allowPreflight(w.Header(), r.URL.Path)
			w.WriteHeader(http.StatusNoContent)
			return false
		}
	}
	if preflight(r) || protection.Check(r) != nil {
		h.fail(w, r, errCrossOrigin)
		return false
	}
	return true
}

func preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

func allowPreflight(header http.Header, path string) {
	method := http.MethodGet
	if path == usageEventsPath {
		method = http.MethodPost
	}
	header.Set("Access-Control-Allow-Methods", method)
	header.Set("Access-Control-Allow-Headers", "Authorization, Content-Encoding, Content-Type, "+correlationHeader)
	header.Set("Access-Control-Max-Age", "600")
}
