package server

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/collect"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// errorPage answers with one clear sentence and the correlation id: a page for
// browsers, a line for programs.
func errorPage(w http.ResponseWriter, r *http.Request, status int, sentence string) {
	page := struct {
		Status              int
		Title, Sentence, ID string
		Refresh             bool
	}{
		Status:   status,
		Title:    http.StatusText(status),
		Sentence: sentence,
		ID:       collect.CorrelationID(r.Context()),
		Refresh:  status == http.StatusServiceUnavailable,
	}
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		text := fmt.Sprintf("%d %s: %s\n", page.Status, page.Title, page.Sentence)
		if page.ID != "" {
			text += "correlation id: " + page.ID + "\n"
		}
		writePage(w, status, "text/plain; charset=utf-8", text)
		return
	}
	var text strings.Builder
	if err := pages.ExecuteTemplate(&text, "error.html", page); err != nil {
		panic(err) // the template is part of the program
	}
	writePage(w, status, "text/html; charset=utf-8", text.String())
}

func writePage(w http.ResponseWriter, status int, contentType, text string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the client may be gone: nobody to tell
}

// startPage says where everything is, when there is no application at /.
func (s *Server) startPage(w http.ResponseWriter, _ *http.Request) {
	var text strings.Builder
	dashboard := ""
	if s.opts.Dashboard != nil {
		dashboard = s.opts.DashboardPath
	}
	if err := pages.ExecuteTemplate(&text, "start.html", dashboard); err != nil {
		panic(err) // the template is part of the program
	}
	writePage(w, http.StatusOK, "text/html; charset=utf-8", text.String())
}

// health says that the process lives.
func (*Server) health(w http.ResponseWriter, _ *http.Request) {
	writePage(w, http.StatusOK, "text/plain; charset=utf-8", "ok\n")
}

func (*Server) ping(w http.ResponseWriter, _ *http.Request) {
	writePage(w, http.StatusOK, "text/plain; charset=utf-8", "pong\n")
}

// ready says whether requests can be answered and recorded, or why not.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	const plain = "text/plain; charset=utf-8"
	if s.proxy != nil && s.proxy.starting.Load() {
		writePage(w, http.StatusServiceUnavailable, plain, "the application is starting\n")
		return
	}
	if s.opts.Ready != nil {
		if err := s.opts.Ready(r.Context()); err != nil {
			writePage(w, http.StatusServiceUnavailable, plain, err.Error()+"\n")
			return
		}
	}
	writePage(w, http.StatusOK, plain, "ready\n")
}

// prometheus shows the server's own figures to administrators and to callers
// on this machine.
func (s *Server) prometheus(w http.ResponseWriter, r *http.Request) {
	caller := admin.FromRequest(r)
	if _, err := (admin.Local{}).Check(r.Context(), caller); err != nil {
		if _, err := admin.RequireAdmin(r.Context(), s.opts.Checker, caller); err != nil {
			refuse(w, r, err)
			return
		}
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.opts.Metrics.write(w)
}
