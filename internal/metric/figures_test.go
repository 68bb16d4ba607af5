package metric_test

import (
	"maps"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

var figureSamples = map[string]metric.Rollup{
	"nothing": {Key: metric.Key{Kind: metric.KindPerformance}},
	"performance": {
		Key: metric.Key{Kind: metric.KindPerformance}, Count: 300, Anonymous: 7, OpaqueUsers: 2, SumNS: 1 << 62,
		MinMS: 0.1, MaxMS: 1e9, ErrorCount: 3, StatusCodes: map[int]int64{200: 297, 503: 3, -1: 1},
	},
	"usage": {Key: metric.Key{Kind: metric.KindUsage}, Count: 5, Anonymous: 1, SuccessCount: 4, FailureCount: 1},
	"error": {
		Key: metric.Key{Kind: metric.KindError}, Count: 2, FirstSeen: time.UnixMicro(1).UTC(),
		LastSeen: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	},
	"error at no time": {Key: metric.Key{Kind: metric.KindError}, Count: 2},
	"user":             {Key: metric.Key{Kind: metric.KindUser}, Count: 9},
}

// TestFigures merges figures twice, into what is empty and into what is not,
// and expects what merging the rollups gives.
func TestFigures(t *testing.T) {
	t.Parallel()
	for name, sample := range figureSamples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := metric.Rollup{Key: sample.Key}, metric.Rollup{Key: sample.Key}
			encoded := sample.AppendFigures(nil)
			for range 2 {
				if err := got.MergeFigures(encoded); err != nil {
					t.Fatal(err)
				}
				want.Merge(&sample)
				sameFigures(t, &got, &want)
			}
			for end := range encoded {
				if len(sample.StatusCodes) > 0 && end > len(encoded)-len(sample.StatusCodes)*5 {
					break // a shorter list of status codes is one, too
				}
				before := got.Count
				if err := got.MergeFigures(encoded[:end]); err == nil || got.Count != before {
					t.Errorf("cut at %d: got %v and count %d, want an error and %d", end, err, got.Count, before)
				}
			}
		})
	}
	pages := metric.Rollup{Key: metric.Key{Kind: metric.KindUsage}, Count: 2, Pages: map[string]int64{"/a": 2}}
	if b := pages.AppendFigures(nil); b != nil {
		t.Errorf("got %x for a rollup with pages, want nothing", b)
	}
}

func FuzzFigures(f *testing.F) {
	for _, sample := range figureSamples {
		f.Add(string(sample.Kind), sample.AppendFigures(nil))
	}
	f.Fuzz(func(t *testing.T, kind string, b []byte) {
		got := metric.Rollup{Key: metric.Key{Kind: metric.Kind(kind)}}
		if err := got.MergeFigures(b); err != nil {
			if got.Count != 0 || got.StatusCodes != nil {
				t.Errorf("got %+v beside %v, want nothing", got, err)
			}
			return
		}
		again := metric.Rollup{Key: got.Key}
		if err := again.MergeFigures(got.AppendFigures(nil)); err != nil {
			t.Fatalf("%v of what was encoded", err)
		}
		sameFigures(t, &again, &got)
	})
}

func sameFigures(t *testing.T, got, want *metric.Rollup) {
	t.Helper()
	if got.Count != want.Count || got.Anonymous != want.Anonymous || got.OpaqueUsers != want.OpaqueUsers ||
		got.SumNS != want.SumNS || got.ErrorCount != want.ErrorCount || got.MinMS != want.MinMS || got.MaxMS != want.MaxMS ||
		got.SuccessCount != want.SuccessCount || got.FailureCount != want.FailureCount ||
		!got.FirstSeen.Equal(want.FirstSeen) || !got.LastSeen.Equal(want.LastSeen) ||
		!maps.Equal(got.StatusCodes, want.StatusCodes) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

func BenchmarkMergeFigures(b *testing.B) {
	sample := figureSamples["performance"]
	encoded := sample.AppendFigures(nil)
	into := metric.Rollup{Key: sample.Key}
	b.ReportAllocs()
	for b.Loop() {
		if err := into.MergeFigures(encoded); err != nil {
			b.Fatal(err)
		}
	}
}
