package tui

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

// large is the source of a large application: 200 endpoints over 90 days.
var large = sync.OnceValues(func() (query.Source, error) {
	url := "sqlite://" + filepath.Join(folder, "large.db")
	s, err := store.Open(context.Background(), store.Options{URL: url})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := s.MigrateUp(context.Background(), nil); err != nil {
		return nil, err
	}
	const endpoints, days = 200, 90
	for day := range days {
		var b metric.Batch
		for endpoint := range endpoints {
			at := noon.Add(-time.Duration(day)*24*time.Hour - time.Duration(endpoint)*time.Minute)
			r := metric.Request{
				ID: uuid.New(), Timestamp: at, App: metric.DefaultApp, Method: "GET", StatusCode: 200,
				Endpoint:       fmt.Sprintf("/api/v1/resources-%d/{id}/parts/{part}", endpoint),
				ResponseTimeMS: float64(1 + (day*31+endpoint*17)%900), UserID: fmt.Sprintf("user-%d", (day+endpoint)%50),
			}
			if (day+endpoint)%19 == 0 {
				r.StatusCode, r.ErrorType = 500, metric.ErrorTypeFor(500)
			}
			b.Requests = append(b.Requests, r)
			b.Events = append(b.Events, metric.Event{
				ID: uuid.New(), Timestamp: at, App: metric.DefaultApp, EventType: "page_view",
				PageName: fmt.Sprintf("/pages/%d", endpoint), ElementID: fmt.Sprintf("element-%d", endpoint), UserID: r.UserID, Success: true,
			})
		}
		if _, err := s.Append(context.Background(), b); err != nil {
			return nil, err
		}
	}
	return openEngine(url)
})

// BenchmarkFrame is one key and the frame that follows it, on every screen of a
// large application at 200x60, in color.
func BenchmarkFrame(b *testing.B) {
	source, err := large()
	if err != nil {
		b.Fatal(err)
	}
	d := drive(b, filled, 200, 60, colours, func(o *Options) {
		o.Open = func(context.Context) (query.Source, func() error, error) { return source, nil, nil }
		o.Range, _ = metric.ParseRange("90d", "", "", noon)
		o.Compare = true
	})
	for i, s := range d.screens {
		d.press(fmt.Sprint(i + 1))
		b.Run(s.title(), func(b *testing.B) {
			b.ReportAllocs()
			var times []time.Duration
			var keys []tea.KeyMsg
			for _, k := range []string{"down", "down", "left", "s", "r", "up", "pgdown", "G"} {
				keys = append(keys, keyOf(k))
			}
			for n := 0; b.Loop(); n++ {
				started := time.Now()
				d.send(keys[n%len(keys)])
				_ = d.View()
				times = append(times, time.Since(started))
				d.held = nil
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
