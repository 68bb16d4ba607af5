package demo

import (
	"fmt"
	"html/template"
	"net/http"
	"sync"
	"time"
)

// longest bounds how long the demo application lets a visitor wait.
const longest = 3 * time.Second

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Orders: the demo application of appmetrics</title>
<style>body{font:1rem/1.5 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}</style>
<h1>{{.Title}}</h1>
<p>This is the demo application behind appmetrics. Every request to it is recorded.</p>
<ul>{{range .Links}}<li><a href="{{.}}">{{.}}</a></li>{{end}}</ul>
</html>`))

// App is a web application with the routes of the history that Fill writes.
// It is safe for concurrent use.
type App struct {
	mux *http.ServeMux

	mu        sync.Mutex
	generator *generator
}

// NewApp returns the application; seed makes its behaviour.
func NewApp(seed uint64) *App {
	// An application that starts now has its incident behind it.
	a := &App{mux: http.NewServeMux(), generator: newGenerator(seed, time.Unix(0, 0))}
	for _, r := range routes() {
		pattern := r.endpoint
		if pattern == "/" {
			pattern = "/{$}"
		}
		a.mux.HandleFunc(r.method+" "+pattern, func(w http.ResponseWriter, req *http.Request) { a.answer(w, req, r) })
	}
	return a
}

// ServeHTTP answers as slowly, and fails as often, as the history did.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func (a *App) answer(w http.ResponseWriter, r *http.Request, to route) {
	a.mu.Lock()
	o := a.generator.outcome(to, time.Time{})
	a.mu.Unlock()
	wait := min(time.Duration(o.responseMS*float64(time.Millisecond)), longest)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		return
	}
	if !to.page || o.status >= 400 {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(o.status)
		_, _ = fmt.Fprintf(w, "{\"status\": %d}\n", o.status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, struct {
		Title string
		Links []string
	}{to.endpoint, []string{"/", "/orders", "/orders/1017", "/customers", "/products", "/search", "/cart", "/invoices", "/reports", "/reports/7"}})
}
