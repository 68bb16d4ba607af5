package threats

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// Posts may be of any hour that is accepted, and whoever goes around many of them,
// again and again, finds each as full as it was: of pages, of elements and of
// endpoints it keeps the first 1,000 apart, and not one sample is lost.
func TestHoursStayBoundedHoweverTheyArePosted(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]postings{
		"pages": {
			path: usageEvents, list: "events", table: "usage_events", column: "page_name", reach: metric.RawRetention,
			sample: func(r *rand.Rand) string { return members("event_type", "page_view", "page_name", randomPath(r)) },
		},
		"elements": {
			path: usageEvents, list: "events", table: "usage_events", column: "element_id", reach: metric.RawRetention,
			sample: func(r *rand.Rand) string {
				return members("event_type", "button_click", "page_name", "/orders", "element_id", randomPath(r))
			},
		},
		"endpoints": {
			path: requests, list: "requests", table: "performance_metrics", column: "endpoint", reach: metric.Retention,
			sample: func(r *rand.Rand) string {
				return members("endpoint", randomPath(r), "method", "GET", "status_code", 200, "response_time_ms", 1)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachEngine(t, func(t *testing.T, engine string) { p.goAround(t, engine, manyNames[engine]) })
		})
	}
}

// postings are samples with random names, and where they are stored.
type postings struct {
	path, list    string
	table, column string
	reach         time.Duration // how old they may be
	sample        func(*rand.Rand) string
}

// goAround posts n samples, each of another hour than the one before.
func (p *postings) goAround(t *testing.T, engine string, n int) {
	t.Helper()
	const (
		hours   = 30
		most    = 96 << 20 // of growth, and the race detector doubles it
		perHour = 1000
	)
	s := install(t, engine).serve()
	random := rand.New(rand.NewPCG(3, 0))
	newest := time.Now().UTC().Truncate(time.Hour).Add(-time.Hour) // the posts themselves are of later ones
	posted := map[string]int{}
	var before int64
	for i := 0; i < n; {
		samples := make([]string, min(n-i, metric.MaxBatch))
		for j := range samples {
			at := newest.Add(-time.Duration(i%hours) * (p.reach / hours))
			samples[j] = fmt.Sprintf(`{"timestamp":%q%s}`, at.Format(time.RFC3339), p.sample(random))
			posted[fmt.Sprint(at.Unix()/3600)]++
			i++
		}
		s.post(p.path, fmt.Sprintf(`{%q:[%s]}`, p.list, strings.Join(samples, ","))).must(t, http.StatusAccepted)
		if before == 0 && i >= n/2 {
			before, _ = s.memory()
		}
	}
	after, _ := s.memory()
	t.Logf("%s: %d posted; memory %d MiB after half, %d MiB after all", engine, n, before>>20, after>>20)
	if after-before > most {
		t.Errorf("the program grew from %d to %d MiB in the second half", before>>20, after>>20)
	}
	s.ask(http.MethodGet, api+"/usage?time_range=7d", nil).must(t, http.StatusOK)
	s.stop()

	rows := s.column(fmt.Sprintf(`SELECT %[1]s || ' ' || COUNT(*) || ' ' || COUNT(DISTINCT NULLIF(%[2]s, '%[3]s')) FROM %[4]s WHERE %[1]s <= %[5]d GROUP BY %[1]s`,
		hourIn[engine], p.column, metric.OtherEndpoint, p.table, newest.Unix()/3600))
	for _, row := range rows {
		hour, counts, _ := strings.Cut(row, " ")
		if want := fmt.Sprint(posted[hour], perHour); counts != want {
			t.Errorf("hour %s has samples and names %s, want %s", hour, counts, want)
		}
	}
	if len(rows) != hours {
		t.Errorf("samples of %d hours, want %d", len(rows), hours)
	}
}

// hourIn is the hour of a row, since 1970.
var hourIn = map[string]string{
	store.SQLite:     `(timestamp / 3600000000)`, // microseconds
	store.PostgreSQL: `CAST(FLOOR(EXTRACT(EPOCH FROM timestamp) / 3600) AS BIGINT)`,
}
