package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/web"
)

func newHandler(t *testing.T, o web.Options) http.Handler {
	t.Helper()
	h, err := web.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func do(t *testing.T, h http.Handler, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

var linked = regexp.MustCompile(`(?:src|href)="([^"]+)"`)

func TestPageLoadsFromItsOwnPathOnly(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/metrics", "/insight/figures"} {
		h := newHandler(t, web.Options{Path: path})
		res := do(t, h, http.MethodGet, path)
		page := body(t, res)
		if res.StatusCode != http.StatusOK || !strings.Contains(page, "<title>Application Metrics</title>") {
			t.Fatalf("%s: got %d %q", path, res.StatusCode, page)
		}
		links := linked.FindAllStringSubmatch(page, -1)
		if len(links) < 2 {
			t.Fatalf("%s: got %v, want a script and a style sheet", path, links)
		}
		for _, link := range links {
			res := do(t, h, http.MethodGet, link[1])
			if !strings.HasPrefix(link[1], path+"/") || res.StatusCode != http.StatusOK {
				t.Errorf("%s: got %d for %s", path, res.StatusCode, link[1])
			}
		}
		if regexp.MustCompile(`<style|<script[^>]*>[^<]|\son\w+=|\sstyle=`).MatchString(page) {
			t.Errorf("%s: got something inline in %q", path, page)
		}
	}
}

// What the page loads is what people wait for.
func TestSizesStayWithinTheirBudgets(t *testing.T) {
	t.Parallel()
	const page, tracker = 80 << 10, 3 << 10
	total := 0
	err := filepath.WalkDir("dist", func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var compressed bytes.Buffer
		w := gzip.NewWriter(&compressed)
		if _, err := w.Write(data); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		t.Logf("%6d %s", compressed.Len(), name)
		if total += compressed.Len(); filepath.Base(name) == "tracker.js" && compressed.Len() > tracker {
			t.Errorf("the tracker has %d bytes compressed, want at most %d", compressed.Len(), tracker)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > page {
		t.Errorf("the page has %d bytes compressed, want at most %d", total, page)
	}
	t.Logf("%6d in all", total)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := newHandler(t, web.Options{})
	page := body(t, do(t, h, http.MethodGet, "/metrics"))
	script := regexp.MustCompile(`src="(/metrics/assets/[^"]+\.js)"`).FindStringSubmatch(page)
	if script == nil {
		t.Fatalf("got no script in %q", page)
	}
	for path, want := range map[string][2]string{
		"/metrics":            {"text/html; charset=utf-8", "no-cache"},
		"/metrics/tracker.js": {"text/javascript; charset=utf-8", "public, max-age=3600"},
		script[1]:             {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		"/metrics/other":      {"text/plain; charset=utf-8", "no-store"},
		"/metrics/assets/":    {"text/plain; charset=utf-8", "no-store"},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			res := do(t, h, method, path)
			if got := [2]string{res.Header.Get("Content-Type"), res.Header.Get("Cache-Control")}; got != want {
				t.Errorf("%s %s: got %v, want %v", method, path, got, want)
			}
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			} {
				if got := res.Header.Get(name); got != want {
					t.Errorf("%s %s: %s: got %q, want %q", method, path, name, got, want)
				}
			}
		}
	}
}

func TestPolicyAllowsNothingInlineAndNamesWhoMayFrame(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ancestors []string
		want      string
	}{
		{nil, "frame-ancestors 'none'"},
		{[]string{"https://portal.example.com", "https://*.example.org"}, "frame-ancestors https://portal.example.com https://*.example.org"},
	} {
		got := do(t, newHandler(t, web.Options{FrameAncestors: test.ancestors}), http.MethodGet, "/metrics").Header.Get("Content-Security-Policy")
		if !strings.HasSuffix(got, "; "+test.want) || !strings.HasPrefix(got, "default-src 'none'; script-src 'self'; style-src 'self';") || strings.Contains(got, "unsafe") {
			t.Errorf("%v: got %q", test.ancestors, got)
		}
	}
	for _, ancestor := range []string{"", "https://a.example; script-src *", "https://a.example,https://b.example", "a b"} {
		if _, err := web.New(web.Options{FrameAncestors: []string{ancestor}}); err == nil {
			t.Errorf("%q was taken as a frame ancestor", ancestor)
		}
	}
}

func TestWhatDidNotChangeIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h := newHandler(t, web.Options{})
	for _, encoding := range []string{"identity", "gzip"} {
		first := do(t, h, http.MethodGet, "/metrics", "Accept-Encoding", encoding)
		again := do(t, h, http.MethodGet, "/metrics", "Accept-Encoding", encoding, "If-None-Match", first.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified || body(t, again) != "" {
			t.Errorf("%s: got %d for ETag %s", encoding, again.StatusCode, first.Header.Get("ETag"))
		}
	}
	if a, b := do(t, h, http.MethodGet, "/metrics"), do(t, newHandler(t, web.Options{Path: "/insight"}), http.MethodGet, "/insight"); a.Header.Get("ETag") == b.Header.Get("ETag") {
		t.Error("pages of two paths have one ETag")
	}
}

func TestCompressionIsNegotiated(t *testing.T) {
	t.Parallel()
	h := newHandler(t, web.Options{})
	plain := body(t, do(t, h, http.MethodGet, "/metrics"))
	for accepted, want := range map[string]string{
		"gzip": "gzip", "br, GZIP;q=0.5": "gzip", "gzip;q=0": "", "br": "", "identity": "", "x-gzip": "",
	} {
		res := do(t, h, http.MethodGet, "/metrics", "Accept-Encoding", accepted)
		if got := res.Header.Get("Content-Encoding"); got != want || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: got %q, Vary %q; want %q", accepted, got, res.Header.Get("Vary"), want)
			continue
		}
		if want != "gzip" {
			continue
		}
		unpacked, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(unpacked); err != nil || string(got) != plain {
			t.Errorf("%s: got %q, %v", accepted, got, err)
		}
	}
}

