package server

import (
	"context"
	"errors"
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
	own, share := o.Observe, s.inflight.all // without an application, the API is what is observed
	if s.proxy != nil {
		own, share = o.ObserveSelf, s.inflight.own
	}
	admitting := s.inflight.admitting
	atOnce := func(next http.Handler) http.Handler { return s.inflight.atOnce(share, next) }

	api := admitting(share, own(placed(apiError, o.API)))

	mux := http.NewServeMux()
	mux.Handle("/api/v1/metrics/", api)
	mux.Handle("/api/v1/openapi.json", api)
	mux.Handle("/api/docs", api)
	if o.Dashboard != nil {
		dashboard := admitting(share, placed(errorPage, o.Dashboard))
		mux.Handle(o.DashboardPath, dashboard)
		mux.Handle(o.DashboardPath+"/", dashboard)
	}
	mux.Handle("/internal/appmetrics/health", atOnce(reading(s.health)))
	mux.Handle("/internal/appmetrics/ready", atOnce(reading(s.ready)))
	mux.Handle("/internal/appmetrics/prometheus", atOnce(reading(s.prometheus)))
	mux.Handle("/internal/appmetrics/", atOnce(http.NotFoundHandler()))

	if s.proxy != nil {
		return claimed(mux, arriving(ownBodyWithin, mux), admitting(s.inflight.all, o.Observe(placed(errorPage, s.proxy))))
	}
	mux.Handle("/health", atOnce(o.Observe(reading(s.health))))
	mux.Handle("/ready", atOnce(o.Observe(reading(s.ready))))
	mux.Handle("/ping", atOnce(o.Observe(reading(s.ping))))
	mux.Handle("/{$}", atOnce(o.Observe(reading(s.startPage))))
	mux.Handle("/", atOnce(o.Observe(http.NotFoundHandler())))
	return arriving(ownBodyWithin, mux)
}

// An answerer answers with an error, in the form that its paths have for it.
type answerer func(w http.ResponseWriter, r *http.Request, status int, sentence string)

// placed lets next answer the requests that have a place, and says no to the
// others. It never lets a request that was ended look answered: net/http makes an
// empty 200 of what nobody has written.
func placed(answer answerer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := trackedBy(w)
		if t != nil && t.isRefused {
			unavailable(w, r, answer, busySentence)
			return
		}
		next.ServeHTTP(w, r)
		if t == nil || t.hasBegun.Load() || r.Context().Err() == nil {
			return
		}
		if !errors.Is(context.Cause(r.Context()), errStopping) {
			panic(http.ErrAbortHandler) // the client is gone, or hears that nothing came of it
		}
		unavailable(w, r, answer, stoppingSentence)
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

// claimed sends a request to own when one of the patterns begins the path
// literally, and to the application otherwise. ServeMux alone would answer more
// than that: it redirects paths that are not clean (/a//b), which the
// application must see as they are.
func claimed(patterns *http.ServeMux, own, application http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := patterns.Handler(r)
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
