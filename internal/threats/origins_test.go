package threats

import (
	"net/http"
	"strings"
	"testing"
)

// Pages of other sites can make a browser send what they like, with its user's
// cookies and from its user's network. Only those of the configured origins may
// post, usage events alone, and read, the user's own count alone.
func TestOtherSitesCannotPost(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		const friend = "https://app.example.com"
		s := install(t, engine, "APPMETRICS_CORS_ORIGINS="+friend).serve()
		request := requestsOf(request("/forged"))
		for _, origin := range []string{
			"https://evil.example", "null", "http://app.example.com", "https://app.example.com:8443", "https://app.example.com.evil.example",
			"https://evil.example/https://app.example.com", "https://APP.example.com", "https://app.example.com.", "https://sub.app.example.com", "file://", "*",
		} {
			for _, media := range []string{"application/json", "text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""} {
				for _, path := range []string{usageEvents, requests, "/metrics/own/usage-events"} {
					for _, site := range []string{"", "cross-site", "same-site"} {
						header := []string{"Origin", origin, "Content-Type", media}
						if site != "" {
							header = append(header, "Sec-Fetch-Site", site, "Sec-Fetch-Mode", "no-cors")
						}
						body := event("page_name", "/forged")
						if path == requests {
							body = request
						}
						got := s.ask(http.MethodPost, path, strings.NewReader(body), header...)
						if got.status != http.StatusForbidden || got.header.Get("Access-Control-Allow-Origin") != "" {
							t.Errorf("%s from %q: got %d, allowed %q", path, header, got.status, got.header.Get("Access-Control-Allow-Origin"))
						}
					}
				}
			}
			asked := s.ask(http.MethodOptions, usageEvents, nil, "Origin", origin, "Access-Control-Request-Method", "POST")
			if asked.status < 400 || asked.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("preflight from %s: got %d %q", origin, asked.status, asked.header)
			}
			for _, path := range []string{performance, api + "/usage/count"} {
				if read := s.ask(http.MethodGet, path, nil, "Origin", origin); read.header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s may be read from %s", path, origin)
				}
			}
		}
		// The friend may post usage events, and nothing else.
		from := []string{"Origin", friend, "Sec-Fetch-Site", "cross-site"}
		welcome := s.ask(http.MethodPost, usageEvents, strings.NewReader(event("page_name", "/friend")), append(from, "Content-Type", "text/plain")...)
		if welcome.must(t, http.StatusAccepted).header.Get("Access-Control-Allow-Origin") != friend {
			t.Errorf("the configured origin may not read: %q", welcome.header)
		}
		s.post(requests, request, from...).must(t, http.StatusForbidden)
		count := s.ask(http.MethodGet, api+"/usage/count", nil, from...).must(t, http.StatusOK)
		if count.header.Get("Access-Control-Allow-Origin") != friend || count.header.Get("Access-Control-Allow-Credentials") != "true" {
			t.Errorf("the configured origin may not read its user's count: %q", count.header)
		}
		for _, path := range []string{
			performance, api + "/usage", api + "/time-series?metric_type=both", api + "/errors", requests, api + "/events", api + "/status",
			"/metrics", "/metrics/own/usage/count", "/internal/appmetrics/prometheus",
		} {
			if read := s.ask(http.MethodGet, path, nil, from...); read.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("the configured origin may read %s", path)
			}
			ask := append([]string{"Access-Control-Request-Method", http.MethodGet}, from...)
			if asked := s.ask(http.MethodOptions, path, nil, ask...); asked.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("the configured origin may ask for %s", path)
			}
		}
		// Beacons of our own pages are text/plain.
		s.ask(http.MethodPost, usageEvents, strings.NewReader(event("page_name", "/own")), "Content-Type", "text/plain;charset=UTF-8", "Origin", s.url, "Sec-Fetch-Site", "same-origin").must(t, http.StatusAccepted)
		s.stop()
		if got := strings.Join(s.column("SELECT page_name FROM usage_events ORDER BY 1"), " "); got != "/friend /own" {
			t.Errorf("stored %q", got)
		}
		if got := s.column("SELECT endpoint FROM performance_metrics WHERE response_time_ms = 1"); len(got) > 0 {
			t.Errorf("stored requests %q", got)
		}
	})
}
