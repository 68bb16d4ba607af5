package collect_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// discard is the cheapest ResponseWriter of HTTP/1's kind.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header                     { return d.header }
func (d *discard) Write(p []byte) (int, error)             { return len(p), nil }
func (d *discard) WriteHeader(int)                         {}
func (d *discard) Flush()                                  {}
func (d *discard) ReadFrom(r io.Reader) (n int64, e error) { return io.Copy(io.Discard, r) }

// nowhere is a sink that keeps nothing.
type nowhere struct{}

func (nowhere) Append(context.Context, metric.Batch, metric.Position) error { return nil }
func (nowhere) Position(context.Context, uuid.UUID) (int64, error)          { return 0, nil }
func (nowhere) Forget(context.Context, ...uuid.UUID) error                  { return nil }

// BenchmarkMiddleware compares a handler alone with the same behind the
// middleware and a running queue.
func BenchmarkMiddleware(b *testing.B) {
	handler := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "hello")
	}))
	queue := ingest.New(ingest.Options{
		Sink:     nowhere{},
		Capacity: 1 << 20, CapacityBytes: 1 << 40,
	})
	queue.Start(b.Context())
	b.Cleanup(func() { _ = queue.Stop(context.Background()) })
	for _, bm := range []struct {
		name    string
		handler http.Handler
	}{
		{"bare", handler},
		{"observed", collect.New(collect.Options{Recorder: queue}).Middleware(handler)},
		{"observed with timeout", collect.New(collect.Options{Recorder: queue, Timeout: 30 * time.Second}).Middleware(handler)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			req := httptest.NewRequest(http.MethodGet, "/api/orders/17", nil)
			w := &discard{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				delete(req.Header, "X-Request-Id")
				bm.handler.ServeHTTP(w, req)
			}
		})
	}
}
