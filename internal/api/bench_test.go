package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/query"
)

// slowest answers at once, with 200 endpoints.
type slowest struct{ broken }

func (slowest) Performance(context.Context, query.PerformanceParams) (*query.Performance, error) {
	answer := query.Performance{Endpoints: make([]query.EndpointPerformance, 200)}
	for i := range answer.Endpoints {
		answer.Endpoints[i] = query.EndpointPerformance{Endpoint: "/orders/{id}/" + strconv.Itoa(i), Method: "GET", RequestCount: 1234}
	}
	return &answer, nil
}

// BenchmarkHandler measures what the interface adds to a question or a post.
func BenchmarkHandler(b *testing.B) {
	h, err := api.New(api.Options{Source: slowest{}, Intake: broken{}, Checker: wants(""), Now: clock})
	if err != nil {
		b.Fatal(err)
	}
	cases := map[string]struct {
		method, path, body string
		status             int
	}{
		"refusal":        {http.MethodGet, "/api/v1/metrics/performance?x=y", "", http.StatusBadRequest},
		"200 endpoints":  {http.MethodGet, "/api/v1/metrics/performance?time_range=7d", "", http.StatusOK},
		"one event":      {http.MethodPost, events, bodyFor(events, 1), http.StatusAccepted},
		"1,000 events":   {http.MethodPost, events, bodyFor(events, 1000), http.StatusAccepted},
		"1,000 requests": {http.MethodPost, requests, bodyFor(requests, 1000), http.StatusAccepted},
	}
	for name, c := range cases {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != c.status {
					b.Fatalf("got %d %s", w.Code, w.Body)
				}
			}
		})
	}
}
