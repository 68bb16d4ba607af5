package store_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// bigVariable asks for the benchmarks of a million rows: they need a minute.
const bigVariable = "APPMETRICS_BENCH_BIG"

func big(b *testing.B) {
	b.Helper()
	if os.Getenv(bigVariable) == "" {
		b.Skipf("set %s=1 for the benchmarks of a million rows", bigVariable)
	}
}

// traffic returns n requests spread evenly over [from, from+span), of 200
// endpoints and 100 users, log-normal around 60 ms, one percent of them errors.
func traffic(n int, from time.Time, span time.Duration, seed uint64) []metric.Request {
	random := rand.New(rand.NewPCG(seed, 1))
	requests := make([]metric.Request, n)
	for i := range requests {
		status := 200
		if random.IntN(100) == 0 {
			status = 500
		}
		requests[i] = metric.Request{
			Timestamp: from.Add(span / time.Duration(n) * time.Duration(i)), App: "shop",
			Endpoint: fmt.Sprintf("/endpoint/%d/{id}", random.IntN(200)), Method: "GET", StatusCode: status,
			ResponseTimeMS: math.Exp(4 + 0.8*random.NormFloat64()), UserID: fmt.Sprintf("user-%d@example.com", random.IntN(100)),
		}
	}
	return requests
}

func fill(b *testing.B, s *store.Store, rows int, from time.Time, span time.Duration) {
	b.Helper()
	const batch = 10_000
	for i := range rows / batch {
		part := span / time.Duration(rows/batch)
		requests := traffic(batch, from.Add(time.Duration(i)*part), part, uint64(i))
		if _, err := s.Append(b.Context(), metric.Batch{Requests: requests}); err != nil {
			b.Fatal(err)
		}
	}
}

func eachEngine(b *testing.B, f func(b *testing.B, s *store.Store)) {
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) { f(b, storetest.Open(b, engine)) })
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, checked := range []bool{false, true} {
		name := "made-ids"
		if checked {
			name = "checked-ids"
		}
		b.Run(name, func(b *testing.B) {
			eachEngine(b, func(b *testing.B, s *store.Store) {
				batch := metric.Batch{Requests: traffic(1000, time.Now().Add(-time.Hour), time.Hour, 1), CheckIDs: checked}
				b.ReportAllocs()
				for b.Loop() {
					if checked {
						renew(batch.Requests)
					}
					if _, err := s.Append(b.Context(), batch); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "rows/s")
			})
		})
	}
}

func BenchmarkSummarize(b *testing.B) {
	big(b)
	const week = 7 * 24 * time.Hour
	start := time.Now().UTC().Truncate(time.Hour).Add(-week)
	questions := map[string]store.Question{
		"by-endpoint":  {By: store.ByEndpoint | store.ByMethod},
		"by-hour":      {By: store.ByHour},
		"one-endpoint": {By: store.ByHour, Endpoint: "/endpoint/7/{id}"},
	}
	eachEngine(b, func(b *testing.B, s *store.Store) {
		fill(b, s, 1_000_000, start, week)
		for name, q := range questions {
			b.Run("raw-7d/"+name, func(b *testing.B) { summarize(b, s, q, start, week) })
		}
		b.Run("raw-24h/by-endpoint", func(b *testing.B) {
			summarize(b, s, questions["by-endpoint"], start.Add(week-24*time.Hour), 24*time.Hour)
		})
		b.Run("health", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Health(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
		if _, err := s.Retire(b.Context(), store.RetireRequest{RawBefore: start.Add(week)}); err != nil {
			b.Fatal(err)
		}
		for name, q := range questions {
			b.Run("rollups-7d/"+name, func(b *testing.B) { summarize(b, s, q, start, week) })
		}
	})
}

func summarize(b *testing.B, s *store.Store, q store.Question, from time.Time, span time.Duration) {
	q.Kinds = []metric.Kind{metric.KindPerformance}
	q.Range = metric.Range{Start: from, End: from.Add(span)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Summarize(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRetire(b *testing.B) {
	big(b)
	for _, hours := range []int{24, 168} {
		b.Run(fmt.Sprintf("hours=%d", hours), func(b *testing.B) {
			for _, engine := range storetest.Engines() {
				b.Run(engine, func(b *testing.B) {
					for b.Loop() {
						b.StopTimer()
						s := storetest.Open(b, engine)
						now := time.Now().UTC().Truncate(time.Hour)
						span := time.Duration(hours) * time.Hour
						fill(b, s, 1_000_000, now.Add(-8*24*time.Hour-span), span)
						peak := watchMemory(b)
						b.StartTimer()
						if _, err := s.Retire(b.Context(), store.RetireRequest{RawBefore: now.Add(-metric.RawRetention)}); err != nil {
							b.Fatal(err)
						}
						b.StopTimer()
						b.ReportMetric(float64(peak())/(1<<20), "peak-MB")
						b.ReportMetric(residentPeak()/(1<<10), "process-peak-MB")
						b.StartTimer()
					}
				})
			}
		})
	}
}

// watchMemory samples the heap until the returned function is called, which
// returns its growth.
func watchMemory(b *testing.B) func() uint64 {
	b.Helper()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			peak.Store(max(peak.Load(), now.HeapAlloc))
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		return peak.Load() - min(peak.Load(), before.HeapAlloc)
	}
}

// residentPeak returns the most memory in KB that the process ever had, or 0
// where the system does not tell.
func residentPeak() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kb float64
	if _, line, found := strings.Cut(string(status), "VmHWM:"); found {
		_, _ = fmt.Sscan(line, &kb)
	}
	return kb
}
