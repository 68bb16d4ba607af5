package server

import (
	"fmt"
	"net/http"
	"path"
	"strings"
)

// Handler returns everything that the server answers.
func (s *Server) Handler() http.Handler { return s.inflight.track(s.recoverPanics(s.routes())) }

// routes shows all paths, top to bottom. What is recorded is wrapped in the
// middleware that records it; what is not, never is.
func (s *Server) routes() http.Handler {
	o := s.opts
	own := o.Observe // without an application, the API is what is observed
	if s.proxy != nil {
		own = o.ObserveSelf
	}

	api := own(arriving(ownBodyWithin, placed(busyAPI, o.API)))

	mux := http.NewServeMux()
	mux.Handle("/api/v1/metrics/", api)
	mux.Handle("/api/v1/openapi.json", api)
	mux.Handle("/api/docs", api)
	if o.Dashboard != nil {
		dashboard := arriving(ownBodyWithin, placed(busyPage, o.Dashboard))
		mux.Handle(o.DashboardPath, dashboard)
		mux.Handle(o.DashboardPath+"/", dashboard)
	}
	mux.Handle("/internal/appmetrics/health", reading(s.health))
	mux.Handle("/internal/appmetrics/ready", reading(s.ready))
	mux.Handle("/internal/appmetrics/prometheus", reading(s.prometheus))
	mux.Handle("/internal/appmetrics/", http.NotFoundHandler())

	if s.proxy != nil {
		return claimed(mux, o.Observe(placed(busyPage, s.proxy)))
	}
	mux.Handle("/health", o.Observe(reading(s.health)))
	mux.Handle("/ready", o.Observe(reading(s.ready)))
	mux.Handle("/ping", o.Observe(reading(s.ping)))
	mux.Handle("/{$}", o.Observe(reading(s.startPage)))
	mux.Handle("/", o.Observe(http.NotFoundHandler()))
	return mux
}

// placed lets next answer the requests that have a place, and busy the others.
// What says whether the process lives and is ready does without.
func placed(busy http.HandlerFunc, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := trackedBy(w)
		if t == nil || !t.isRefused {
			next.ServeHTTP(w, r)
			return
		}
		if t.body != nil {
			t.body.arriveWithin(restWithin) // before an answer goes out, its end is looked for
		}
		w.Header().Set("Retry-After", "1")
		busy(w, r)
	})
}

// checkDashboardPath refuses what the routes above cannot hold.
func checkDashboardPath(own string) error {
	if !strings.HasPrefix(own, "/") || own == "/" || path.Clean(own) != own || strings.ContainsAny(own, "{} \t?#%") {
		return fmt.Errorf("dashboard path %q: want /NAME, for example %s", own, DefaultDashboardPath)
	}
	for _, taken := range [...]string{
		"/api/v1/metrics", "/api/v1/openapi.json", "/api/docs", "/internal/appmetrics", "/health", "/ready", "/ping",
	} {
		if own == taken || strings.HasPrefix(own, taken+"/") {
			return fmt.Errorf("dashboard path %q: %s is taken; want another, for example %s", own, taken, DefaultDashboardPath)
		}
	}
	return nil
}

// claimed sends a request to own when one of its patterns begins the path
// literally, and to the application otherwise. ServeMux alone would answer more
// than that: it redirects paths that are not clean (/a//b), which the
// application must see as they are.
func claimed(own *http.ServeMux, application http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := own.Handler(r)
		if pattern == "" || !strings.HasPrefix(r.URL.Path, pattern) {
			application.ServeHTTP(w, r)
			return
		}
		own.ServeHTTP(w, r)
	})
}

// reading answers GET and HEAD only.
func reading(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Method not allowed; want GET", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next(w, r)
	})
}
