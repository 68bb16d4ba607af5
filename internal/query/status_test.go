package query_test

import (
	"slices"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const day = 24 * time.Hour
		old := request(ago(8*day), "/", 200, 1, "")
		old.App = "shop"
		fill(t, s, metric.Batch{
			Requests: []metric.Request{old, request(ago(time.Minute), "/", 200, 1, "")},
			Events:   []metric.Event{event(ago(time.Hour), "page_view", "/", "", "ann")},
		})
		e := query.New(query.Options{
			Store: s, Now: func() time.Time { return now }, WarnRows: 2, LimitRows: 5,
			Collection: func() query.Collection {
				return query.Collection{Queue: query.Queue{Depth: 3, Capacity: 10, OldestUnsent: ago(9 * day)}, Dropped: 1, Rejected: 2, Late: 4}
			},
		})
		got := must[query.Status](t)(e.Status(t.Context()))
		if got.Engine != s.Engine() || got.SchemaVersion < 1 {
			t.Errorf("got engine %q at schema %d", got.Engine, got.SchemaVersion)
		}
		if want := []string{"default", "shop"}; !slices.Equal(got.Apps, want) {
			t.Errorf("got apps %q, want %q", got.Apps, want)
		}
		want := query.Tables{
			PerformanceMetrics: query.Table{Rows: 2, Oldest: ago(8 * day), Newest: ago(time.Minute)},
			UsageEvents:        query.Table{Rows: 1, Oldest: ago(time.Hour), Newest: ago(time.Hour)},
		}
		if got.Tables != want {
			t.Errorf("got tables %+v, want %+v", got.Tables, want)
		}
		if lag := (day + 34*time.Minute + 56*time.Second) - (34*time.Minute + 56*time.Second); got.Aggregation.LagSeconds > lag.Seconds() || got.Aggregation.LagSeconds < (lag-time.Hour).Seconds() {
			t.Errorf("got a lag of %v s, want about a day", got.Aggregation.LagSeconds)
		}
		if got.SizeGuard != (query.SizeGuard{Rows: 3, Warn: 2, Limit: 5}) {
			t.Errorf("got size guard %+v", got.SizeGuard)
		}
		if got.Dropped != 1 || got.Rejected != 2 || got.Late != 4 || got.Queue.Depth != 3 {
			t.Errorf("got collection %+v", got.Collection)
		}
		if !got.CompleteUpTo.Equal(ago(9 * day)) {
			t.Errorf("complete up to %s, want the oldest sample that waits", got.CompleteUpTo)
		}
	})
}

func TestStatusOfAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		got := must[query.Status](t)(engine(s).Status(t.Context()))
		if got.Apps == nil || len(got.Apps) != 0 || got.SizeGuard.Rows != 0 || got.Aggregation != (query.Aggregation{}) {
			t.Errorf("got %s", encode(t, got))
		}
	})
}
