package server_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/server"
)

const trackerTag = `<script defer src="/metrics/tracker.js"></script>`

func injecting(o *server.Options) {
	o.InjectTracker = true
	o.Dashboard = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><html><head></head>"+r.URL.Path)
	})
}

func TestPagesOfTheApplicationCarryTheTracker(t *testing.T) {
	t.Parallel()
	const page = "<!doctype html><html><head><title>shop</title></head><body>hello</body></html>"
	want := strings.Replace(page, "</head>", trackerTag+"</head>", 1)
	content := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/page":
			w.Header().Set("Content-Length", fmt.Sprint(len(page)))
			_, _ = io.WriteString(w, page)
		case "/cached":
			http.ServeContent(w, r, "", time.Unix(0, 0), strings.NewReader(page))
		case "/tagged":
			w.Header().Set("Etag", `"v1"`)
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(page))
		case "/trailer":
			w.Header().Set("Trailer", "X-Sum")
			_, _ = io.WriteString(w, page)
			w.Header().Set("X-Sum", "42")
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, page)
			_ = z.Close()
		case "/part":
			_, _ = io.WriteString(w, "<li>one</li>")
		case "/data":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, page)
		}
	}
	g := before(t, content, injecting)
	for name, client := range map[string]*http.Client{"HTTP/1.1": g.client, "HTTP/2": h2c(t)} {
		t.Run(name, func(t *testing.T) {
			g := &rig{URL: g.URL, client: client}
			for _, path := range []string{"/page", "/cached", "/tagged", "/trailer"} {
				res, got := g.get(t, path, "Accept", "text/html")
				if got != want {
					t.Errorf("%s: got %q", path, got)
				}
				if path == "/trailer" && res.Trailer.Get("X-Sum") != "42" {
					t.Errorf("got trailers %v", res.Trailer)
				}
				if path == "/page" && res.ContentLength != int64(len(want)) {
					t.Errorf("got length %d, want %d", res.ContentLength, len(want))
				}
			}
			res, got := g.get(t, "/gzip", "Accept-Encoding", "gzip")
			z, err := gzip.NewReader(strings.NewReader(got))
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := io.ReadAll(z); string(plain) != want || err != nil || res.Header.Get("Content-Encoding") != "gzip" {
				t.Errorf("compressed: got %q, %v, %v", plain, err, res.Header)
			}
			if res, got := g.get(t, "/part"); got != "<li>one</li>" || res.ContentLength != 12 {
				t.Errorf("part of a page: got %q, %d", got, res.ContentLength)
			}
			if _, got := g.get(t, "/data"); got != page {
				t.Errorf("data: got %q", got)
			}
			if res, got := g.do(t, http.MethodHead, "/tagged", http.NoBody); got != "" || res.ContentLength > 0 {
				t.Errorf("HEAD: got %q, %d", got, res.ContentLength)
			}
			if res, got := g.get(t, "/tagged", "Range", "bytes=0-4"); res.StatusCode != http.StatusPartialContent || got != page[:5] {
				t.Errorf("range: got %d %q", res.StatusCode, got)
			}
			res, _ = g.get(t, "/tagged")
			tag := res.Header.Get("Etag")
			if res, _ := g.get(t, "/tagged", "If-None-Match", tag); res.StatusCode != http.StatusNotModified || res.Header.Get("Etag") != tag {
				t.Errorf("conditional: got %d %q, want 304 %q", res.StatusCode, res.Header.Get("Etag"), tag)
			}
			if res, got := g.get(t, "/tagged", "Range", "bytes=0-4", "If-Range", tag); res.StatusCode != http.StatusOK || got != want {
				t.Errorf("range of a changed page: got %d %q", res.StatusCode, got)
			}
			if _, got := g.get(t, "/metrics/x"); strings.Contains(got, "tracker.js") {
				t.Errorf("a page of our own: got %q", got)
			}
		})
	}
	_, got := g.get(t, "/internal/appmetrics/prometheus")
	for _, line := range []string{`appmetrics_tracker_pages_total{outcome="injected"} 14`, `appmetrics_tracker_pages_total{outcome="fragment"} 2`} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("%s is not among the figures:\n%s", line, got)
		}
	}
}

// What the application has flushed of a page is there while it works on the rest.
func TestPagesWithTheTrackerAreNotHeldBack(t *testing.T) {
	t.Parallel()
	received := make(chan struct{})
	parts := []string{"<!doctype html><html><head>", "<title>x</title>", "</head><body>", "<p>late</p>"}
	g := before(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_ = http.NewResponseController(w).Flush()
		within(t, "client has the header", received)
		for _, part := range parts {
			_, _ = io.WriteString(w, part)
			_ = http.NewResponseController(w).Flush()
			within(t, "client has the part", received)
		}
	}, injecting)
	res, err := g.client.Get(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	received <- struct{}{}
	parts[2] = trackerTag + parts[2]
	for _, part := range parts {
		got := make([]byte, len(part))
		if _, err := io.ReadFull(res.Body, got); err != nil || string(got) != part {
			t.Fatalf("got %q, %v; want %q", got, err, part)
		}
		received <- struct{}{}
	}
}

func TestTrackerNeedsTheDashboard(t *testing.T) {
	t.Parallel()
	options := testOptions(newSamples())
	options.InjectTracker = true
	if _, err := server.New(options); err == nil || !strings.Contains(err.Error(), "Dashboard") {
		t.Errorf("got %v", err)
	}
}

// BenchmarkProxiedPage is a page of 100 KB, as it is and with the tag put in.
func BenchmarkProxiedPage(b *testing.B) {
	page := []byte("<!doctype html><html><head><meta charset=utf-8><title>x</title>" +
		strings.Repeat("<link rel=preload href=/assets/a.js>", 30) + "<style>" + strings.Repeat("p{color:red}", 300) +
		"</style></head><body>")
	for n := 0; len(page) < 100_000; n++ {
		page = fmt.Appendf(page, "<tr><td>%d</td><td>order %x</td></tr>\n", n, n*7919)
	}
	var compressed bytes.Buffer
	z := gzip.NewWriter(&compressed)
	_, _ = z.Write(page)
	_ = z.Close()
	for name, body := range map[string][]byte{"identity": page, "gzip": compressed.Bytes()} {
		application := func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Encoding", name)
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			_, _ = w.Write(body)
		}
		for how, change := range map[string]func(*server.Options){"plain": nil, "injected": injecting} {
			b.Run(name+"/"+how, func(b *testing.B) {
				g := before(b, application, change)
				b.SetBytes(int64(len(page)))
				b.ReportAllocs()
				for b.Loop() {
					res, err := g.client.Get(g.URL)
					if err != nil {
						b.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
			})
		}
	}
}
