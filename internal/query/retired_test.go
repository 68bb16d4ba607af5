package query_test

import (
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// R7b: over whole hours, every figure of every answer stays the same to the
// last digit, whichever part of the rows was aggregated.
func TestAnswersDoNotChangeWhenRowsAreRetired(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, orders())
		e, ctx, r := engine(s), t.Context(), between(hour(9), hour(12))
		ask := func() string {
			all := []any{
				must[query.Performance](t)(e.Performance(ctx, query.PerformanceParams{Range: r, Compare: true, IncludeAnonymous: true})),
				must[query.Performance](t)(e.Performance(ctx, query.PerformanceParams{Range: r, Endpoint: "/orders/{id}", Method: "GET"})),
				must[query.Usage](t)(e.Usage(ctx, query.UsageParams{Range: r, Compare: true})),
				must[query.Usage](t)(e.Usage(ctx, query.UsageParams{Range: r, EventType: "button_click", PageName: "/orders"})),
				must[query.TimeSeries](t)(e.TimeSeries(ctx, query.TimeSeriesParams{Range: r, MetricType: query.MetricBoth})),
				must[query.TimeSeries](t)(e.TimeSeries(ctx, query.TimeSeriesParams{Range: r, MetricType: query.MetricBoth, Interval: query.Daily})),
				must[query.Errors](t)(e.Errors(ctx, query.ErrorsParams{Range: r})),
				must[query.Count](t)(e.Count(ctx, query.CountParams{Range: r, UserID: "ann"})),
			}
			return encode(t, all)
		}
		want := ask()
		for _, before := range []time.Time{hour(10), hour(10), hour(12), hour(13)} {
			retire(t, s, before)
			if got := ask(); got != want {
				t.Errorf("rows before %s retired: got\n%s\nwant\n%s", before, got, want)
			}
		}
		if page := must[query.RequestsPage](t)(e.Requests(ctx, query.RequestsParams{Range: r})); len(page.Requests) != 0 {
			t.Errorf("got %d raw requests that are retired", len(page.Requests))
		}
	})
}
