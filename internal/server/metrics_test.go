package server_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/server"
)

var inTextFormat = regexp.MustCompile(`^[a-z_]+(\{([A-Za-z_]+="([^"\\\n]|\\["\\n])*",? ?)+\})? [-+.0-9a-zA-Z]+$`)

// scrape returns the figures as the page shows them.
func scrape(t testing.TB, m *server.Metrics) string {
	t.Helper()
	g := serve(t, func(o *server.Options) { o.Metrics = m })
	_, text := g.get(t, "/internal/appmetrics/prometheus")
	return text
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := server.NewMetrics()
	recorded := newSamples()
	recorder := m.Recorder(recorded)
	for _, ms := range []float64{0.5, 1, 3, 40_000} {
		recorder.Record(metric.Request{App: "shop", Endpoint: "/orders/{id}", Method: "GET", StatusCode: 200, ResponseTimeMS: ms})
	}
	recorder.Record(metric.Request{App: "shop", Endpoint: "/a\"b\\c\nd\xff", Method: "GET", StatusCode: 404})
	m.Gauge("appmetrics_queue_depth", "Samples that wait.", func() float64 { return 12 })
	m.Counter(`appmetrics_samples_dropped_total{reason="refused"}`, "Lost samples.", func() float64 { return 3 })
	m.Counter(`appmetrics_samples_dropped_total{reason="full"}`, "Lost samples.", func() float64 { return 4 })
	m.ObserveStore("append", 20*time.Millisecond, nil)
	m.ObserveStore("append", 2*time.Second, errors.New("away"))
	if n := len(recorded.taken()); n != 5 {
		t.Errorf("handed on %d samples, want 5", n)
	}

	text := scrape(t, m)
	for _, want := range []string{
		`appmetrics_http_requests_total{app="shop",endpoint="/orders/{id}",method="GET",status="200"} 4`,
		`appmetrics_http_requests_total{app="shop",endpoint="/a\"b\\c\nd` + "\uFFFD" + `",method="GET",status="404"} 1`,
		`appmetrics_http_request_duration_seconds_bucket{le="0.001"} 3`,
		`appmetrics_http_request_duration_seconds_bucket{le="0.005"} 4`,
		`appmetrics_http_request_duration_seconds_bucket{le="30"} 4`,
		`appmetrics_http_request_duration_seconds_bucket{le="+Inf"} 5`,
		`appmetrics_http_request_duration_seconds_count 5`,
		`appmetrics_http_request_duration_seconds_sum 40.0045`,
		"# HELP appmetrics_queue_depth Samples that wait.\n# TYPE appmetrics_queue_depth gauge\nappmetrics_queue_depth 12\n",
		"# HELP appmetrics_samples_dropped_total Lost samples.\n# TYPE appmetrics_samples_dropped_total counter\n" +
			`appmetrics_samples_dropped_total{reason="full"} 4` + "\n" + `appmetrics_samples_dropped_total{reason="refused"} 3`,
		"# TYPE appmetrics_http_requests_total counter\nappmetrics_http_requests_total{",
		"# TYPE appmetrics_http_request_duration_seconds histogram\nappmetrics_http_request_duration_seconds_bucket{",
		"# TYPE appmetrics_store_errors_total counter\nappmetrics_store_errors_total{",
		`appmetrics_store_duration_seconds_bucket{operation="append",le="0.025"} 1`,
		`appmetrics_store_duration_seconds_count{operation="append"} 2`,
		`appmetrics_store_errors_total{operation="append"} 1`,
		`process_resident_memory_bytes `,
	} {
		if !strings.Contains(text, "\n"+want) && !strings.HasPrefix(text, want) {
			t.Errorf("missing: %s", want)
		}
	}
	for l := range strings.Lines(text) {
		if l = strings.TrimSuffix(l, "\n"); l != "" && l[0] != '#' && !inTextFormat.MatchString(l) {
			t.Errorf("not in the text format: %q", l)
		}
	}
	// One family, one type, all of it in one place.
	families := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (\S+) (counter|gauge|histogram)$`).FindAllStringSubmatch(text, -1) {
		if families[found[1]] {
			t.Errorf("%s has two types", found[1])
		}
		families[found[1]] = true
		if isCounter := strings.HasSuffix(found[1], "_total"); isCounter != (found[2] == "counter") {
			t.Errorf("%s is a %s", found[1], found[2])
		}
	}
}

func TestFigureTwicePanics(t *testing.T) {
	t.Parallel()
	m := server.NewMetrics()
	m.Gauge("appmetrics_queue_depth", "Samples that wait.", func() float64 { return 1 })
	defer func() {
		if recover() == nil {
			t.Error("one figure was published twice")
		}
	}()
	m.Gauge("appmetrics_queue_depth", "Samples that wait.", func() float64 { return 2 })
}

// No endpoint, however odd, breaks the page.
func FuzzEndpointLabel(f *testing.F) {
	for _, endpoint := range []string{"/a", `/"`, `/\`, "/\n", "/\xff", `/",le="`, "/}", "/€\u2028"} {
		f.Add(endpoint)
	}
	f.Fuzz(func(t *testing.T, endpoint string) {
		m := server.NewMetrics()
		m.Recorder(nothing{}).Record(metric.Request{Endpoint: endpoint, Method: endpoint, StatusCode: 200})
		g := httptest.NewRecorder()
		options := testOptions(newSamples())
		options.Metrics = m
		s, err := server.New(options)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "http://localhost/internal/appmetrics/prometheus", http.NoBody)
		r.RemoteAddr = "127.0.0.1:1"
		s.Handler().ServeHTTP(g, r)
		for l := range strings.Lines(g.Body.String()) {
			if l = strings.TrimSuffix(l, "\n"); l != "" && l[0] != '#' && !inTextFormat.MatchString(l) {
				t.Errorf("not in the text format: %q", l)
			}
		}
	})
}

// Endpoints are bounded by the hour; a process lives for longer.
func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	m := server.NewMetrics()
	recorder := m.Recorder(newSamples())
	for i := range 12_000 {
		recorder.Record(metric.Request{App: "shop", Endpoint: fmt.Sprint("/e", i), Method: "GET", StatusCode: http.StatusOK})
	}
	text := scrape(t, m)
	if n := strings.Count(text, "\nappmetrics_http_requests_total"); n < 10_000 || n > 10_001 {
		t.Errorf("got %d series", n)
	}
	if want := `endpoint="{other}",method="",status="200"} 2000`; !strings.Contains(text, want) {
		t.Errorf("missing: %s", want)
	}
}

func BenchmarkMetricsRecord(b *testing.B) {
	recorder := server.NewMetrics().Recorder(nothing{})
	r := metric.Request{App: "shop", Endpoint: "/orders/{id}", Method: "GET", StatusCode: 200, ResponseTimeMS: 12}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			recorder.Record(r)
		}
	})
}

// nothing takes samples and forgets them.
type nothing struct{}

func (nothing) Record(metric.Request) {}
