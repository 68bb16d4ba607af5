package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// coarseQuestions are answered from coarse rollups over whole days, each grain
// of each kind at least once.
var coarseQuestions = map[string]store.Question{
	"in total":       {},
	"by day":         {By: store.ByDay | store.ByApp},
	"by hour":        {By: store.ByHour | store.ByApp},
	"by key":         daily,
	"of the product": {App: metric.SelfApp, By: store.ByEndpoint},
	"of an endpoint": {Endpoint: "/orders", Method: "GET", By: store.ByErrorType},
	"of a page":      {EventType: "page_view", PageName: "/orders"},
}

// TestCoarseRollupsAnswer asks about days of which nothing but the coarse
// rollups can be read, and then about days that other programs changed.
func TestCoarseRollupsAnswer(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, url := storetest.OpenURL(t, engine, atNow)
			b := history()
			appendAll(t, s, b)
			// 28 to 7 days ago, but for the day that is retired in part.
			if report := retire(t, s, store.RetireRequest{}); report.DaysSummed != 21 {
				t.Errorf("summed %d days, want 21", report.DaysSummed)
			}
			if report := retire(t, s, store.RetireRequest{}); report.DaysSummed != 0 {
				t.Errorf("summed %d days again, want none", report.DaysSummed)
			}
			check := func(what string, b metric.Batch) {
				t.Helper()
				for name, q := range coarseQuestions {
					q.Kinds = []metric.Kind{metric.KindPerformance, metric.KindUsage, metric.KindError}
					same(t, what+", "+name, ask(t, s, q), expect(b, q))
				}
			}
			check("summed", b)

			db := storetest.DB(t, url)
			execute := func(statement string) {
				t.Helper()
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			// The sketches and numbers of hours are not read.
			execute(`UPDATE aggregated_metrics SET figures = users, users = NULL, latency = NULL`)
			check("hours unreadable", b)
			// One rollup less in a day makes all of it be answered from hours.
			execute(`DELETE FROM aggregated_metrics`)
			check("hours deleted", since(b, ago(metric.RawRetention).Truncate(time.Hour)))
			if report := retire(t, s, store.RetireRequest{}); report.DaysSummed != 0 {
				t.Errorf("summed %d days, want none: there are no hours", report.DaysSummed)
			}
		})
	}
}

// since leaves of a batch what is not before a time.
func since(b metric.Batch, start time.Time) metric.Batch {
	var later metric.Batch
	for _, r := range b.Requests {
		if !r.Timestamp.Before(start) {
			later.Requests = append(later.Requests, r)
		}
	}
	for _, e := range b.Events {
		if !e.Timestamp.Before(start) {
			later.Events = append(later.Events, e)
		}
	}
	return later
}

// TestDaysAreForgottenInOrder lets two transactions overlap of which either
// changes the rollups of a day: the later one, which cannot know what the
// first one did, has to start again.
func TestDaysAreForgottenInOrder(t *testing.T) {
	t.Parallel()
	for _, isolation := range []sql.IsolationLevel{sql.LevelRepeatableRead, sql.LevelSerializable} {
		for _, before := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, day known %t", isolation, before), func(t *testing.T) {
				t.Parallel()
				s, url := storetest.OpenURL(t, store.PostgreSQL, atNow)
				db := storetest.DB(t, url)
				begin := func() *sql.Tx {
					tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: isolation})
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = tx.Rollback() })
					if _, err := tx.ExecContext(t.Context(), `SELECT count(*) FROM aggregated_metrics`); err != nil {
						t.Fatal(err)
					}
					return tx
				}
				forget := func(tx *sql.Tx) error { return store.ForgetDay(t.Context(), s, tx, now.Truncate(day)) }
				if before {
					tx := begin()
					if err := errors.Join(forget(tx), tx.Commit()); err != nil {
						t.Fatal(err)
					}
				}
				first, second := begin(), begin()
				if err := errors.Join(forget(first), first.Commit()); err != nil {
					t.Fatal(err)
				}
				if err := forget(second); !store.Again(s, err) {
					t.Errorf("got %v, want an error that makes the transaction start again", err)
				}
			})
		}
	}
}

// TestLateRowsOutdateTheirDay: a row that comes late for an hour of a day that
// is summed up is in every answer, also before the day is summed up again.
func TestLateRowsOutdateTheirDay(t *testing.T) {
	t.Parallel()
	ended := errors.New("the process ends")
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var end error
			s := storetest.Open(t, engine, atNow, func(o *store.Options) {
				o.Failpoint = func(_ context.Context, point string) error {
					if point == "coarsen.lock" {
						return end
					}
					return nil
				}
			})
			at := ago(10 * day)
			retireOne := func() (store.RetireReport, error) {
				appendAll(t, s, metric.Batch{Requests: []metric.Request{request(at, "/orders", 200, 1, "ada")}})
				return s.Retire(t.Context(), store.RetireRequest{RawBefore: ago(7 * day)})
			}
			if report, err := retireOne(); err != nil || report.DaysSummed == 0 {
				t.Fatalf("got %+v, %v; want the day summed up", report, err)
			}
			end = ended
			if report, err := retireOne(); !errors.Is(err, ended) || report.RequestsRolled != 1 {
				t.Errorf("got %+v, %v; want an end behind the row", report, err)
			}
			total := ask(t, s, store.Question{Kinds: []metric.Kind{metric.KindPerformance}})
			if len(total) != 1 || total[0].Count != 2 {
				t.Errorf("got %+v, want a count of 2", figuresOf(total))
			}
		})
	}
}
