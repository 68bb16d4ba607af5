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
	families families
	latency  *timings
	counters *vm.Set
	requests sync.Map // series → *vm.Counter
	count    atomic.Int64

	mu    sync.Mutex
	store map[string]*storeFigures // by operation
}

// storeFigures are those of one operation of the store.
type storeFigures struct {
	took   *timings
	errors *vm.Counter
}

type series struct {
	app, endpoint, method string
	status                int
}

// NewMetrics returns figures that are all zero.
func NewMetrics() *Metrics {
	m := &Metrics{store: make(map[string]*storeFigures)}
	m.counters = m.families.of("appmetrics_http_requests_total", counter, "Requests that were observed.")
	m.latency = m.timings("appmetrics_http_request_duration_seconds", "", "Response times of observed requests.")
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
	one := m.counters.GetOrCreateCounter(fmt.Sprintf(
		`appmetrics_http_requests_total{app="%s",endpoint="%s",method="%s",status="%d"}`,
		label(s.app), label(s.endpoint), label(s.method), s.status))
	found, known := m.requests.LoadOrStore(s, one)
	if !known {
		m.count.Add(1)
	}
	return found.(*vm.Counter)
}

// Gauge publishes a figure that goes up and down, and is read at every scrape.
// name follows the Prometheus rules and may carry labels; publishing it twice
// panics. help says in a sentence what it is; names that differ in labels alone
// share the first one's.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.families.of(name, gauge, help).NewGauge(name, read)
}

// Counter publishes a figure that only grows, like Gauge. Its name ends in
// _total.
func (m *Metrics) Counter(name, help string, read func() float64) {
	m.families.of(name, counter, help).NewGauge(name, read) // the family says what it is
}

// Operation publishes the figures of an operation of the store before its first
// use, so that its first failure is seen as one more. operation is one of a few
// fixed words.
func (m *Metrics) Operation(operation string) { m.storeFigures(operation) }

// ObserveStore records how long one operation of the store took and whether it
// failed. operation is as for Operation.
func (m *Metrics) ObserveStore(operation string, took time.Duration, err error) {
	f := m.storeFigures(operation)
	f.took.observe(took.Seconds())
	if err != nil {
		f.errors.Inc()
	}
}

func (m *Metrics) storeFigures(operation string) *storeFigures {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.store[operation]
	if !ok {
		labels := fmt.Sprintf(`operation="%s"`, label(operation))
		const name = "appmetrics_store_errors_total"
		f = &storeFigures{
			took:   m.timings("appmetrics_store_duration_seconds", labels, "How long the database took."),
			errors: m.families.of(name, counter, "Calls of the database that failed.").NewCounter(name + "{" + labels + "}"),
		}
		m.store[operation] = f
	}
	return f
}

func (m *Metrics) timings(name, labels, help string) *timings {
	t := newTimings(name, labels)
	m.families.of(name, histogram, help).RegisterMetricsWriter(t.write)
	return t
}

func (m *Metrics) write(w io.Writer) {
	m.families.write(w)
	vm.WriteProcessMetrics(w)
}

// label escapes a label's value as the text format wants it, and replaces what
// is not UTF-8.
func label(value string) string {
	return labelEscaper.Replace(strings.ToValidUTF8(value, "\uFFFD"))
}

var labelEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
