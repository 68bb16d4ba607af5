package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

func (s *site) client(token string) *api.Client {
	s.t.Helper()
	c, err := api.NewClient(s.url, token, s.http)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// TestClientAnswersAsTheEngineDoes asks both the same questions.
func TestClientAnswersAsTheEngineDoes(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t, engine)
			s.fill()
			for name, ask := range questions(t) {
				t.Run(name, func(t *testing.T) {
					local, err := ask(t.Context(), s.engine)
					if err != nil {
						t.Fatalf("local: %v", err)
					}
					remote, err := ask(t.Context(), s.client(""))
					if err != nil {
						t.Fatalf("remote: %v", err)
					}
					if status, ok := remote.(*query.Status); ok {
						local.(*query.Status).DatabaseBytes = status.DatabaseBytes // may grow at any time
					}
					if got, want := encoded(t, remote), encoded(t, local); got != want {
						t.Errorf("\nremote %s\nlocal  %s", got, want)
					}
				})
			}
		})
	}
}

// encoded is an answer as JSON, which is what the contract is about: metadata
// come with other spaces from PostgreSQL than they go through the network.
func encoded(t *testing.T, answer any) string {
	t.Helper()
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type question func(context.Context, query.Source) (any, error)

func questions(t *testing.T) map[string]question {
	t.Helper()
	custom, err := metric.ParseRange("", "2025-10-18T08:00:00.5Z", "2025-10-18T12:00:00.123456Z", now)
	if err != nil {
		t.Fatal(err)
	}
	day, err := metric.ParseRange("24h", "", "", now)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]question{
		"performance": func(ctx context.Context, s query.Source) (any, error) {
			return s.Performance(ctx, query.PerformanceParams{Range: day, Compare: true, IncludeAnonymous: true})
		},
		"performance of one endpoint": func(ctx context.Context, s query.Source) (any, error) {
			return s.Performance(ctx, query.PerformanceParams{Range: custom, App: "orders", Endpoint: "/orders/{id}", Method: "GET"})
		},
		"usage": func(ctx context.Context, s query.Source) (any, error) {
			return s.Usage(ctx, query.UsageParams{Range: day, Compare: true, IncludeAnonymous: true})
		},
		"usage of one page": func(ctx context.Context, s query.Source) (any, error) {
			return s.Usage(ctx, query.UsageParams{Range: custom, App: "orders", EventType: "page_view", PageName: "/orders"})
		},
		"hours": func(ctx context.Context, s query.Source) (any, error) {
			return s.TimeSeries(ctx, query.TimeSeriesParams{Range: custom, MetricType: query.MetricBoth})
		},
		"days": func(ctx context.Context, s query.Source) (any, error) {
			return s.TimeSeries(ctx, query.TimeSeriesParams{
				Range: day, MetricType: query.MetricUsage, Interval: query.Daily, App: "orders", EventType: "page_view",
			})
		},
		"errors": func(ctx context.Context, s query.Source) (any, error) {
			return s.Errors(ctx, query.ErrorsParams{Range: day})
		},
		"requests": func(ctx context.Context, s query.Source) (any, error) {
			return s.Requests(ctx, query.RequestsParams{Range: day, Limit: 2, Status: "5xx", MinMS: 0.5})
		},
		"second page of requests": func(ctx context.Context, s query.Source) (any, error) {
			first, err := s.Requests(ctx, query.RequestsParams{Range: day, Limit: 1})
			if err != nil {
				return nil, err
			}
			return s.Requests(ctx, query.RequestsParams{Range: day, Limit: 1, Cursor: first.NextCursor})
		},
		"events": func(ctx context.Context, s query.Source) (any, error) {
			return s.Events(ctx, query.EventsParams{Range: day})
		},
		"count": func(ctx context.Context, s query.Source) (any, error) {
			return s.Count(ctx, query.CountParams{Range: day, UserID: admin.LocalUser})
		},
		"errors of one endpoint": func(ctx context.Context, s query.Source) (any, error) {
			return s.Errors(ctx, query.ErrorsParams{Range: custom, App: "orders", Endpoint: "/orders", Method: "POST"})
		},
		"requests of one user": func(ctx context.Context, s query.Source) (any, error) {
			return s.Requests(ctx, query.RequestsParams{Range: custom, App: "orders", Endpoint: "/orders/{id}", Method: "GET", UserID: "bob"})
		},
		"events of one user": func(ctx context.Context, s query.Source) (any, error) {
			return s.Events(ctx, query.EventsParams{
				Range: custom, App: "orders", EventType: "page_view", PageName: "/orders", UserID: "ada", Limit: 5,
			})
		},
		"hours of one endpoint": func(ctx context.Context, s query.Source) (any, error) {
			return s.TimeSeries(ctx, query.TimeSeriesParams{
				Range: custom, MetricType: query.MetricPerformance, Endpoint: "/orders", Method: "POST",
			})
		},
		"count in one app": func(ctx context.Context, s query.Source) (any, error) {
			return s.Count(ctx, query.CountParams{Range: custom, App: "orders", UserID: admin.LocalUser})
		},
		"status": func(ctx context.Context, s query.Source) (any, error) { return s.Status(ctx) },
	}
}

