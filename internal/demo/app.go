package demo

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"sync"
	"time"
)

// longest bounds how long the demo application lets a visitor wait.
const longest = 3 * time.Second

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// link is an entry of the navigation.
type link struct {
	Name, Path string
	Current    bool
}

func links(current string) []link {
	all := []link{
		{Name: "Home", Path: "/"}, {Name: "Orders", Path: "/orders"}, {Name: "Customers", Path: "/customers"},
		{Name: "Products", Path: "/products"}, {Name: "Search", Path: "/search"}, {Name: "Cart", Path: "/cart"},
		{Name: "Invoices", Path: "/invoices"}, {Name: "Reports", Path: "/reports"},
	}
	for i := range all {
		all[i].Current = all[i].Path == current
	}
	return all
}

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
	title := to.endpoint
	pages := links(to.endpoint)
	for _, l := range pages {
		if l.Current {
			title = l.Name
		}
	}
	_ = page.Execute(w, struct {
		Title, Host string
		Pages       []link
	}{title, r.Host, pages})
}
