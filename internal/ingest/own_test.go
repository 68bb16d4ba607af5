package ingest_test

import (
	"testing"
	"testing/synctest"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// Requests to appmetrics itself, such as posts that are refused and sent again,
// leave half of the room to those of the application.
func TestOwnRequestsLeaveRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &gate{pass: make(chan struct{})}
		q := start(t, ingest.Options{Sink: g, Capacity: 100})
		for range 1000 {
			q.Record(metric.Request{App: metric.SelfApp, Endpoint: "/api/v1/metrics/usage-events"})
		}
		if s := q.Stats(); s.Depth != 50 || s.DroppedBy[ingest.QueueFull] != 950 {
			t.Errorf("%d wait, %d dropped; want 50 and 950", s.Depth, s.DroppedBy[ingest.QueueFull])
		}
		for range 50 {
			q.Record(metric.Request{App: metric.DefaultApp, Endpoint: "/orders"})
		}
		if s := q.Stats(); s.Depth != 100 || s.DroppedBy[ingest.QueueFull] != 950 {
			t.Errorf("%d wait, %d dropped; want 100 and 950", s.Depth, s.DroppedBy[ingest.QueueFull])
		}
		close(g.pass)
		stop(t, q)
	})
}
