package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/store"
)

func TestOtherSites(t *testing.T) {
	t.Parallel()
	const friend, foe = "https://shop.example", "https://evil.example"
	s := open(t, store.SQLite, func(o *api.Options) { o.CORSOrigins = []string{friend} })
	const count, performance = "/api/v1/metrics/usage/count", "/api/v1/metrics/performance"
	preflight := []string{"Access-Control-Request-Method", "POST"}
	cases := map[string]struct {
		method, path string
		headers      []string
		status       int
		shared       bool // the page may read the answer
	}{
		"friend posts":                {"POST", events, []string{"Origin", friend, "Sec-Fetch-Site", "cross-site"}, 202, true},
		"friend counts":               {"GET", count, []string{"Origin", friend, "Sec-Fetch-Site", "cross-site"}, 200, true},
		"friend asks first":           {"OPTIONS", events, append(preflight, "Origin", friend), 204, true},
		"friend asks about all":       {"OPTIONS", performance, append(preflight, "Origin", friend), 403, false},
		"friend reads all":            {"GET", performance, []string{"Origin", friend, "Sec-Fetch-Site", "cross-site"}, 200, false},
		"friend brings requests":      {"POST", requests, []string{"Origin", friend, "Sec-Fetch-Site", "cross-site"}, 403, false},
		"foe posts":                   {"POST", events, []string{"Origin", foe, "Sec-Fetch-Site", "cross-site"}, 403, false},
		"foe with an old browser":     {"POST", events, []string{"Origin", foe}, 403, false},
		"foe asks first":              {"OPTIONS", events, append(preflight, "Origin", foe), 403, false},
		"foe counts":                  {"GET", count, []string{"Origin", foe, "Sec-Fetch-Site", "cross-site"}, 200, false},
		"friend of a longer name":     {"POST", events, []string{"Origin", friend + ".evil.example", "Sec-Fetch-Site", "cross-site"}, 403, false},
		"own page posts":              {"POST", events, []string{"Origin", s.url, "Sec-Fetch-Site", "same-origin"}, 202, false},
		"a program posts":             {"POST", events, nil, 202, false},
		"no page from a sandbox":      {"POST", events, []string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, 403, false},
		"options without a preflight": {"OPTIONS", events, nil, 405, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := ""
			if c.method == http.MethodPost {
				body = bodyFor(c.path, 1)
			}
			got := s.do(c.method, c.path, body, append(c.headers, "Content-Type", "text/plain")...)
			if got.Status != c.status {
				t.Errorf("got %d, want %d: %s", got.Status, c.status, got.Body)
			}
			allowed := got.Header.Get("Access-Control-Allow-Origin")
			if (allowed == friend && got.Header.Get("Access-Control-Allow-Credentials") == "true") != c.shared || allowed == "*" {
				t.Errorf("got Access-Control-Allow-Origin %q", allowed)
			}
			// Names that a page may read besides: the time, by which the tracker knows whether its clock is right.
			exposed := got.Header.Get("Access-Control-Expose-Headers")
			if (exposed == "Date, Retry-After, X-Request-Id") != c.shared || (exposed != "") != c.shared {
				t.Errorf("got Access-Control-Expose-Headers %q", exposed)
			}
			if open := c.path == events || c.path == count; open != strings.Contains(strings.Join(got.Header.Values("Vary"), ","), "Origin") {
				t.Errorf("got Vary %q", got.Header.Values("Vary"))
			}
		})
	}
}

func TestOriginsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"*", "shop.example", "https://shop.example/path", ""} {
		_, err := api.New(api.Options{Source: broken{}, Intake: broken{}, CORSOrigins: []string{origin}})
		if err == nil || !strings.Contains(err.Error(), "cors.origins") {
			t.Errorf("%q: got %v", origin, err)
		}
	}
}
