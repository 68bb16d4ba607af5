package api_test

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
)

// public is a site that lets nobody ask.
func public(t *testing.T) *site {
	t.Helper()
	return over(t, api.Options{Source: broken{}, Intake: broken{}, Checker: says{err: admin.ErrUnauthenticated}})
}

func TestPublishedDocumentIsTheDocument(t *testing.T) {
	t.Parallel()
	got := public(t).get("/api/v1/openapi.json")
	var published, want map[string]any
	if err := json.Unmarshal(got.Body, &published); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if got, want := encoded(t, published), encoded(t, want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if strings.Contains(string(got.Body), "x-go") {
		t.Error("the published document names Go types")
	}
}

func TestPageNamesEverythingAndLoadsNothing(t *testing.T) {
	t.Parallel()
	got := public(t).get("/api/docs")
	page := string(got.Body)
	for path, item := range document(t).Paths.Map() {
		for _, operation := range item.Operations() {
			if !strings.Contains(page, path) || !strings.Contains(page, operation.Summary) {
				t.Errorf("the page lacks %s, %s", path, operation.Summary)
			}
		}
	}
	for _, unwanted := range []string{"<script", "src=", "@import", "url(", "style=", "onclick"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page holds %s", unwanted)
		}
	}
	_, style, _ := strings.Cut(page, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	hash := sha256.Sum256([]byte(style))
	if policy := got.Header.Get("Content-Security-Policy"); !strings.Contains(policy, base64.StdEncoding.EncodeToString(hash[:])) ||
		!strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the policy %q refuses the page's own style", policy)
	}
	if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "&lt;nil&gt;") || strings.Contains(page, "no value") {
		t.Error("the page shows traces of its template")
	}
}

// TestPageSaysWhatIsAllowed, of parameters and of the fields of bodies alike.
func TestPageSaysWhatIsAllowed(t *testing.T) {
	t.Parallel()
	page := string(public(t).get("/api/docs").Body)
	for _, want := range []string{
		`<td>string<br><small>24h, 7d, 30d, 90d</small><br><small>default 24h</small></td>`,
		`<td>integer<br><small>1 to 500</small><br><small>default 100</small></td>`,
		`<td>number<br><small>at least 0</small><br><small>default 0</small></td>`,
		`<code>events[].page_name</code> <em>optional</em></th><td>string<br><small>at most 255 characters</small></td>`,
		`<code>events[].success</code> <em>optional</em></th><td>boolean<br><small>default true</small></td>`,
		`<code>requests[].response_time_ms</code></th><td>number<br><small>0 to 1000000000</small></td>`,
		`<code>status</code></th><td>string<br><small>processing</small></td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestLargeAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	s := public(t)
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.url+"/api/v1/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	response, err := s.wire.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(response.Header.Get("Vary"), "Accept-Encoding") {
		t.Fatalf("got %v", response.Header)
	}
	z, err := gzip.NewReader(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(&map[string]any{}); err != nil {
		t.Error(err)
	}
}
