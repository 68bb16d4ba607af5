package sketch_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/appmetrics/appmetrics/internal/sketch"
)

// hours returns the encoded histograms of many hours of one endpoint, with
// log-normal latencies.
func hours(b *testing.B, hours, requests int) (encodings [][]byte) {
	r := rand.New(rand.NewPCG(1, 2))
	for range hours {
		var h sketch.Histogram
		for range requests {
			if err := h.Add(40 * math.Exp(0.7*r.NormFloat64())); err != nil {
				b.Fatal(err)
			}
		}
		encodings = append(encodings, []byte(encoded(b, &h)))
	}
	return encodings
}

func BenchmarkHistogramAdd(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	latencies := make([]float64, 4096)
	for i := range latencies {
		latencies[i] = 40 * math.Exp(0.7*r.NormFloat64())
	}
	var h sketch.Histogram
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := h.Add(latencies[i%len(latencies)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHistogram(b *testing.B) {
	for _, requests := range []int{1, 10, 100, 1000} {
		encodings := hours(b, 1000, requests)
		size := 0
		decoded := make([]sketch.Histogram, len(encodings))
		for i, encoding := range encodings {
			size += len(encoding)
			if err := decoded[i].UnmarshalBinary(encoding); err != nil {
				b.Fatal(err)
			}
		}
		run := func(name string, each func(i int) error) {
			b.Run(fmt.Sprintf("%s/%d", name, requests), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if err := each(i % len(encodings)); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(size)/float64(len(encodings)), "bytes/hour")
			})
		}
		var into, merged, again sketch.Histogram
		buffer := make([]byte, 0, 4096)
		run("MergeBinary", func(i int) error { return into.MergeBinary(encodings[i]) })
		run("Merge", func(i int) error { merged.Merge(&decoded[i]); return nil })
		run("UnmarshalBinary", func(i int) error { return again.UnmarshalBinary(encodings[i]) })
		run("AppendBinary", func(i int) error { _, err := decoded[i].AppendBinary(buffer); return err })
		run("Quantile", func(i int) error { decoded[i].Quantile(0.95); return nil })
	}
}

func BenchmarkDistinct(b *testing.B) {
	for _, users := range []int{10, 100, 10_000} {
		encodings := make([][]byte, 100)
		for i := range encodings {
			var d sketch.Distinct
			for user := range users {
				d.Add(strconv.Itoa(user + i*users/200)) // half of them stay from first to last
			}
			encodings[i] = []byte(encoded(b, &d))
		}
		run := func(name string, each func(i int) error) {
			b.Run(fmt.Sprintf("%s/%d", name, users), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if err := each(i % len(encodings)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		var merged, again, added sketch.Distinct
		hashes := make([]uint64, users)
		for i := range hashes {
			hashes[i] = sketch.Hash(strconv.Itoa(i))
		}
		buffer := make([]byte, 0, 64<<10)
		run("AddHash", func(i int) error { added.AddHash(hashes[i%users]); return nil })
		run("MergeBinary", func(i int) error { return merged.MergeBinary(encodings[i]) })
		run("UnmarshalBinary", func(i int) error { return again.UnmarshalBinary(encodings[i]) })
		run("AppendBinary", func(int) error { _, err := merged.AppendBinary(buffer); return err })
		run("Count", func(int) error { merged.Count(); return nil })
	}
}

func BenchmarkTallyMergeBinary(b *testing.B) {
	var tally, into sketch.Tally
	for user := range 100 {
		tally.Add(strconv.Itoa(user), uint64(user+1))
	}
	encoding := []byte(encoded(b, &tally))
	b.ReportAllocs()
	for b.Loop() {
		if err := into.MergeBinary(encoding); err != nil {
			b.Fatal(err)
		}
	}
}
