package ingest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
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

// real is a store as a queue writes to it.
type real struct{ *store.Store }

func (r real) Append(ctx context.Context, b metric.Batch, at metric.Position) error {
	_, err := r.AppendAt(ctx, b, at)
	return err
}

// BenchmarkDrain stores what a spool holds: a quarter events with metadata and
// checked ids, the rest requests.
func BenchmarkDrain(b *testing.B) {
	b.Run("nowhere", func(b *testing.B) { drain(b, func(*testing.B) ingest.Sink { return &counting{} }) })
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) {
			drain(b, func(b *testing.B) ingest.Sink { return real{storetest.Open(b, engine)} })
		})
	}
}

func drain(b *testing.B, newSink func(*testing.B) ingest.Sink) {
	const posts = 100
	var rows int64
	for b.Loop() {
		b.StopTimer()
		disk, err := spool.Open(spool.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		sink := newSink(b)
		for range posts {
			fill(b, disk)
		}
		samples := disk.Stats().Samples
		q := ingest.New(ingest.Options{Sink: sink, Spool: disk, Ack: ingest.AckDisk})
		b.StartTimer()
		q.Start(b.Context())
		if err := q.Stop(context.Background()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if left := disk.Stats().Samples; left > 0 {
			b.Fatalf("%d samples are left", left)
		}
		rows += samples
		if err := disk.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// fill puts 1,500 requests and 500 events into a spool, as queues do.
func fill(b *testing.B, disk *spool.Spool) {
	b.Helper()
	q := ingest.New(ingest.Options{Sink: &counting{isAway: true}, Spool: disk, Ack: ingest.AckDisk})
	q.Start(b.Context())
	for i := range 1500 {
		q.Record(metric.Request{
			Timestamp: time.Now(), App: "default", Endpoint: fmt.Sprint("/orders/{id}/", i%200), Method: "GET",
			StatusCode: 200, ResponseTimeMS: float64(i) + 0.5, UserID: fmt.Sprint("user", i), CorrelationID: uuid.NewString(),
		})
	}
	post := metric.Batch{CheckIDs: true}
	for range 500 {
		e := event("/orders")
		e.ID, e.Metadata = uuid.New(), []byte(`{"filter":"open","rows":25}`)
		post.Events = append(post.Events, e)
	}
	if err := q.Accept(b.Context(), post); err != nil {
		b.Fatal(err)
	}
	if err := q.Stop(context.Background()); err != nil {
		b.Fatal(err)
	}
}
