package tui

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

// many makes a database of 200 endpoints, each with requests on 90 days.
func many(b *testing.B) query.Source {
	b.Helper()
	now := func() time.Time { return noon }
	s, err := store.Open(b.Context(), store.Options{URL: "sqlite://" + filepath.Join(b.TempDir(), "many.db"), Now: now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if _, err := s.MigrateUp(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	var batch metric.Batch
	for i := range 200 {
		for day := range 90 {
			status := 200 + 300*(i*day%17/16)
			batch.Requests = append(batch.Requests, metric.Request{
				Timestamp: noon.Add(-time.Duration(24*day+i%24) * time.Hour), App: "default", Endpoint: fmt.Sprintf("/api/v1/things/%03d/{id}/parts", i), Method: "GET",
				StatusCode: status, ResponseTimeMS: float64(1 + i*day%997), UserID: fmt.Sprint("user-", day), ErrorType: metric.ErrorTypeFor(status),
			})
		}
	}
	if _, err := s.Append(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
	return &remembering{source: query.New(query.Options{Store: s, Now: now})}
}

// A frame is what a key leads to: update and view. The answers are those of 90
// days, the terminal is a large one.
func BenchmarkEndpointsFrame(b *testing.B) {
	source := many(b)
	start := func(b *testing.B) *driver {
		d := drive(b, filled, 200, 60, colours, func(o *Options) {
			o.Open = func(context.Context) (query.Source, func() error, error) { return source, nil, nil }
			o.Range, o.Compare = scope{rng: metric.Range{Name: "90d"}}.at(noon).rng, true
		})
		listEndpoints(d, filled)
		return d
	}
	for _, bench := range []struct {
		name string
		keys []string
	}{
		{"move", []string{"j"}},
		{"page", []string{"pgdown", "pgdown", "pgdown", "g"}},
		{"sort", []string{"s"}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			d := start(b)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				d.send(keyOf(bench.keys[i%len(bench.keys)]))
				d.held = d.held[:0]
				_ = d.View()
			}
		})
	}
	b.Run("answer", func(b *testing.B) { // every row anew
		d := start(b)
		b.ReportAllocs()
		for b.Loop() {
			d.endpoints().built.before = nil
			d.endpoints().table.SetRows(d.endpoints().rows(&d.shared))
			_ = d.View()
		}
	})
	b.Run("opened", func(b *testing.B) {
		d := start(b)
		d.press("enter")
		d.View()
		b.ReportAllocs()
		for b.Loop() {
			d.send(keyOf("left"))
			d.held = d.held[:0]
			_ = d.View()
		}
	})
}
