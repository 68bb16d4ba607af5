package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// past is one history: what happened to one app in a world.
type past struct {
	*world
	store   *store.Store // of the machine whose clock is right
	oracle  oracle
	spools  []*spool
	posted  []*post // with ids, and stored
	changed bool    // whether the database did since the last check
	turn    int     // of the cuts that are checked next
}

func newPast(w *world) (*past, error) {
	if err := w.begin(); err != nil {
		return nil, err
	}
	h := &past{world: w, store: w.machines[0].store, oracle: oracle{app: fmt.Sprint("history-", w.histories)}}
	for i := range 2 {
		h.spools = append(h.spools, newSpool(w.machines[1+i]))
		if err := h.touch(h.spools[i]); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// steps are what can happen.
func (h *past) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"insert":                h.insert,
		"post":                  h.post,
		"post again":            h.postAgain,
		"replay":                h.replay,
		"replay a copy":         h.replayCopy,
		"restart a spool":       h.restart,
		"run":                   h.run,
		"emergency":             h.emergency,
		"run eight at once":     h.runEight,
		"insert a rollup":       h.insertRollup,
		"delete rollups":        h.deleteRollups,
		"exchange rollups":      h.exchangeRollups,
		"let time pass":         h.pass,
		"let more time pass":    h.pass,
		"run while writing":     h.runWhileWriting,
		"run while being asked": h.runWhileAsked,
		"":                      h.check,
	}
}

func (h *past) drawMachine(t *rapid.T) machine {
	return rapid.SampledFrom(h.machines).Draw(t, "machine")
}

var oneInTen = []bool{false, false, false, false, false, false, false, false, false, true}

// drawAt returns when a sample says that it was.
type drawAt func(t *rapid.T) time.Time

// drawPosted is of a sample that is posted: one in ten comes late.
func (h *past) drawPosted(t *rapid.T) time.Time {
	if rapid.SampledFrom(oneInTen).Draw(t, "late") {
		return h.drawLate(t)
	}
	h.saw.add("timely samples")
	hours := rapid.OneOf(rapid.SampledFrom([]int{0, 1, 2, 24}), rapid.IntRange(0, 7*24-1)).Draw(t, "hours ago")
	wrong := rapid.SampledFrom([]time.Duration{0, skew, -skew}).Draw(t, "skew")
	return h.now.Add(wrong).Truncate(time.Hour).Add(drawMoment(t) - time.Duration(hours)*time.Hour)
}

// drawLate is in an hour that is retired or about to be: most often where
// retentions and hours begin, or where there is something already.
func (h *past) drawLate(t *rapid.T) time.Time {
	h.saw.add("late samples")
	if old := h.old(); len(old) > 0 && rapid.Bool().Draw(t, "where others are") {
		at := rapid.SampledFrom(old).Draw(t, "other").Truncate(time.Hour)
		return at.Add(drawMoment(t))
	}
	hours := rapid.OneOf(
		rapid.SampledFrom([]int{7 * 24, 7*24 + 1, 8 * 24, 8*24 + 3, 8*24 + 9, 30 * 24, 90*24 - 1, 90 * 24, 90*24 + 1}),
		rapid.IntRange(7*24, 100*24),
	).Draw(t, "hours ago")
	return h.now.Truncate(time.Hour).Add(drawMoment(t) - time.Duration(hours)*time.Hour)
}

// old lists the times of requests whose hour may be retired.
func (h *past) old() []time.Time {
	var times []time.Time
	for i := range h.oracle.requests {
		if at := h.oracle.requests[i].Timestamp; h.now.Sub(at) > metric.RawRetention {
			times = append(times, at)
		}
	}
	return times
}

func drawMoment(t *rapid.T) time.Duration {
	return rapid.SampledFrom([]time.Duration{0, time.Microsecond, 34 * time.Minute, time.Hour - time.Microsecond}).Draw(t, "into the hour")
}

func (h *past) drawBatch(t *rapid.T, at drawAt) metric.Batch {
	user := rapid.SampledFrom([]string{"", "ann", "bob", "cat"})
	b := metric.Batch{}
	for range rapid.IntRange(0, 4).Draw(t, "requests") {
		r := request(at(t), rapid.SampledFrom([]string{"/", "/a/{id}"}).Draw(t, "endpoint"),
			rapid.SampledFrom([]int{200, 404, 500}).Draw(t, "status"),
			rapid.OneOf(rapid.SampledFrom([]float64{0, 1e-6, 12.5, 1e9}), rapid.Float64Range(0.1, 1000)).Draw(t, "ms"), user.Draw(t, "user"))
		r.App = h.oracle.app
		b.Requests = append(b.Requests, r)
	}
	for range rapid.IntRange(0, 4).Draw(t, "events") {
		e := event(at(t), rapid.SampledFrom([]string{"page_view", "form_submit"}).Draw(t, "type"),
			rapid.SampledFrom([]string{"", "/a"}).Draw(t, "page"), user.Draw(t, "user"))
		e.App, e.Success = h.oracle.app, rapid.Bool().Draw(t, "success")
		b.Events = append(b.Events, e)
	}
	return b
}

