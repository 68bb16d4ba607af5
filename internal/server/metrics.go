package server

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vm "github.com/VictoriaMetrics/metrics"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// maxSeries bounds the combinations of app, endpoint, method and status that
// are counted apart; the rest are counted under metric.OtherEndpoint.
const maxSeries = 10_000

// Recorder takes one request; it never blocks and never fails.
type Recorder interface {
	Record(metric.Request)
}

// Metrics are the server's own figures, in the Prometheus text format. The
// methods are safe for concurrent use.
type Metrics struct {
	set      *vm.Set
	latency  *timings
	requests sync.Map // series → *vm.Counter
	count    atomic.Int64

	mu    sync.Mutex
	store map[string]*timings // by operation
}

type series struct {
	app, endpoint, method string
	status                int
}

// NewMetrics returns figures that are all zero.
func NewMetrics() *Metrics {
	m := &Metrics{set: vm.NewSet(), store: make(map[string]*timings)}
	m.latency = newTimings("appmetrics_http_request_duration_seconds", "")
	m.set.RegisterMetricsWriter(m.latency.write)
	return m
}

// Recorder returns a recorder that counts each request by endpoint and status,
// and its response time, before it hands it to next.
func (m *Metrics) Recorder(next Recorder) Recorder { return &countingRecorder{metrics: m, next: next} }

type countingRecorder struct {
	metrics *Metrics
	next    Recorder
}

// Record counts r and hands it on.
func (c *countingRecorder) Record(r metric.Request) {
	c.metrics.latency.observe(r.ResponseTimeMS / 1e3)
	c.metrics.counter(series{r.App, r.Endpoint, r.Method, r.StatusCode}).Inc()
	c.next.Record(r)
}

func (m *Metrics) counter(s series) *vm.Counter {
	if found, ok := m.requests.Load(s); ok {
		return found.(*vm.Counter)
	}
	if m.count.Load() >= maxSeries {
		s.endpoint, s.method = metric.OtherEndpoint, ""
	}
	counter := m.set.GetOrCreateCounter(fmt.Sprintf(
		`appmetrics_http_requests_total{app="%s",endpoint="%s",method="%s",status="%d"}`,
		label(s.app), label(s.endpoint), label(s.method), s.status))
	found, known := m.requests.LoadOrStore(s, counter)
	if !known {
		m.count.Add(1)
	}
	return found.(*vm.Counter)
}

// Gauge publishes a figure that is read at every scrape. name follows the
// Prometheus rules and may carry labels; publishing it twice panics.
func (m *Metrics) Gauge(name string, read func() float64) { m.set.NewGauge(name, read) }

// ObserveStore records how long one write to the store took and whether it
// failed. operation is one of a few fixed words.
func (m *Metrics) ObserveStore(operation string, took time.Duration, err error) {
	m.storeTimings(operation).observe(took.Seconds())
	if err != nil {
		m.set.GetOrCreateCounter(fmt.Sprintf(`appmetrics_store_errors_total{operation="%s"}`, label(operation))).Inc()
	}
}

func (m *Metrics) storeTimings(operation string) *timings {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.store[operation]
	if !ok {
		t = newTimings("appmetrics_store_duration_seconds", fmt.Sprintf(`operation="%s"`, label(operation)))
		m.store[operation] = t
		m.set.RegisterMetricsWriter(t.write)
	}
	return t
}

func (m *Metrics) write(w io.Writer) {
	m.set.WritePrometheus(w)
	vm.WriteProcessMetrics(w)
}

// label escapes a label's value as the text format wants it, and replaces what
// is not UTF-8.
func label(value string) string {
	return labelEscaper.Replace(strings.ToValidUTF8(value, "\uFFFD"))
}

var labelEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
