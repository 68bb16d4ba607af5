package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/server"
)

func dashboard(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, "dashboard "+r.URL.Path)
}

func TestPathsInFrontOfAnApplication(t *testing.T) {
	t.Parallel()
	application := func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "app "+r.RequestURI) }
	g := before(t, application, func(o *server.Options) {
		o.Dashboard, o.DashboardPath = http.HandlerFunc(dashboard), "/insight"
	})
	for path, want := range map[string]string{
		"/api/v1/metrics/performance":       "api /api/v1/metrics/performance",
		"/api/v1/openapi.json":              "api /api/v1/openapi.json",
		"/api/docs":                         "api /api/docs",
		"/insight":                          "dashboard /insight",
		"/insight/app.js":                   "dashboard /insight/app.js",
		"/internal/appmetrics/health":       "ok\n",
		"/internal/appmetrics/ready":        "ready\n",
		"/internal/appmetrics/no-such-page": "404 page not found\n",

		"/":                          "app /",
		"/health":                    "app /health",
		"/ready":                     "app /ready",
		"/ping":                      "app /ping",
		"/metrics":                   "app /metrics",
		"/metrics/tracker.js":        "app /metrics/tracker.js",
		"/internal/other":            "app /internal/other",
		"/internal":                  "app /internal",
		"/api":                       "app /api",
		"/api/v1/metrics":            "app /api/v1/metrics",
		"/api/v1/orders":             "app /api/v1/orders",
		"/api/docs/":                 "app /api/docs/",
		"/insightful":                "app /insightful",
		"//api/v1/metrics/usage":     "app //api/v1/metrics/usage",
		"/x/../api/v1/metrics/usage": "app /x/../api/v1/metrics/usage",
		"/a//b/../c":                 "app /a//b/../c",
	} {
		if res, got := g.get(t, path); got != want || res.StatusCode >= 300 && !strings.HasPrefix(got, "404") {
			t.Errorf("%s: got %d %q, want %q", path, res.StatusCode, got, want)
		}
	}
}

