package store_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/sketch"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestBucketIndexInSQL stores one request per endpoint and compares the bucket
// that SQL chose with the one that sketch.Index chooses. They agree except
// where rounding of the logarithm decides, on the very bound of two buckets:
// there they may be neighbours, which costs nothing, because a bound is within
// the stated error of both.
func TestBucketIndexInSQL(t *testing.T) {
	t.Parallel()
	samples := []float64{0, 1e-10, sketch.MinValue, 1e-6, 0.1, 1, 12.5, 1e3, 1e6, 1e9}
	random := rand.New(rand.NewPCG(7, 7))
	for range 500 {
		samples = append(samples, math.Exp(random.Float64()*40-20))
	}
	bounds := len(samples)
	for index := -1000; index <= 1000; index += 50 {
		samples = append(samples, math.Exp(float64(index)*sketch.LogGamma()))
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var b metric.Batch
		for i, ms := range samples {
			b.Requests = append(b.Requests, request(now, strconv.Itoa(i), 200, ms, ""))
		}
		appendAll(t, s, b)
		neighbours := 0
		for _, r := range ask(t, s, store.Question{Kinds: []metric.Kind{metric.KindPerformance}, By: store.ByEndpoint}) {
			i, err := strconv.Atoi(r.Endpoint)
			if err != nil {
				t.Fatal(err)
			}
			if distance := distance(&r.Latency, samples[i]); distance > 0 {
				neighbours++
				if i < bounds || distance > 1 {
					t.Errorf("%g ms: SQL chose a bucket %d away from sketch.Index", samples[i], distance)
				}
			}
		}
		t.Logf("%d of %d bounds fell into the neighbouring bucket", neighbours, len(samples)-bounds)
	})
}

// distance returns how many buckets lie between the single one of h and the
// one that Go puts ms in.
func distance(h *sketch.Histogram, ms float64) int {
	var want sketch.Histogram
	want.AddBucket(sketch.Index(ms), 1)
	high := func(h *sketch.Histogram) float64 {
		for bucket := range h.Buckets() {
			return bucket.High
		}
		return 0
	}
	got, expected := high(h), high(&want)
	if got == expected || got == 0 || expected == 0 {
		return int(math.Abs(got - expected))
	}
	return int(math.Round(math.Abs(math.Log(got/expected)) / sketch.LogGamma()))
}
