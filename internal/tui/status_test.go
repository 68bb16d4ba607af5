package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// steady is a source whose status does not depend on the time of the test, nor
// on how large the database of today's schema is.
type steady struct {
	query.Source
	change func(*query.Status)
}

func (x steady) Status(ctx context.Context) (*query.Status, error) {
	answer, err := x.Source.Status(ctx)
	if err != nil {
		return nil, err
	}
	p := new(*answer)
	p.Apps = slices.Clone(p.Apps)
	p.CompleteUpTo, p.SchemaVersion, p.DatabaseBytes = noon.Add(-2*time.Second), 1, 12_582_912
	if p.Tables.AggregatedMetrics.Rows > 0 {
		p.SizeGuard.Rows += 1000 - p.Tables.AggregatedMetrics.Rows
		p.Tables.AggregatedMetrics.Rows = 1000
	}
	if x.change != nil {
		x.change(p)
	}
	return p, nil
}

// steadily makes the status of a dashboard steady, and changes it.
func steadily(change func(*query.Status)) func(*Options) {
	return func(o *Options) {
		open := o.Open
		o.Open = func(ctx context.Context) (query.Source, func() error, error) {
			source, closeSource, err := open(ctx)
			return steady{source, change}, closeSource, err
		}
	}
}

// server is the status of a process that collects and is in order.
func server(p *query.Status) {
	p.Queue = query.Queue{Depth: 312, Capacity: 100_000, OldestUnsent: noon.Add(-400 * time.Millisecond), Written: 1_482_377, Retries: 2}
	p.Aggregation = query.Aggregation{LastRun: time.Date(2026, 3, 10, 2, 0, 4, 0, time.UTC), Outcome: "done", LagSeconds: 37_000}
}

// incident is the status of a process whose database is away.
func incident(p *query.Status) {
	server(p)
	p.CompleteUpTo = noon.Add(-17 * time.Minute)
	p.Queue = query.Queue{
		Depth: 96_410, Capacity: 100_000, OldestUnsent: p.CompleteUpTo, Written: 1_482_377, Retries: 41,
		LastError: "append batch: database unavailable: dial tcp\x1b[2J 10.0.0.7:5432: connect: connection refused",
	}
	p.Dropped, p.Rejected, p.Late = 1204, 3, 17
	p.Aggregation.Outcome, p.Aggregation.LagSeconds = "failed", 200_000
	p.SizeGuard.Rows = 1_204_551
	p.Apps = append(p.Apps, "\u202eevil")
}

func TestStatus(t *testing.T) {
	t.Parallel()
	states := []struct {
		name, state string
		change      func(*query.Status)
	}{
		{filled, filled, server}, {"incident", filled, incident}, {"database", filled, nil},
		{empty, empty, nil}, {slow, slow, nil}, {broken, broken, nil},
	}
	for _, state := range states {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s_%dx%d", state.name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				d := drive(t, state.state, size[0], size[1], steadily(state.change))
				d.send(keyOf("6"))
				golden(t, "status", state.name, d)
			})
		}
	}
}

func TestStatusHasColours(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24, steadily(incident), func(o *Options) { o.Look.Profile = termenv.TrueColor })
	d.send(keyOf("6"))
	coloured(t, "status", "incident", d)
}

// TestStatusJudges goes through what is not in order, one thing at a time.
func TestStatusJudges(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*query.Status)
		want   string // the verdict
		advice string
	}{
		"in order":     {func(*query.Status) {}, "Everything is in order", ""},
		"old in queue": {func(p *query.Status) { p.Queue.OldestUnsent = noon.Add(-61 * time.Second) }, "1 thing needs attention: complete up to", "waits in the queue"},
		"queue fills":  {func(p *query.Status) { p.Queue.Depth = 50_001 }, "1 thing needs attention: queue", "It fills up"},
		"queue full":   {func(p *query.Status) { p.Queue.Depth = 100_000 }, "1 thing needs attention: queue", "It is full"},
		"write failed": {func(p *query.Status) { p.Queue.LastError = "no" }, "1 thing needs attention: last error", "can be reached"},
		"dropped":      {func(p *query.Status) { p.Dropped = 1 }, "1 thing needs attention: dropped", "queue.capacity"},
		"rejected":     {func(p *query.Status) { p.Rejected = 1 }, "1 thing needs attention: rejected", "the log says"},
		"late":         {func(p *query.Status) { p.Late = 1 }, "1 thing needs attention: late", "clocks"},
		"run failed":   {func(p *query.Status) { p.Aggregation.Outcome = "failed" }, "1 thing needs attention: last run", "read what it says"},
		"guard fired":  {func(p *query.Status) { p.Aggregation.Outcome = "growth guard" }, "1 thing needs attention: last run", "growth guard"},
		"never ran":    {func(p *query.Status) { p.Aggregation = query.Aggregation{LagSeconds: 60} }, "1 thing needs attention: last run", "why the scheduler does not"},
		"overdue":      {func(p *query.Status) { p.Aggregation.LagSeconds = 26*3600 + 1 }, "1 thing needs attention: lag", "why the scheduler does not"},
		"daily lag":    {func(p *query.Status) { p.Aggregation.LagSeconds = 23 * 3600 }, "Everything is in order", ""},
		"size warning": {func(p *query.Status) { p.SizeGuard.Rows = 800_001 }, "1 thing needs attention: size guard", "every day"},
		"size alert":   {func(p *query.Status) { p.SizeGuard.Rows = 1_000_001 }, "1 thing needs attention: size guard", "aggregate.alert_rows"},
		"two things":   {func(p *query.Status) { p.Late, p.Dropped = 1, 1 }, "2 things need attention: dropped, late", "clocks"},
		"an incident":  {incident, "9 things need attention: complete up to, last run, lag, queue, last error, dropped, rejected, late, size guard", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, filled, 200, 60, steadily(func(p *query.Status) { server(p); test.change(p) }))
			d.send(keyOf("6"))
			shown := ansi.Strip(d.View())
			if !strings.Contains(shown, test.want) || !strings.Contains(shown, test.advice) {
				t.Errorf("no %q and %q in\n%s", test.want, test.advice, shown)
			}
			copied := d.screen().sheet(&d.shared).Selected
			if !strings.HasPrefix(copied, test.want) {
				t.Errorf("copies %q", copied)
			}
		})
	}
}

