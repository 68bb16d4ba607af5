package threats

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Questions that ask for more than they may are refused before any work.
func TestQuestionsAreBounded(t *testing.T) {
	t.Parallel()
	s := install(t, "sqlite").serve()
	year := "start_time=" + time.Now().AddDate(-1, 0, 0).UTC().Format(time.RFC3339) + "&end_time=" + time.Now().UTC().Format(time.RFC3339)
	for _, question := range []string{
		"/performance?" + year, "/usage?" + year, "/time-series?metric_type=both&" + year, "/requests?" + year,
		"/performance?start_time=0001-01-01T00:00:00Z&end_time=9999-12-31T23:59:59Z",
		"/performance?time_range=1000000h", "/requests?limit=501", "/requests?limit=9223372036854775808", "/requests?min_ms=1e400",
		"/requests?cursor=" + strings.Repeat("A", 4000), "/performance?endpoint=/" + strings.Repeat("x", 10_000),
		"/performance?" + strings.Repeat("endpoint=/x&", 1000), "/performance?" + strings.Repeat("a=b&", 1000),
		"/usage?page_name=" + strings.Repeat("%00", 100), "/performance?app=" + strings.Repeat("x", 60_000),
		"/performance?x=" + strings.Repeat("x", 1<<20),
	} {
		got, err := s.try(http.MethodGet, api+question, nil)
		if err != nil {
			t.Errorf("%.80s: %v", question, err)
		}
		if got.status < 400 || got.status > 499 {
			t.Errorf("%.80s: got %d %.300s", question, got.status, got.body)
		}
		if len(got.body) > 4<<10 {
			t.Errorf("%.80s: a refusal of %d bytes", question, len(got.body))
		}
	}
	s.ask(http.MethodPost, performance, nil).must(t, http.StatusMethodNotAllowed)
}

// However many heavy questions there are, and however long the database takes
// over them, collection goes on: each is answered or refused, and meanwhile
// requests pass and posts are taken.
func TestHeavyQuestionsStallNothing(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		const askers = 24
		s := install(t, engine, "APPMETRICS_LIMITS_QUESTIONS=2", "APPMETRICS_UPSTREAM="+application(t)).serve()
		s.plant()
		release := func() {}
		if engine == store.PostgreSQL { // no reader of SQLite is ever held up
			release = s.holdReads()
		}
		var all sync.WaitGroup
		statuses := make([]answer, askers)
		for i := range statuses {
			all.Go(func() {
				var err error
				statuses[i], err = s.try(http.MethodGet, api+"/time-series?metric_type=both&time_range=90d", nil)
				if err != nil {
					t.Error(err)
				}
			})
		}
		for range 10 {
			s.ask(http.MethodGet, "/beside", nil).must(t, http.StatusOK)
			s.post(usageEvents, event("page_name", "/beside")).must(t, http.StatusAccepted)
			s.ask(http.MethodGet, "/internal/appmetrics/health", nil).must(t, http.StatusOK)
		}
		all.Wait()
		for _, got := range statuses {
			refused := got.status == http.StatusServiceUnavailable && got.header.Get("Retry-After") != ""
			if !refused && (got.status != http.StatusOK || engine == store.PostgreSQL) {
				t.Errorf("got %d %.200s", got.status, got.body)
			}
		}
		release()
		for deadline := time.Now().Add(patience); ; <-time.After(again) {
			if got := s.ask(http.MethodGet, performance, nil); got.status == http.StatusOK {
				break
			} else if time.Now().After(deadline) {
				t.Fatalf("still %d %s", got.status, got.body)
			}
		}
		s.stop()
		if got := s.column("SELECT count(*) FROM usage_events WHERE page_name = '/beside'"); got[0] != "10" {
			t.Errorf("%s of 10 events are stored", got[0])
		}
	})
}

// holdReads keeps everybody from the tables with the metrics until release is
// called.
func (s *site) holdReads() (release func()) {
	s.t.Helper()
	tx, err := storetest.DB(s.t, s.database).Begin()
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := tx.Exec(`LOCK TABLE performance_metrics, usage_events, aggregated_metrics IN ACCESS EXCLUSIVE MODE`); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			s.t.Fatal(err)
		}
	}
}
