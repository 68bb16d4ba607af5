// Package web owns the dashboard page that is embedded in the binary, its
// assets and the tracker script, and how browsers may load, keep and frame
// them. It refuses to know any answer: the page asks the HTTP API for those, as
// whoever looks at it.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// dist is built by `make web` from ui.
//
//go:embed all:dist
var dist embed.FS

// DefaultPath is where the page is unless Options say otherwise.
const DefaultPath = "/metrics"

// Options configure the handler; the zero value is useful.
type Options struct {
	// Path of the page, /NAME; empty means DefaultPath. Assets and tracker are
	// below it.
	Path string
	// FrameAncestors are the origins whose pages may show the dashboard in a
	// frame, as Content-Security-Policy writes them; empty means nobody.
	FrameAncestors []string
	// Own is an API, with the paths of internal/api, that stores what the page
	// tells of its own use; nil refuses it.
	Own http.Handler
}

// New returns the handler of the page at Path, of Path/assets/, of
// Path/tracker.js, and of Path/own/, where the page posts usage events of its
// own and counts them; anything else is a 404. The error says which option is
// wrong. The handler is safe for concurrent use.
func New(o Options) (http.Handler, error) {
	if o.Path == "" {
		o.Path = DefaultPath
	}
	for _, source := range o.FrameAncestors {
		if source == "" || strings.ContainsAny(source, " \t\r\n;,") {
			return nil, fmt.Errorf("frame ancestor %q: want an origin such as https://portal.example.com", source)
		}
	}
	h := &handler{path: o.Path, files: map[string]*file{}, policy: policy(o.FrameAncestors), own: o.Own}
	err := fs.WalkDir(dist, "dist", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		return h.add(strings.TrimPrefix(name, "dist/"), body)
	})
	if err != nil {
		return nil, fmt.Errorf("read the embedded dashboard: %w", err)
	}
	return h, nil
}

// policy lets the page use what comes from its own origin and nothing else:
// nothing inline, and no text that becomes markup or script.
func policy(ancestors []string) string {
	if len(ancestors) == 0 {
		ancestors = []string{"'none'"}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'; " +
		"frame-ancestors " + strings.Join(ancestors, " ")
}

// How long browsers keep what they loaded.
const (
	cachePage    = "no-cache"                            // asks every time whether it changed
	cacheAsset   = "public, max-age=31536000, immutable" // another content has another name
	cacheTracker = "public, max-age=3600"                // one name for every version
)

type handler struct {
	path   string
	policy string
	files  map[string]*file // by path
	own    http.Handler
}

// add takes a file of dist by its name there. Its addresses are relative to the
// directory of the page, which is a setting: the page names it in full.
func (h *handler) add(name string, body []byte) error {
	where, cache := h.path+"/"+name, cacheAsset
	switch name {
	case "index.html":
		where, cache = h.path, cachePage
		body = bytes.ReplaceAll(body, []byte(`="./`), []byte(`="`+h.path+`/`))
	case "tracker.js":
		cache = cacheTracker
	}
	f, err := newFile(name, cache, body)
	if err != nil {
		return err
	}
	h.files[where] = f
	return nil
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin") // local mode sees by it that a proxy stands in front
	header.Set("Content-Security-Policy", h.policy)
	if rest, ok := strings.CutPrefix(r.URL.Path, h.path+"/own/"); ok && h.own != nil {
		h.serveOwn(w, r, rest)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		header.Set("Cache-Control", "no-store")
		http.Error(w, "Method not allowed; want GET", http.StatusMethodNotAllowed)
		return
	}
	if r.URL.Path == h.path+"/" {
		redirect := *r.URL
		redirect.Path, redirect.RawPath = h.path, ""
		http.Redirect(w, r, redirect.RequestURI(), http.StatusPermanentRedirect)
		return
	}
	f := h.files[r.URL.Path]
	if f == nil {
		header.Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	f.ServeHTTP(w, r)
}

// serveOwn passes what the page tells of its own use to an API that stores it
// apart from what the observed application's pages tell.
func (h *handler) serveOwn(w http.ResponseWriter, r *http.Request, rest string) {
	if rest != "usage-events" && rest != "usage/count" {
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath = "/api/v1/metrics/"+rest, ""
	if rest == "usage/count" {
		// Questions leave out what appmetrics tells of itself, unless they ask for it.
		inner.URL.RawQuery += "&app=" + url.QueryEscape(metric.SelfApp)
	}
	h.own.ServeHTTP(w, inner)
}