func TestClientReturnsTheErrorsOfTheServer(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		options api.Options
		want    error
	}{
		"401":             {api.Options{Checker: says{err: admin.ErrUnauthenticated}}, admin.ErrUnauthenticated},
		"403":             {api.Options{Checker: says{}}, admin.ErrForbidden},
		"workspace away":  {api.Options{Checker: says{err: admin.ErrUnverifiable}}, admin.ErrUnverifiable},
		"too slow":        {api.Options{Source: broken{query.ErrTimeout}}, query.ErrTimeout},
		"database away":   {api.Options{Source: broken{store.ErrUnavailable}}, store.ErrUnavailable},
		"something broke": {api.Options{Source: broken{errors.New("boom")}}, nil},
	}
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if k.options.Source == nil {
				k.options.Source = broken{}
			}
			k.options.Intake = broken{}
			_, err := over(t, k.options).client("").Status(t.Context())
			if err == nil || k.want != nil && !errors.Is(err, k.want) || errors.Is(err, api.ErrUnreachable) {
				t.Errorf("got %v, want %v", err, k.want)
			}
			if errors.Is(k.want, query.ErrTimeout) && !strings.HasSuffix(err.Error(), "Data temporarily unavailable") {
				t.Errorf("got %v", err)
			}
			if k.want == nil && !strings.Contains(err.Error(), "correlation id") {
				t.Errorf("got %v without a correlation id", err)
			}
		})
	}
}

func TestClientReturnsRefusals(t *testing.T) {
	t.Parallel()
	c := open(t, store.SQLite).client("")
	day, err := metric.ParseRange("24h", "", "", now)
	if err != nil {
		t.Fatal(err)
	}
	var field *metric.FieldError
	if _, err := c.Requests(t.Context(), query.RequestsParams{Range: day, Limit: 501}); !errors.As(err, &field) || field.Field != "limit" {
		t.Errorf("got %v", err)
	}
	var ranged *metric.RangeError
	ahead := metric.Range{Start: now, End: now.AddDate(0, 0, 1), Name: "custom"}
	if _, err := c.Usage(t.Context(), query.UsageParams{Range: ahead}); !errors.As(err, &ranged) || ranged.Message != "Cannot query future dates" {
		t.Errorf("got %v", err)
	}
}

func TestClientOfNoServer(t *testing.T) {
	t.Parallel()
	serve := func(h http.HandlerFunc) string {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL
	}
	const gone = "http://127.0.0.1:1"
	elsewhere := serve(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the token went to another server")
		}
	})
	cases := map[string]string{
		"nobody listens":  gone,
		"another program": serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }),
		"another 404":     serve(http.NotFound),
		"another API":     serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"status":"ok"}`)) }),
		"null":            serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("null")) }),
		"a login page":    serve(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, http.StatusFound) }),
		"half an answer": serve(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{"))
		}),
	}
	for name, url := range cases {
		c, err := api.NewClient(url, "s3cret", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Status(t.Context()); !errors.Is(err, api.ErrUnreachable) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := c.Usage(t.Context(), query.UsageParams{}); !errors.Is(err, api.ErrUnreachable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	c, err := api.NewClient(gone, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Status(stopped); !errors.Is(err, context.Canceled) || errors.Is(err, api.ErrUnreachable) {
		t.Errorf("cancelled: got %v", err)
	}
}

// A server may not fill the memory of who asks it, nor keep them for ever.
func TestClientIsBounded(t *testing.T) {
	t.Parallel()
	blanks := bytes.Repeat([]byte(" "), 64<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/long/api/v1/metrics/status" {
			_, _ = w.Write(blanks)
		}
		_, _ = w.Write([]byte(`{"engine":"sqlite"}`))
	}))
	t.Cleanup(server.Close)
	for path, want := range map[string]error{"": nil, "/long": api.ErrUnreachable} {
		c, err := api.NewClient(server.URL+path, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Status(t.Context()); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", path, err, want)
		}
		if got := api.TimeoutOf(c); got != 30*time.Second {
			t.Errorf("the client waits for %s, want 30 s", got)
		}
	}
}

// TestClientBehindAGate: what stands in front of a server, such as the platform
// that runs it, refuses tokens too, in words of its own.
func TestClientBehindAGate(t *testing.T) {
	t.Parallel()
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>Unauthorized", http.StatusUnauthorized)
	}))
	t.Cleanup(gate.Close)
	c, err := api.NewClient(gate.URL, "expired", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Status(t.Context()); !errors.Is(err, admin.ErrUnauthenticated) || errors.Is(err, api.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

func TestClientSendsItsToken(t *testing.T) {
	t.Parallel()
	checker := wants("s3cret")
	s := over(t, api.Options{Source: broken{errors.New("asked")}, Intake: broken{}, Checker: checker})
	if _, err := s.client("s3cret").Status(t.Context()); errors.Is(err, admin.ErrUnauthenticated) {
		t.Errorf("got %v", err)
	}
	if _, err := s.client("").Status(t.Context()); !errors.Is(err, admin.ErrUnauthenticated) {
		t.Errorf("got %v", err)
	}
}

// wants is a Checker that makes an administrator of whoever has the token.
type wants string

func (w wants) Check(_ context.Context, c admin.Credentials) (admin.Identity, error) {
	if c.Token != string(w) {
		return admin.Identity{}, admin.ErrUnauthenticated
	}
	return admin.Identity{UserID: "ada", Admin: true}, nil
}

func TestClientOfNoURL(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"", "127.0.0.1:8080", "ftp://x", "http://", "http://x?y=z", "http://x#y", "http://%zz"} {
		if _, err := api.NewClient(server, "", nil); err == nil {
			t.Errorf("%q is taken as a server", server)
		}
	}
}
