package aggregate_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Conservation: whatever is inserted when, and however often aggregation runs,
// runs twice at once or is killed, the database answers as if every row ever
// accepted were still there. Run more histories with -rapid.checks.
func TestNothingIsLostOrCountedTwice(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]struct{ engine, isolation string }{
		"sqlite":                    {engine: store.SQLite},
		"postgresql":                {engine: store.PostgreSQL},
		"postgresql read committed": {engine: store.PostgreSQL, isolation: "read committed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kill := &killer{}
			_, url := storetest.OpenURL(t, on.engine)
			db := storetest.DB(t, url)
			s := storetest.OpenAt(t, store.Options{URL: url, Isolation: on.isolation, Failpoint: kill.point})
			var histories atomic.Int64
			rapid.Check(t, func(t *rapid.T) {
				// One app a history keeps the histories of one database apart.
				h := &past{store: s, db: db, kill: kill, now: now, oracle: oracle{app: fmt.Sprintf("history-%d", histories.Add(1))}}
				t.Repeat(map[string]func(*rapid.T){
					"insert":            h.insert,
					"run":               h.run,
					"emergency":         h.emergency,
					"run and be killed": h.runKilled,
					"run twice at once": h.runTwice,
					"run while writing": h.runWhileWriting,
					"insert a rollup":   h.insertRollup,
					"delete rollups":    h.deleteRollups,
					"exchange rollups":  h.exchangeRollups,
					"let time pass":     h.pass,
					"":                  h.check,
				})
			})
		})
	}
}

var errKilled = errors.New("killed")

// killer abandons a writing transaction before its n-th statement.
type killer struct{ left atomic.Int64 }

func (k *killer) point(context.Context, string) error {
	if k.left.Add(-1) == 0 {
		return errKilled
	}
	return nil
}

// past is one history.
type past struct {
	store  *store.Store
	db     *sql.DB // as another program
	kill   *killer
	now    time.Time
	oracle oracle
}

func (h *past) job(thresholds aggregate.Thresholds, maxRows int64) *aggregate.Job {
	return aggregate.New(aggregate.Options{Store: h.store, Now: func() time.Time { return h.now }, Thresholds: thresholds, MaxRows: maxRows})
}

// drawAt returns a time in the last 100 days, most often where retentions and
// hours begin.
func (h *past) drawAt(t *rapid.T) time.Time {
	hours := rapid.OneOf(
		rapid.SampledFrom([]int{0, 1, 2, 7 * 24, 7*24 + 1, 8 * 24, 8*24 + 3, 8*24 + 9, 30 * 24, 90*24 - 1, 90 * 24, 90*24 + 1}),
		rapid.IntRange(0, 100*24),
	).Draw(t, "hours ago")
	into := rapid.SampledFrom([]time.Duration{0, time.Microsecond, 34 * time.Minute, time.Hour - time.Microsecond}).Draw(t, "into the hour")
	return h.now.Truncate(time.Hour).Add(-time.Duration(hours)*time.Hour + into)
}

func (h *past) drawBatch(t *rapid.T) metric.Batch {
	user := rapid.SampledFrom([]string{"", "ann", "bob", "cat"})
	b := metric.Batch{}
	for range rapid.IntRange(0, 4).Draw(t, "requests") {
		r := request(h.drawAt(t), rapid.SampledFrom([]string{"/", "/a/{id}"}).Draw(t, "endpoint"),
			rapid.SampledFrom([]int{200, 404, 500}).Draw(t, "status"),
			rapid.OneOf(rapid.SampledFrom([]float64{0, 1e-6, 12.5, 1e9}), rapid.Float64Range(0.1, 1000)).Draw(t, "ms"), user.Draw(t, "user"))
		r.App = h.oracle.app
		b.Requests = append(b.Requests, r)
	}
	for range rapid.IntRange(0, 4).Draw(t, "events") {
		e := event(h.drawAt(t), rapid.SampledFrom([]string{"page_view", "form_submit"}).Draw(t, "type"),
			rapid.SampledFrom([]string{"", "/a"}).Draw(t, "page"), user.Draw(t, "user"))
		e.App, e.Success = h.oracle.app, rapid.Bool().Draw(t, "success")
		b.Events = append(b.Events, e)
	}
	return b
}

func (h *past) insert(t *rapid.T) {
	b := h.drawBatch(t)
	if _, err := h.store.Append(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	h.oracle.add(b)
}

func drawMaxRows(t *rapid.T) int64 {
	return rapid.SampledFrom([]int64{0, 1, 3}).Draw(t, "rows a transaction")
}

func (h *past) run(t *rapid.T) {
	if _, err := h.job(aggregate.Thresholds{}, drawMaxRows(t)).Run(context.Background(), false); err != nil {
		t.Fatal(err)
	}
}

// emergency makes the growth guard fire at any size.
func (h *past) emergency(t *rapid.T) {
	always := aggregate.Thresholds{WarnRows: -1, LimitRows: -1, RowsADay: -1 << 40}
	_, err := h.job(always, drawMaxRows(t)).Run(context.Background(), false)
	if err != nil && !errors.Is(err, aggregate.ErrGrowthGuard) {
		t.Fatal(err)
	}
}

func (h *past) runKilled(t *rapid.T) {
	h.kill.left.Store(int64(rapid.IntRange(1, 80).Draw(t, "statement")))
	_, err := h.job(aggregate.Thresholds{}, drawMaxRows(t)).Run(context.Background(), false)
	h.kill.left.Store(0)
	if err != nil && !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
}

// runTwice also asks meanwhile: aggregation never shows.
func (h *past) runTwice(t *rapid.T) {
	maxRows := drawMaxRows(t)
	running, both := errgroup.WithContext(context.Background())
	for range 2 {
		running.Go(func() error {
			_, err := h.job(aggregate.Thresholds{}, maxRows).Run(both, false)
			return err
		})
	}
	running.Go(func() error { return h.oracle.check(both, h.store, h.now) })
	if err := running.Wait(); err != nil {
		t.Fatal(err)
	}
}

func (h *past) runWhileWriting(t *rapid.T) {
	b := h.drawBatch(t)
	running, all := errgroup.WithContext(context.Background())
	running.Go(func() error {
		_, err := h.job(aggregate.Thresholds{}, 0).Run(all, false)
		return err
	})
	running.Go(func() error {
		_, err := h.store.Append(all, b)
		return err
	})
	if err := running.Wait(); err != nil {
		t.Fatal(err)
	}
	h.oracle.add(b)
}

func (h *past) pass(t *rapid.T) {
	h.now = h.now.Add(time.Duration(rapid.SampledFrom([]int{1, 20, 60, 24 * 60, 6 * 24 * 60}).Draw(t, "minutes")) * time.Minute)
}

func (h *past) check(t *rapid.T) {
	if err := h.oracle.check(context.Background(), h.store, h.now); err != nil {
		t.Fatal(err)
	}
}