func TestPathsAlone(t *testing.T) {
	t.Parallel()
	g := serve(t, nil)
	for path, want := range map[string]string{
		"/api/v1/metrics/performance": "api /api/v1/metrics/performance",
		"/health":                     "ok\n",
		"/ready":                      "ready\n",
		"/ping":                       "pong\n",
		"/internal/appmetrics/health": "ok\n",
		"/internal/appmetrics/ready":  "ready\n",
		"/metrics":                    "404 page not found\n",
		"/orders":                     "404 page not found\n",
	} {
		if _, got := g.get(t, path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	if res, got := g.get(t, "/"); res.StatusCode != http.StatusOK || !strings.Contains(got, "/api/docs") || strings.Contains(got, ">Metrics<") {
		t.Errorf("start page: got %d %q", res.StatusCode, got)
	}
	if res, _ := g.do(t, http.MethodPost, "/health", http.NoBody); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") == "" {
		t.Errorf("POST /health: got %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
}

func TestDashboardPathsThatCannotBeClaimed(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/insight": "", "/insight/figures": "",
		"/": "/NAME", "insight": "/NAME", "/insight/": "/NAME", "/a//b": "/NAME", "/a/../b": "/NAME",
		"/{any}": "/NAME", "/a b": "/NAME", "/api/v1/metrics": "taken", "/api/docs": "taken", "/internal/appmetrics/health": "taken", "/ping": "taken",
	} {
		options := testOptions(newSamples())
		options.Dashboard, options.DashboardPath = http.HandlerFunc(dashboard), path
		switch _, err := server.New(options); {
		case want == "" && err != nil:
			t.Errorf("%s: %v", path, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path)):
			t.Errorf("%s: got %v, want one that says %q", path, err, want)
		}
	}
}

func TestStartPageNamesTheDashboard(t *testing.T) {
	t.Parallel()
	g := serve(t, func(o *server.Options) { o.Dashboard = http.HandlerFunc(dashboard) })
	if _, got := g.get(t, "/"); !strings.Contains(got, `<a href="/metrics">Metrics</a>`) {
		t.Errorf("got %q", got)
	}
	if _, got := g.get(t, "/metrics"); got != "dashboard /metrics" {
		t.Errorf("got %q", got)
	}
}

// The recording rules of the HTTP interface, "Paths".
func TestWhatIsRecorded(t *testing.T) {
	t.Parallel()
	application := func(http.ResponseWriter, *http.Request) {}
	claim := func(o *server.Options) { o.Dashboard = http.HandlerFunc(dashboard) }
	paths := []string{
		"/api/v1/metrics/usage", "/metrics", "/metrics/tracker.js", "/health",
		"/internal/appmetrics/health", "/internal/appmetrics/ready", "/internal/appmetrics/prometheus",
		"/internal/appmetrics/nothing", "/orders",
	}
	for _, test := range []struct {
		name string
		rig  *rig
		want []string
	}{
		{"in front of an application", before(t, application, claim), []string{"appmetrics /api/v1/metrics/usage", "shop /orders"}},
		{"alone", serve(t, claim), []string{"shop /api/v1/metrics/usage", "shop /orders"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, path := range paths {
				test.rig.get(t, path)
			}
			var got []string
			for _, sample := range test.rig.samples.wait(t, len(test.want)) {
				got = append(got, sample.App+" "+sample.Endpoint)
			}
			if strings.Join(got, ", ") != strings.Join(test.want, ", ") {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestReadySaysWhyNot(t *testing.T) {
	t.Parallel()
	g := serve(t, func(o *server.Options) {
		o.Ready = func(ctx context.Context) error { return errors.New("2 migrations are pending") }
	})
	res, got := g.get(t, "/internal/appmetrics/ready")
	if res.StatusCode != http.StatusServiceUnavailable || got != "2 migrations are pending\n" {
		t.Errorf("got %d %q", res.StatusCode, got)
	}
}

// checks is a Checker that always says the same.
type checks struct {
	identity admin.Identity
	err      error
}

func (c checks) Check(context.Context, admin.Credentials) (admin.Identity, error) {
	return c.identity, c.err
}

func TestPrometheusIsForAdminsAndThisMachine(t *testing.T) {
	t.Parallel()
	elsewhere := []string{"X-Forwarded-For", "192.0.2.7"}
	for _, test := range []struct {
		name    string
		checker checks
		header  []string
		want    int
	}{
		{"this machine", checks{err: admin.ErrUnauthenticated}, nil, 200},
		{"admin from elsewhere", checks{identity: admin.Identity{Admin: true}}, elsewhere, 200},
		{"no token", checks{err: admin.ErrUnauthenticated}, elsewhere, 401},
		{"not an admin", checks{identity: admin.Identity{UserID: "bob"}}, elsewhere, 403},
		{"workspace away", checks{err: admin.ErrUnverifiable}, elsewhere, 503},
		{"page of another site", checks{err: admin.ErrUnauthenticated}, []string{"Host", "evil.example"}, 401},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := serve(t, func(o *server.Options) { o.Checker = test.checker })
			res, body := g.get(t, "/internal/appmetrics/prometheus", test.header...)
			if res.StatusCode != test.want {
				t.Errorf("got %d, want %d", res.StatusCode, test.want)
			}
			if shown := strings.Contains(body, "appmetrics_http_request_duration_seconds"); shown != (test.want == 200) {
				t.Errorf("figures shown: %v", shown)
			}
		})
	}
}

func TestPanicEndsTheConnectionAndIsLogged(t *testing.T) {
	t.Parallel()
	var log logged
	g := serve(t, func(o *server.Options) {
		o.Observe = nil
		o.API = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no such luck") })
		o.Logger = log.logger()
	})
	res, err := g.client.Get(g.URL + "/api/docs")
	if err == nil {
		res.Body.Close()
		t.Errorf("got status %d, want a broken connection", res.StatusCode)
	}
	if text := log.String(); !strings.Contains(text, "no such luck") {
		t.Errorf("log does not tell the cause: %s", text)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, upstream string
		command        []string
		want           string
	}{
		{"command without upstream", "", []string{"true"}, "--upstream"},
		{"no scheme", "localhost:3000", nil, "http://"},
		{"other scheme", "ftp://localhost", nil, "http://"},
		{"no host", "http://", nil, "HOST:PORT"},
		{"credentials", "http://u:secret@localhost", nil, "at most a path"},
		{"query", "http://localhost/?a=b", nil, "at most a path"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := testOptions(newSamples())
			options.Command = test.command
			if test.upstream != "" {
				options.Upstream = parse(t, test.upstream)
			}
			_, err := server.New(options)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want one that says %q and no secret", err, test.want)
			}
		})
	}
	if _, err := server.New(server.Options{}); err == nil {
		t.Error("a server without an API was made")
	}
}