func TestOtherRequests(t *testing.T) {
	t.Parallel()
	h := newHandler(t, web.Options{})
	if res := do(t, h, http.MethodPost, "/metrics"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: got %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
	if res := do(t, h, http.MethodGet, "/metrics/?range=7d"); res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != "/metrics?range=7d" {
		t.Errorf("/metrics/: got %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	for _, path := range []string{"/metrics/index.html", "/metrics/../web.go", "/metrics/assets/none.js", "/other"} {
		if res := do(t, h, http.MethodGet, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, res.StatusCode)
		}
	}
}

// What the page tells of its own use goes to the API under its usual paths, and
// nothing else does.
func TestOwnUse(t *testing.T) {
	t.Parallel()
	own := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Method+" "+r.URL.RequestURI())
	})
	h := newHandler(t, web.Options{Path: "/insight", Own: own})
	for request, want := range map[string]string{
		"POST /insight/own/usage-events":                       "POST /api/v1/metrics/usage-events",
		"GET /insight/own/usage/count?start_time=a&end_time=b": "GET /api/v1/metrics/usage/count?start_time=a&end_time=b&app=appmetrics",
		"GET /insight/own/performance":                         "",
		"POST /insight/own/../usage-events":                    "",
		"GET /insight/own/":                                    "",
	} {
		method, path, _ := strings.Cut(request, " ")
		res := do(t, h, method, path)
		if got := body(t, res); want == "" && res.StatusCode != http.StatusNotFound || want != "" && got != want {
			t.Errorf("%s: got %d %q, want %q", request, res.StatusCode, got, want)
		}
	}
	page := body(t, do(t, h, http.MethodGet, "/insight"))
	for _, want := range []string{`src="/insight/tracker.js"`, `data-endpoint="/insight/own"`} {
		if !strings.Contains(page, want) {
			t.Errorf("got %s, want %s in it", page, want)
		}
	}
	if res := do(t, newHandler(t, web.Options{}), http.MethodPost, "/metrics/own/usage-events"); res.StatusCode == http.StatusOK {
		t.Errorf("without an API: got %d", res.StatusCode)
	}
}
