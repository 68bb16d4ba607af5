package api_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/query"
)

type answering func(*http.Request) *http.Response

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// FuzzAnswer lets any server answer the client: with an answer, or an error in
// one line.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"time_range":"24h","metrics":{"total_requests":1}}`))
	f.Add(200, []byte(`{"engine":"sqlite"}`))
	f.Add(403, []byte(`{"error":"Access Denied","message":"no","status_code":403,"details":{"hint":"ask"}}`))
	f.Add(400, []byte(`{"status_code":400,"message":"m","details":{"field":"app"}}`))
	f.Add(503, []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		client, err := api.NewClient("http://server.test", "token", &http.Client{Transport: answering(func(r *http.Request) *http.Response {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}
		})})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Performance(t.Context(), query.PerformanceParams{})
		if (answer == nil) == (err == nil) {
			t.Fatalf("%v and %v", answer, err)
		}
		if _, err := client.Status(t.Context()); err != nil && strings.Contains(err.Error(), "token") && !bytes.Contains(body, []byte("token")) && status != http.StatusUnauthorized {
			t.Fatalf("the token is told: %v", err)
		}
	})
}
