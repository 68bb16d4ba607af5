package aggregate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// BenchmarkRun retires a day of requests that is 8 days old. Peak memory must
// not grow with the rows.
func BenchmarkRun(b *testing.B) {
	for _, engine := range storetest.Engines() {
		for _, rows := range []int{100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%d", engine, rows), func(b *testing.B) {
				for range b.N {
					b.StopTimer()
					s := storetest.Open(b, engine)
					fillDay(b, s, rows)
					stop := watchHeap()
					b.StartTimer()
					report, err := aggregate.New(aggregate.Options{Store: s, Now: clock}).Run(b.Context(), false)
					b.StopTimer()
					b.ReportMetric(float64(stop())/(1<<20), "peak-MB")
					if err != nil {
						b.Fatal(err)
					}
					if report.Retired.RequestsRolled != int64(rows) {
						b.Fatalf("rolled %d requests, want %d", report.Retired.RequestsRolled, rows)
					}
					b.StartTimer()
				}
			})
		}
	}
}

func fillDay(b *testing.B, s *store.Store, rows int) {
	b.Helper()
	const batch = 10_000
	random := rand.New(rand.NewPCG(1, 2))
	start := ago(9 * day).Truncate(day)
	for range rows / batch {
		requests := metric.Batch{}
		for range batch {
			at := start.Add(time.Duration(random.Int64N(int64(day))))
			requests.Requests = append(requests.Requests, request(at, fmt.Sprintf("/api/things/%d/{id}", random.IntN(200)), 200,
				math.Exp(random.NormFloat64()+4), fmt.Sprintf("user-%d", random.IntN(1000))))
		}
		fill(b, s, requests)
	}
}

// watchHeap samples the heap until it is stopped, and returns its peak above
// where it began, in bytes.
func watchHeap() (stop func() uint64) {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	began := stats.HeapAlloc
	var peak atomic.Uint64
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				var stats runtime.MemStats
				runtime.ReadMemStats(&stats)
				if stats.HeapAlloc > began {
					peak.Store(max(peak.Load(), stats.HeapAlloc-began))
				}
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-stopped
		return peak.Load()
	}
}
