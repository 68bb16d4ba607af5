package ingest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// nowhere is a sink that keeps nothing.
type nowhere struct{ positions }

func (*nowhere) Append(context.Context, metric.Batch, metric.Position) error { return nil }

func BenchmarkRecord(b *testing.B) {
	r := metric.Request{
		Timestamp: time.Now(), App: "default", Endpoint: "/orders/{id}", Method: "GET",
		StatusCode: 200, ResponseTimeMS: 1.5, CorrelationID: "7c1e0000-0000-4000-8000-000000000000",
	}
	queue := func(b *testing.B) *ingest.Queue {
		q := ingest.New(ingest.Options{Sink: &nowhere{}, Capacity: 1 << 20, CapacityBytes: 1 << 40})
		q.Start(b.Context())
		b.Cleanup(func() { _ = q.Stop(context.Background()) })
		b.ReportAllocs()
		return q
	}
	report := func(b *testing.B, q *ingest.Queue) {
		b.ReportMetric(float64(q.Stats().Dropped)/float64(b.N), "dropped/op")
	}
	b.Run("one", func(b *testing.B) {
		q := queue(b)
		for b.Loop() {
			q.Record(r)
		}
		report(b, q)
	})
	b.Run("parallel", func(b *testing.B) {
		q := queue(b)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				q.Record(r)
			}
		})
		report(b, q)
	})
}

func BenchmarkAccept(b *testing.B) {
	for _, senders := range []int{1, 64} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			q := ingest.New(ingest.Options{Sink: &nowhere{}})
			q.Start(b.Context())
			batch := metric.Batch{Events: make([]metric.Event, 20)}
			b.SetParallelism(senders)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := q.Accept(b.Context(), batch); err != nil {
						b.Error(err)
					}
				}
			})
			_ = q.Stop(context.Background())
		})
	}
}