func TestStatusScrolls(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24, steadily(incident))
	d.press("6")
	first := d.View()
	if strings.Contains(first, "Apps") {
		t.Fatalf("everything fits:\n%s", first)
	}
	d.press("G")
	if !strings.Contains(d.View(), "Apps") {
		t.Errorf("G does not show the end:\n%s", d.View())
	}
	d.press("pgup", "k", "j", "up", "g")
	if got := d.View(); got != first {
		t.Errorf("g shows\n%s\nwant\n%s", got, first)
	}
}

func TestGauge(t *testing.T) {
	t.Parallel()
	guard := []threshold{{80, look.Warn}, {100, look.Bad}}
	tests := []struct {
		gauge gauge
		plain bool
		width int
		want  string
	}{
		{gauge{value: 50, full: 100}, false, 10, "█████░░░░░"},
		{gauge{value: 0, full: 100, marks: guard}, false, 10, "░░░░░░░┃░┃"},
		{gauge{value: 1, full: 1000}, false, 10, "▏░░░░░░░░░"},
		{gauge{value: 2000, full: 1000, marks: guard}, true, 10, "|#########"},
		{gauge{value: 30, full: 100, marks: guard}, true, 10, "###....|.|"},
		{gauge{}, false, 3, "░░░"},
		{gauge{value: 1, full: 1, marks: guard}, false, 1, "┃"},
		{gauge{value: 1, full: 1}, false, 0, ""},
	}
	for _, test := range tests {
		got := test.gauge.draw(look.New(look.Options{Plain: test.plain}), inOrder, test.width)
		if got := ansi.Strip(got); got != test.want {
			t.Errorf("%+v in %d cells: %q, want %q", test.gauge, test.width, got, test.want)
		}
	}
}

func TestSeen(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("JST", 9*3600)
	tests := []struct {
		at   time.Time
		zone *time.Location
		want string
	}{
		{time.Time{}, time.UTC, text.None},
		{noon, time.UTC, "just now"},
		{noon.Add(time.Second), time.UTC, "just now"},
		{noon.Add(time.Hour), time.UTC, "13:34"},
		{noon.Add(-59 * time.Second), time.UTC, "59 s ago"},
		{noon.Add(-59 * time.Minute), time.UTC, "59 min ago"},
		{noon.Add(-12 * time.Hour), time.UTC, "12 h ago"},
		{noon.Add(-13 * time.Hour), time.UTC, "Mar  9 23:34"},
		{noon.Add(-13 * time.Hour), tokyo, "13 h ago"},
		{noon.Add(-400 * 24 * time.Hour), time.UTC, "2025-02-03"},
		{noon.Add(400 * 24 * time.Hour), time.UTC, "2027-04-14"},
	}
	for _, test := range tests {
		s := shared{now: func() time.Time { return noon }, scope: scope{zone: test.zone}}
		if got := s.seen(test.at); got != test.want {
			t.Errorf("%s: %q, want %q", test.at, got, test.want)
		}
	}
}

// TestStatusIsExportedWhole finds every field of the API's answer in the
// export, as it came.
func TestStatusIsExportedWhole(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24, steadily(incident))
	d.press("6")
	got := map[string]any{}
	for _, row := range d.screen().sheet(&d.shared).Rows {
		got[row[0].(string)] = row[1]
	}
	for field, want := range map[string]any{
		"engine": "sqlite", "schema_version": int64(1), "database_bytes": int64(12_582_912), "dropped": int64(1204),
		"rejected": int64(3), "late": int64(17), "complete_up_to": noon.Add(-17 * time.Minute), "queue.depth": int64(96_410),
		"queue.capacity": int64(100_000), "queue.oldest_unsent": noon.Add(-17 * time.Minute), "queue.written": int64(1_482_377),
		"queue.retries": int64(41), "queue.last_error": "append batch: database unavailable: dial tcp\x1b[2J 10.0.0.7:5432: connect: connection refused",
		"aggregation.last_run": time.Date(2026, 3, 10, 2, 0, 4, 0, time.UTC), "aggregation.outcome": "failed", "aggregation.lag_seconds": 200_000.0,
		"size_guard.rows": int64(1_204_551), "size_guard.warn": int64(800_000), "size_guard.limit": int64(1_000_000),
		"tables.usage_events.rows": int64(4482),
	} {
		if got[field] != want {
			t.Errorf("%s is %v, want %v", field, got[field], want)
		}
	}
}
