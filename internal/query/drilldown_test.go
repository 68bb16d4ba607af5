package query_test

import (
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Pages follow one another without a gap and without a row twice, also where
// many rows share an instant.
func TestPagesOfRequests(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const rows, limit = 23, 5
		batch := metric.Batch{}
		for i := range rows {
			batch.Requests = append(batch.Requests, request(ago(time.Duration(i/7+1)*time.Second), "/", 200, float64(i), "ann"))
			batch.Events = append(batch.Events, event(ago(time.Duration(i/7+1)*time.Second), "page_view", "/", "", "ann"))
		}
		fill(t, s, batch)
		e, ctx, today := engine(s), t.Context(), named(t, "24h")

		requests, last := map[string]bool{}, now
		for p := (query.RequestsParams{Range: today, Limit: limit}); ; {
			page := must[query.RequestsPage](t)(e.Requests(ctx, p))
			for _, r := range page.Requests {
				if requests[r.ID.String()] || r.Timestamp.After(last) {
					t.Fatalf("%v is out of order or there twice", r)
				}
				requests[r.ID.String()], last = true, r.Timestamp
			}
			if p.Cursor = page.NextCursor; p.Cursor == "" {
				break
			}
			if len(page.Requests) != limit {
				t.Fatalf("got a page of %d requests that is not the last, want %d", len(page.Requests), limit)
			}
		}
		events := 0
		for p := (query.EventsParams{Range: today, Limit: limit}); ; {
			page := must[query.EventsPage](t)(e.Events(ctx, p))
			events += len(page.Events)
			if p.Cursor = page.NextCursor; p.Cursor == "" {
				break
			}
		}
		if len(requests) != rows || events != rows {
			t.Errorf("pages hold %d requests and %d events, want %d each", len(requests), events, rows)
		}
	})
}

func TestFiltersOfRequestsAndEvents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, orders())
		e, ctx, today := engine(s), t.Context(), named(t, "24h")
		for name, test := range map[string]struct {
			params query.RequestsParams
			want   int
		}{
			"none":     {query.RequestsParams{}, 6},
			"endpoint": {query.RequestsParams{Endpoint: "/orders"}, 3},
			"method":   {query.RequestsParams{Method: "POST"}, 0},
			"class":    {query.RequestsParams{Status: "2xx"}, 3},
			"code":     {query.RequestsParams{Status: "404"}, 1},
			"user":     {query.RequestsParams{UserID: "ann"}, 2},
			"slow":     {query.RequestsParams{MinMS: 100}, 2},
			"limit":    {query.RequestsParams{Limit: 4}, 4},
			"range":    {query.RequestsParams{Range: between(hour(11), hour(12))}, 2},
		} {
			if test.params.Range == (metric.Range{}) {
				test.params.Range = today
			}
			if got := len(must[query.RequestsPage](t)(e.Requests(ctx, test.params)).Requests); got != test.want {
				t.Errorf("requests by %s: got %d, want %d", name, got, test.want)
			}
		}
		for name, test := range map[string]struct {
			params query.EventsParams
			want   int
		}{
			"none":  {query.EventsParams{}, 6},
			"type":  {query.EventsParams{EventType: "page_view"}, 2},
			"page":  {query.EventsParams{PageName: "/new"}, 1},
			"user":  {query.EventsParams{UserID: "dan"}, 2},
			"limit": {query.EventsParams{Limit: 2}, 2},
		} {
			test.params.Range = today
			if got := len(must[query.EventsPage](t)(e.Events(ctx, test.params)).Events); got != test.want {
				t.Errorf("events by %s: got %d, want %d", name, got, test.want)
			}
		}
	})
}
