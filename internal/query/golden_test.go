package query_test

import (
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

func TestAnswersAsJSON(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, orders())
		e, ctx, today := engine(s), t.Context(), named(t, "24h")

		golden(t, "performance", must[query.Performance](t)(e.Performance(ctx, query.PerformanceParams{Range: today, Compare: true})))
		golden(t, "performance_endpoint", must[query.Performance](t)(e.Performance(ctx, query.PerformanceParams{Range: today, Endpoint: "/orders"})))
		golden(t, "usage", must[query.Usage](t)(e.Usage(ctx, query.UsageParams{Range: today, Compare: true})))
		golden(t, "count", must[query.Count](t)(e.Count(ctx, query.CountParams{Range: today, UserID: "ann"})))
		golden(t, "errors", must[query.Errors](t)(e.Errors(ctx, query.ErrorsParams{Range: today})))
		golden(t, "requests", must[query.RequestsPage](t)(e.Requests(ctx, query.RequestsParams{Range: today, Status: "4xx"})))
		golden(t, "events", must[query.EventsPage](t)(e.Events(ctx, query.EventsParams{Range: today, EventType: "form_submit"})))
		morning := between(hour(9), hour(12))
		for _, kind := range []query.MetricType{query.MetricPerformance, query.MetricUsage, query.MetricBoth} {
			golden(t, "series_"+string(kind), must[query.TimeSeries](t)(e.TimeSeries(ctx, query.TimeSeriesParams{Range: morning, MetricType: kind})))
		}
	})
}

func TestAnswersWithoutData(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		e, ctx, r := engine(s), t.Context(), between(ago(time.Hour), now)
		golden(t, "empty_performance", must[query.Performance](t)(e.Performance(ctx, query.PerformanceParams{Range: r, Endpoint: "/x", Compare: true, IncludeAnonymous: true})))
		golden(t, "empty_usage", must[query.Usage](t)(e.Usage(ctx, query.UsageParams{Range: r, Compare: true, IncludeAnonymous: true})))
		golden(t, "empty_series", must[query.TimeSeries](t)(e.TimeSeries(ctx, query.TimeSeriesParams{Range: r, MetricType: query.MetricBoth})))
		golden(t, "empty_count", must[query.Count](t)(e.Count(ctx, query.CountParams{Range: r, UserID: "ann"})))
		golden(t, "empty_errors", must[query.Errors](t)(e.Errors(ctx, query.ErrorsParams{Range: r})))
		golden(t, "empty_requests", must[query.RequestsPage](t)(e.Requests(ctx, query.RequestsParams{Range: r})))
		golden(t, "empty_events", must[query.EventsPage](t)(e.Events(ctx, query.EventsParams{Range: r})))
	})
}
