package collect_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/collect"
)

// Whoever quotes the id of a response must find the sample by it.
func TestRecordedIDIsTheOneOfTheResponse(t *testing.T) {
	t.Parallel()
	const client = "from-the-client"
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"of the request", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }, client},
		{"known to the handler", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Same", w.Header().Get("X-Request-Id"))
		}, client},
		{"taken away", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Del("X-Request-Id")
			w.WriteHeader(http.StatusNoContent)
		}, client},
		{"the application's own", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "from-the-application")
			_, _ = io.WriteString(w, "x")
		}, "from-the-application"},
		{"the application's own, of an empty response", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "from-the-application")
		}, "from-the-application"},
		{"the application's own, of a stream", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "from-the-application")
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "data: 1\n\n")
		}, "from-the-application"},
		{"set too late", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
			w.Header().Set("X-Request-Id", "too-late")
		}, client},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, protocol string) {
				f := serve(t, protocol, collect.Options{}, tt.handler)
				resp := getAs(t, f, client)
				s := f.samples.one(t)
				if got := resp.Header["X-Request-Id"]; len(got) != 1 || got[0] != tt.want || s.CorrelationID != tt.want {
					t.Errorf("answered %q, recorded %q; want %q", got, s.CorrelationID, tt.want)
				}
				if same, ok := resp.Header["X-Same"]; ok && same[0] != client {
					t.Errorf("the handler knew %q", same)
				}
			})
		})
	}
}

func TestUnfitIDOfTheApplicationIsNotRecorded(t *testing.T) {
	t.Parallel()
	f := serve(t, "HTTP/1.1", collect.Options{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", strings.Repeat("x", 1000))
	})
	resp := getAs(t, f, "from-the-client")
	if s := f.samples.one(t); s.CorrelationID != "from-the-client" || len(resp.Header.Get("X-Request-Id")) != 1000 {
		t.Errorf("recorded %q, answered %q", s.CorrelationID, resp.Header.Get("X-Request-Id"))
	}
}

// getAs sends a request with a correlation id.
func getAs(t *testing.T, f *fixture, id string) *http.Response {
	t.Helper()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL+"/orders", http.NoBody)
	req.Header.Set("X-Request-Id", id)
	resp, err := f.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp
}
