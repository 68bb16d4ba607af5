package transfer_test

import (
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store/storetest"
	"github.com/appmetrics/appmetrics/internal/transfer"
)

// BenchmarkCopy brings a week of 100,000 requests and as many events, and then
// finds that nothing is left to do.
func BenchmarkCopy(b *testing.B) {
	const batches, size = 100, 1000
	for _, from := range storetest.Engines() {
		source := open(b, from)
		for i := range batches {
			batch := samples(size, ago(time.Duration(i)*100*time.Minute))
			batch.CheckIDs = false
			source.append(b, batch)
		}
		for _, to := range storetest.Engines() {
			for _, work := range []string{"all", "nothing new"} {
				b.Run(from+" to "+to+"/"+work, func(b *testing.B) {
					b.ReportAllocs()
					target := open(b, to)
					if work != "all" {
						carry(b, source, target)
					}
					for b.Loop() {
						if work == "all" {
							b.StopTimer()
							target = open(b, to)
							b.StartTimer()
						}
						_, err := transfer.Run(b.Context(), transfer.Options{Source: source.Store, Target: target.Store})
						if err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(2*batches*size*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
				})
			}
		}
	}
}
