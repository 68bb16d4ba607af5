package query_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Sizes of the benchmarks' databases.
const (
	benchEndpoints = 200
	benchUsers     = 1000
	benchRawRows   = 1_000_000
	benchHourRows  = 6_000 // requests in each of the hours that are rolled up
	benchDays      = 90
)

// BenchmarkRaw asks every question of 1,000,000 raw rows of a week, of which
// three in four are requests.
func BenchmarkRaw(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) {
			s := storetest.Open(b, engine)
			const batch = 10_000
			random := rand.New(rand.NewPCG(1, 2))
			for range benchRawRows / batch {
				fillRandom(b, s, random, batch*3/4, batch/4, func() time.Time {
					return now.Add(-time.Duration(random.Int64N(int64(7 * 24 * time.Hour))))
				})
			}
			benchmarkQuestions(b, s, "7d")
		})
	}
}

// BenchmarkRollups asks every question of 90 days of rollups of 200 endpoints.
func BenchmarkRollups(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) {
			s, url := storetest.OpenURL(b, engine)
			rollUp90Days(b, s, url)
			benchmarkQuestions(b, s, "30d", "90d")
		})
	}
}

// rollUp90Days rolls up one busy day, the last before today, copies its rollups
// to every day before, as another program could, and lets the next run find
// them.
func rollUp90Days(b *testing.B, s *store.Store, url string) {
	b.Helper()
	const day = 24 * time.Hour
	random, last := rand.New(rand.NewPCG(1, 2)), now.Truncate(day).Add(-day)
	for hour := range 24 {
		fillRandom(b, s, random, benchHourRows, benchHourRows/3, func() time.Time {
			return last.Add(time.Duration(hour)*time.Hour + time.Duration(random.Int64N(int64(time.Hour))))
		})
	}
	retire(b, s, now.Truncate(day))
	const columns = `metric_type, endpoint_path, event_type, aggregated_values, sample_count,
		app, method, page_name, element_id, error_type, latency, users, figures`
	copies := map[string]string{
		store.SQLite: `WITH RECURSIVE ago(d) AS (SELECT 1 UNION ALL SELECT d + 1 FROM ago WHERE d < %d)
			INSERT INTO aggregated_metrics (time_bucket, ` + columns + `)
			SELECT time_bucket - d * 86400000000, ` + columns + ` FROM ago, aggregated_metrics`,
		store.PostgreSQL: `INSERT INTO aggregated_metrics (time_bucket, ` + columns + `)
			SELECT time_bucket - make_interval(days => d), ` + columns + ` FROM generate_series(1, %d) d, aggregated_metrics`,
	}
	db := storetest.DB(b, url)
	// PostgreSQL does by itself what else is here, within minutes.
	settle := map[string]string{store.SQLite: `ANALYZE`, store.PostgreSQL: `VACUUM ANALYZE`}[s.Engine()]
	execute := func(statement string) {
		if _, err := db.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	execute(fmt.Sprintf(copies[s.Engine()], benchDays))
	execute(settle)
	began := time.Now()
	retire(b, s, now.Truncate(day))
	took := time.Since(began).Round(time.Millisecond)
	execute(settle)
	health, err := s.Health(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d rollups, %d MB, next run %s", health.Rollups.Rows, health.SizeBytes>>20, took)
}

func fillRandom(b *testing.B, s *store.Store, random *rand.Rand, requests, events int, at func() time.Time) {
	b.Helper()
	user := func() string {
		if n := random.IntN(benchUsers + benchUsers/10); n < benchUsers {
			return fmt.Sprintf("user-%d@example.org", n)
		}
		return ""
	}
	batch := metric.Batch{}
	for range requests {
		r := request(at(), fmt.Sprintf("/api/things/%d/{id}", random.IntN(benchEndpoints)), 200, math.Exp(random.NormFloat64()+4), user())
		if random.IntN(50) == 0 {
			r.StatusCode, r.ErrorType = 500, metric.ErrorTypeFor(500)
		}
		batch.Requests = append(batch.Requests, r)
	}
	for range events {
		page := fmt.Sprintf("/page/%d", random.IntN(20))
		kind, element := "page_view", ""
		if random.IntN(2) == 0 {
			kind, element = "button_click", fmt.Sprintf("button-%d", random.IntN(5))
		}
		batch.Events = append(batch.Events, event(at(), kind, page, element, user()))
	}
	if _, err := s.Append(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
}

func benchmarkQuestions(b *testing.B, s *store.Store, ranges ...string) {
	e := query.New(query.Options{Store: s, Now: func() time.Time { return now }, Timeout: time.Minute})
	for _, name := range ranges {
		r := named(b, name)
		asked := questions(e, r)
		asked["series, daily"] = func(ctx context.Context) error {
			_, err := e.TimeSeries(ctx, query.TimeSeriesParams{Range: r, MetricType: query.MetricBoth, Interval: query.Daily})
			return err
		}
		asked["performance, one endpoint"] = func(ctx context.Context) error {
			_, err := e.Performance(ctx, query.PerformanceParams{Range: r, Endpoint: "/api/things/7/{id}"})
			return err
		}
		asked["dashboard"] = func(ctx context.Context) error {
			panels, ctx := errgroup.WithContext(ctx)
			for _, name := range []string{"performance", "usage", "series", "errors"} {
				panels.Go(func() error { return asked[name](ctx) })
			}
			return panels.Wait()
		}
		for _, question := range []string{
			"dashboard", "performance", "performance, one endpoint", "usage", "series", "series, daily", "errors", "requests", "events", "count", "status",
		} {
			b.Run(name+"/"+question, func(b *testing.B) {
				for b.Loop() {
					if err := asked[question](b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