// insert is another program's, which makes up for what was missing.
func (h *past) insert(t *rapid.T) {
	b := h.drawBatch(t, h.drawLate)
	if _, err := h.drawMachine(t).store.Append(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	h.oracle.add(b)
	h.changed = true
}

// statements is about how many there are in a run of a history.
const statements = 80

func drawMaxRows(t *rapid.T) int64 {
	return rapid.SampledFrom([]int64{0, 1, 3}).Draw(t, "rows a transaction")
}

// aggregator is one run that is about to begin.
type aggregator struct {
	machine    machine
	maxRows    int64
	thresholds aggregate.Thresholds
	faults     *faults
}

func (h *past) drawAggregator(t *rapid.T) aggregator {
	return aggregator{machine: h.drawMachine(t), maxRows: drawMaxRows(t), faults: h.drawFaults(t, statements)}
}

// aggregate returns an error unless the run ended as its faults say.
func (h *past) aggregate(ctx context.Context, a aggregator) error {
	options := aggregate.Options{
		Store: a.machine.store, Now: func() time.Time { return h.clock(a.machine) },
		Thresholds: a.thresholds, MaxRows: a.maxRows,
	}
	job := aggregate.New(options)
	ctx = a.faults.in(ctx)
	report, err := job.Run(ctx, false)
	if errors.Is(err, aggregate.ErrClockAhead) { // who believes the clock runs it again
		job = aggregate.New(options)
		report, err = job.Run(ctx, false)
	}
	h.count(report, err)
	if err == nil || errors.Is(err, aggregate.ErrClockAhead) || expected(err) || errors.Is(err, aggregate.ErrGrowthGuard) {
		return nil
	}
	return err
}

func (h *past) count(report aggregate.Report, err error) {
	h.saw.add("runs")
	switch {
	case report.Skipped:
		h.saw.add("runs that another one kept from it")
	case err != nil:
		h.saw.add("runs that did not end")
	}
	for _, retired := range []*store.RetireReport{&report.Retired, report.Emergency} {
		if retired != nil {
			h.saw.plus("rows rolled up", retired.RequestsRolled+retired.EventsRolled)
			h.saw.plus("rows and rollups expired", retired.RequestsExpired+retired.EventsExpired+retired.RollupsExpired)
			h.saw.plus("days summed up", int64(retired.DaysSummed))
		}
	}
}

func (h *past) run(t *rapid.T) {
	h.changed = true
	if err := h.aggregate(context.Background(), h.drawAggregator(t)); err != nil {
		t.Fatal(err)
	}
}

// emergency makes the growth guard fire at any size.
func (h *past) emergency(t *rapid.T) {
	h.changed = true
	a := h.drawAggregator(t)
	a.thresholds = aggregate.Thresholds{WarnRows: -1, LimitRows: -1, RowsADay: -1 << 40}
	if err := h.aggregate(context.Background(), a); err != nil {
		t.Fatal(err)
	}
}

// beside runs a number of aggregators and something else at once.
func (h *past) beside(t *rapid.T, number int, others ...func(context.Context) error) {
	h.changed = true
	running, ctx := errgroup.WithContext(context.Background())
	for range number {
		a := h.drawAggregator(t)
		running.Go(func() error { return h.aggregate(ctx, a) })
	}
	for _, other := range others {
		running.Go(func() error { return other(ctx) })
	}
	if err := running.Wait(); err != nil {
		t.Fatal(err)
	}
}

// runWhileAsked: aggregation never shows.
func (h *past) runWhileAsked(t *rapid.T) {
	h.turn++
	h.beside(t, 2, func(ctx context.Context) error { return h.oracle.checkCuts(ctx, h.store, h.kept(), inTurn(h.turn)) })
}

func (h *past) runWhileWriting(t *rapid.T) {
	b, m := h.drawBatch(t, h.drawLate), h.drawMachine(t)
	h.beside(t, 1, func(ctx context.Context) error {
		_, err := m.store.Append(ctx, b)
		return err
	})
	h.oracle.add(b)
}

// runEight is eight aggregators, two replays and a copy of one of them.
func (h *past) runEight(t *rapid.T) {
	var deliveries []*delivery
	var others []func(context.Context) error
	for _, s := range h.spools {
		if d := h.drawDelivery(t, s); d != nil {
			deliveries, others = append(deliveries, d), append(others, d.run)
			if rapid.Bool().Draw(t, "of a copy too") {
				others = append(others, h.copied(t, d).run)
			}
		}
	}
	h.beside(t, 8, others...)
	for _, d := range deliveries {
		h.delivered(d)
	}
}

func (h *past) pass(t *rapid.T) {
	h.now = h.now.Add(rapid.SampledFrom([]time.Duration{
		time.Minute, 20 * time.Hour, day, 6 * day, 8 * day, 8 * day, 30 * day,
	}).Draw(t, "passes"))
	for _, s := range h.spools {
		if h.now.Sub(s.touched) > sleep {
			if err := h.touch(s); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// kept is the range that no machine deletes anything of: the clock of one is
// ahead.
func (h *past) kept() metric.Range {
	return metric.Range{Start: h.now.Add(skew - metric.Retention).Truncate(time.Hour), End: h.now.Add(2 * skew).Truncate(time.Hour)}
}

func (h *past) check(t *rapid.T) {
	if !h.changed {
		return
	}
	h.turn++
	if err := h.oracle.checkCuts(context.Background(), h.store, h.kept(), inTurn(h.turn)); err != nil {
		t.Fatal(err)
	}
	h.changed = false
}
