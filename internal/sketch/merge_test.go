package sketch_test

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/sketch"
)

// mergeable is what all sketches have in common.
type mergeable[S any] interface {
	*S
	Merge(*S)
	AppendBinary([]byte) ([]byte, error)
	UnmarshalBinary([]byte) error
	MergeBinary([]byte) error
}

// checkMerging asserts what must hold for any three sketches that draw makes.
func checkMerging[S any, P mergeable[S]](t *testing.T, draw func(*rapid.T) P) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := draw(t), draw(t), draw(t)
		before := encoded(t, b)

		union := func(sketches ...P) P {
			into := P(new(S))
			for _, s := range sketches {
				into.Merge((*S)(s))
			}
			return into
		}
		equal := func(law string, got, want P) {
			if encoded(t, got) != encoded(t, want) {
				t.Fatalf("%s: got %x, want %x", law, encoded(t, got), encoded(t, want))
			}
		}
		equal("identity", union(a), a)
		equal("commutative", union(a, b), union(b, a))
		equal("associative", union(union(a, b), c), union(a, union(b, c)))

		fromBytes := union(a)
		if err := fromBytes.MergeBinary([]byte(encoded(t, b))); err != nil {
			t.Fatal(err)
		}
		equal("MergeBinary is Merge", fromBytes, union(a, b))

		decoded := union(c)
		if err := decoded.UnmarshalBinary([]byte(encoded(t, a))); err != nil {
			t.Fatal(err)
		}
		equal("round trip", decoded, a)
		if encoded(t, b) != before {
			t.Fatal("Merge changed its argument")
		}
	})
}

func TestHistogramMerging(t *testing.T) {
	t.Parallel()
	checkMerging(t, drawHistogram)
}

func TestDistinctMerging(t *testing.T) {
	t.Parallel()
	checkMerging(t, drawDistinct)
}

func TestTallyMerging(t *testing.T) {
	t.Parallel()
	checkMerging(t, drawTally)
}

func TestDistinctMergingIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawDistinct(t)
		before, count := encoded(t, d), d.Count()
		if err := d.MergeBinary([]byte(before)); err != nil {
			t.Fatal(err)
		}
		d.Merge(d)
		if encoded(t, d) != before || d.Count() != count {
			t.Fatal("merging what is there already changes the sketch")
		}
	})
}

func TestMergingIntoItselfDoubles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h, tally := drawHistogram(t), drawTally(t)
		count, total := h.Count(), tally.Total()
		h.Merge(h)
		tally.Merge(tally)
		if h.Count() != 2*count || tally.Total() != 2*total {
			t.Fatalf("got %d and %d, want twice %d and %d", h.Count(), tally.Total(), count, total)
		}
	})
}

func drawLatency() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.SampledFrom([]float64{0, 1e-12, sketch.MinValue, 1e-6, 1, sketch.MaxValue}),
		rapid.Map(rapid.Float64Range(-9, 9), func(x float64) float64 { return math.Pow(10, x) }),
		rapid.Float64Range(1, 500),
	)
}

func drawHistogram(t *rapid.T) *sketch.Histogram {
	h := new(sketch.Histogram)
	for _, ms := range rapid.SliceOfN(drawLatency(), 0, 40).Draw(t, "latencies") {
		if err := h.Add(ms); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// drawDistinct mixes small sketches, in which users repeat, with some that
// hold more users than are counted exactly.
func drawDistinct(t *rapid.T) *sketch.Distinct {
	d := new(sketch.Distinct)
	for _, user := range rapid.SliceOfN(rapid.IntRange(0, 50), 0, 40).Draw(t, "users") {
		d.Add(strconv.Itoa(user))
	}
	if rapid.IntRange(0, 9).Draw(t, "size") == 0 {
		first := rapid.IntRange(0, 20_000).Draw(t, "first")
		for user := range rapid.IntRange(3000, 9000).Draw(t, "many") {
			d.Add(strconv.Itoa(first + user))
		}
	}
	return d
}

func drawTally(t *rapid.T) *sketch.Tally {
	tally := new(sketch.Tally)
	for _, user := range rapid.SliceOfN(rapid.IntRange(0, 50), 0, 40).Draw(t, "users") {
		tally.Add(strconv.Itoa(user), uint64(rapid.IntRange(0, 300).Draw(t, "events")))
	}
	return tally
}
