package sketch_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/appmetrics/appmetrics/internal/sketch"
)

func TestQuantileStaysWithinRelativeAccuracy(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	logNormal := func(median, sigma float64) float64 { return median * math.Exp(sigma*r.NormFloat64()) }
	tests := map[string]func(i int) float64{
		"log-normal": func(int) float64 { return logNormal(90, 0.8) },
		"bimodal": func(i int) float64 {
			if i%10 == 0 {
				return logNormal(2000, 0.1)
			}
			return logNormal(3, 0.3)
		},
		"constant": func(int) float64 { return 42.5 },
		"extremes": func(i int) float64 { return []float64{0, 1e-6, 1e9}[i%3] },
		"every magnitude": func(int) float64 {
			return math.Pow(10, -9+18*r.Float64())
		},
		"bucket bounds": func(i int) float64 {
			return math.Exp(float64(i%1000-500) * sketch.LogGamma())
		},
		"mostly zero": func(i int) float64 { return float64(i%7) / 7 * float64(i%2) },
	}
	for name, latency := range tests {
		for _, n := range []int{1, 2, 3, 100, 10_000} {
			sample := make([]float64, n)
			var h sketch.Histogram
			for i := range sample {
				sample[i] = min(latency(i), sketch.MaxValue)
				if err := h.Add(sample[i]); err != nil {
					t.Fatalf("%s: Add(%v): %v", name, sample[i], err)
				}
			}
			slices.Sort(sample)
			for _, q := range []float64{-1, 0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1, 2} {
				got, ok := h.Quantile(q)
				want := nearestRank(sample, q)
				if !ok || math.Abs(got-want) > want*sketch.RelativeAccuracy*(1+1e-9) {
					t.Errorf("%s, %d samples: Quantile(%v) = %v, %v; want %v within 1 %%", name, n, q, got, ok, want)
				}
			}
			if got := h.Count(); got != uint64(n) {
				t.Errorf("%s: Count() = %d, want %d", name, got, n)
			}
		}
	}
}

func TestAddRefusesWhatNoBucketHolds(t *testing.T) {
	t.Parallel()
	for _, ms := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, -1e-300, math.Nextafter(1e9, 2e9)} {
		var h sketch.Histogram
		if err := h.Add(ms); !errors.Is(err, sketch.ErrValue) {
			t.Errorf("Add(%v) = %v, want ErrValue", ms, err)
		}
		if h.Count() != 0 {
			t.Errorf("Add(%v) was counted", ms)
		}
	}
}

func TestQuantileOfNothing(t *testing.T) {
	t.Parallel()
	var h sketch.Histogram
	if ms, ok := h.Quantile(0.5); ok || ms != 0 {
		t.Errorf("Quantile of an empty histogram = %v, %v; want 0, false", ms, ok)
	}
	h.AddBucket(7, 1)
	if _, ok := h.Quantile(math.NaN()); ok {
		t.Error("Quantile(NaN) has an answer")
	}
}

func TestIndexIsWhatSQLComputes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		ms   float64
		want int
	}{
		{0, sketch.ZeroIndex}, {9e-10, sketch.ZeroIndex}, {-1, sketch.ZeroIndex}, {math.NaN(), sketch.ZeroIndex},
		{sketch.MinValue, -1036}, {1, 0}, {1.01, 1}, {100, 231}, {sketch.MaxValue, 1037}, {2e9, 1037},
	}
	for _, test := range tests {
		if got := sketch.Index(test.ms); got != test.want {
			t.Errorf("Index(%v) = %d, want %d", test.ms, got, test.want)
		}
		if test.want != sketch.ZeroIndex && test.ms <= sketch.MaxValue {
			if sql := int(math.Ceil(math.Log(test.ms) / sketch.LogGamma())); sql != test.want {
				t.Errorf("ceil(ln(%v)/LogGamma) = %d, want %d", test.ms, sql, test.want)
			}
		}
	}
}

func TestAddBucketCountsLikeAdd(t *testing.T) {
	t.Parallel()
	var one, grouped sketch.Histogram
	for _, ms := range []float64{0, 0, 1e-6, 3, 3, 3, 250, 1e9} {
		if err := one.Add(ms); err != nil {
			t.Fatal(err)
		}
	}
	grouped.AddBucket(sketch.Index(1e9)+5, 1) // clamped
	grouped.AddBucket(sketch.Index(250), 1)
	grouped.AddBucket(sketch.Index(3), 3)
	grouped.AddBucket(sketch.Index(1e-6), 1)
	grouped.AddBucket(sketch.ZeroIndex, 2)
	grouped.AddBucket(12, 0)
	if got, want := encoded(t, &grouped), encoded(t, &one); got != want {
		t.Errorf("AddBucket gives %x, Add gives %x", got, want)
	}

	var low sketch.Histogram
	low.AddBucket(sketch.Index(sketch.MinValue)-100, 1)
	if ms, _ := low.Quantile(0); math.Abs(ms-sketch.MinValue) > sketch.MinValue/50 {
		t.Errorf("an index below the first bucket reads as %v ms, want %v", ms, sketch.MinValue)
	}
}

func TestCountsSaturate(t *testing.T) {
	t.Parallel()
	var h sketch.Histogram
	h.AddBucket(3, math.MaxUint64)
	h.AddBucket(3, math.MaxInt64)
	h.AddBucket(sketch.ZeroIndex, 5)
	if h.Count() != math.MaxInt64 {
		t.Errorf("Count() = %d, want it to stay at %d", h.Count(), math.MaxInt64)
	}
	var copied sketch.Histogram
	if err := copied.UnmarshalBinary([]byte(encoded(t, &h))); err != nil {
		t.Fatal(err)
	}
	if copied.Count() != h.Count() {
		t.Errorf("decoded Count() = %d, want %d", copied.Count(), h.Count())
	}
	if ms, ok := copied.Quantile(1); !ok || ms < 1 {
		t.Errorf("Quantile(1) = %v, %v; want bucket 3", ms, ok)
	}
}

func TestBucketsAscendAndHoldTheirSamples(t *testing.T) {
	t.Parallel()
	sample := []float64{0, 1e-6, 0.5, 0.5, 7, 1e9}
	var h sketch.Histogram
	for _, ms := range sample {
		if err := h.Add(ms); err != nil {
			t.Fatal(err)
		}
	}
	buckets := slices.Collect(h.Buckets())
	if len(buckets) != 5 || buckets[2].Count != 2 {
		t.Fatalf("Buckets() = %v, want five, the third with a count of 2", buckets)
	}
	const slack = 1e-9 // of the bounds, which are powers
	for i, ms := range slices.Compact(slices.Clone(sample)) {
		if b := buckets[i]; ms < b.Low || ms > b.High*(1+slack) || (i > 0 && b.Low < buckets[i-1].High*(1-slack)) {
			t.Errorf("bucket %d is %v, want it to hold %v and to follow the one before", i, b, ms)
		}
	}
	for range h.Buckets() {
		break // a consumer may stop at any bucket
	}
}

// encoded returns the encoding of a sketch as a string, to be compared.
func encoded(t interface{ Fatal(...any) }, s interface {
	AppendBinary([]byte) ([]byte, error)
}) string {
	b, err := s.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// nearestRank is the definition itself: the first latency that at least the
// share q of the sample does not exceed.
func nearestRank(sorted []float64, q float64) float64 {
	for i, ms := range sorted {
		if float64(i+1)/float64(len(sorted)) >= q-1e-12 {
			return ms
		}
	}
	return sorted[len(sorted)-1]
}

func TestRank(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		q    float64
		n    uint64
		want uint64
	}{
		{0, 1, 0}, {1, 1, 0}, {0.5, 2, 0}, {0.95, 2, 1}, {0.99, 2, 1}, {0.5, 3, 1}, {0.07, 100, 6},
		{0.95, 100, 94}, {0.99, 100, 98}, {0.99, 101, 99}, {1, 100, 99}, {-1, 10, 0}, {2, 10, 9},
	} {
		if got := sketch.Rank(c.q, c.n); got != c.want {
			t.Errorf("Rank(%v, %d) = %d, want %d", c.q, c.n, got, c.want)
		}
	}
}
