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
	"github.com/appmetrics/appmetrics/internal/store"
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

// spooled is the status of a process whose samples pass a disk, on Databricks.
func spooled(p *query.Status) {
	server(p)
	p.Queue.Depth = 0
	p.Accepted = 45_210
	p.Spool = &query.Spool{
		Bytes: 45_056, CapacityBytes: 1 << 30, Samples: 312, Records: 1, Segments: 1,
		Oldest: noon.Add(-400 * time.Millisecond), Spooled: 1_482_689, Replayed: 1_482_377, TornBytes: 17,
	}
	p.DroppedBy = map[string]int64{"queue_full": 0, "refused": 0, "stopped": 0}
	p.RejectedBy = map[string]int64{"invalid": 0, "away": 0}
	p.AdminCache = &query.AdminCache{Entries: 41, Hits: 15_210, Calls: 212, Unanswered: 3}
}

// outage is the status of such a process whose database is away, and whose
// disk has had its troubles.
func outage(p *query.Status) {
	spooled(p)
	p.DatabaseAwaySince, p.AsOf = noon.Add(-31*time.Minute), noon.Add(-32*time.Minute)
	p.CompleteUpTo = p.DatabaseAwaySince
	p.Queue.LastError, p.Queue.Retries = "append batch: database unavailable: connection refused", 9
	p.Spool.Samples, p.Spool.Bytes, p.Spool.Oldest = 3_600_000, 1_009_000_000, p.DatabaseAwaySince
	p.Queue.OldestUnsent = p.Spool.Oldest
	p.Spool.Quarantined, p.Spool.QuarantinedBytes = 2, 4_096
	p.Spool.LastError, p.Spool.WriteErrors = "write segment: no space left on device\x1b[2J", 1
	p.Rejected, p.RejectedBy = 1207, map[string]int64{"invalid": 3, "spool_full": 1_200, "dis\x1bk": 4}
	p.Duplicates = 1
}

// awaited is the status of a process that started while the database was away.
func awaited(p *query.Status) {
	spooled(p)
	p.DatabaseAwaySince = noon.Add(-31 * time.Minute)
	p.CompleteUpTo = p.DatabaseAwaySince
	p.Tables, p.Aggregation, p.SizeGuard.Rows = query.Tables{}, query.Aggregation{}, 0
	p.SchemaVersion, p.DatabaseBytes, p.Apps = 0, 0, []string{}
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
	p.DroppedBy = map[string]int64{"queue_full": 1_200, "refused": 4, "stopped": 0}
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
		{"spooled", filled, spooled}, {"outage", filled, outage}, {"awaited", filled, awaited},
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
		"old in queue": {func(p *query.Status) { p.Queue.OldestUnsent = noon.Add(-61 * time.Second) }, "1 thing needs attention: complete up to", "waits to be stored"},
		"queue fills":  {func(p *query.Status) { p.Queue.Depth = 80_001 }, "1 thing needs attention: queue", "It fills up"},
		"queue full":   {func(p *query.Status) { p.Queue.Depth = 100_000 }, "1 thing needs attention: queue", "It is full"},
		"write failed": {func(p *query.Status) { p.Queue.LastError = "no" }, "1 thing needs attention: last error", "can be reached"},
		"away":         {func(p *query.Status) { p.DatabaseAwaySince = noon.Add(-time.Hour) }, "1 thing needs attention: database", "away since 11:34:56; 312 samples wait in memory"},
		"away, as of":  {func(p *query.Status) { p.DatabaseAwaySince, p.AsOf = noon, noon.Add(-time.Hour) }, "1 thing needs attention: database", "those of 11:34:56"},
		"on disk":      {func(p *query.Status) { spooled(p); p.DatabaseAwaySince = noon }, "1 thing needs attention: database", "312 samples wait on disk"},
		"on both":      {func(p *query.Status) { spooled(p); p.DatabaseAwaySince, p.Queue.Depth = noon, 5 }, "1 thing needs attention: database", "317 samples wait (5 in memory)"},
		"its disk": {func(p *query.Status) {
			p.DatabaseAwaySince, p.Queue.LastError = noon, "append batch: "+store.ErrFull.Error()+": (13)"
		}, "1 thing needs attention: database", "Make room on the disk of the database"},
		"spool waits":  {func(p *query.Status) { spooled(p); p.Queue.OldestUnsent = noon.Add(-61 * time.Second) }, "1 thing needs attention: complete up to", "waits to be stored"},
		"spool fills":  {func(p *query.Status) { spooled(p); p.Spool.Bytes = 859_000_000 }, "1 thing needs attention: spool", "It fills up"},
		"spool full":   {func(p *query.Status) { spooled(p); p.Spool.Full = true }, "1 thing needs attention: spool", "spool.max_bytes"},
		"disk failed":  {func(p *query.Status) { spooled(p); p.Spool.LastError, p.Spool.Full = "no", true }, "1 thing needs attention: disk", "spool.path"},
		"damaged":      {func(p *query.Status) { spooled(p); p.Spool.Quarantined = 1 }, "1 thing needs attention: damaged", "1 record, 0 B set aside"},
		"dropped here": {func(p *query.Status) { spooled(p); p.Dropped, p.DroppedBy = 1, map[string]int64{"queue_full": 1} }, "1 thing needs attention: dropped", "Neither disk nor database"},
		"refused":      {func(p *query.Status) { spooled(p); p.Dropped, p.DroppedBy["refused"] = 1, 1 }, "1 thing needs attention: dropped", "1: 1 refused by the database"},
		"come back":    {func(p *query.Status) { spooled(p); p.Rejected, p.RejectedBy["away"] = 1, 1 }, "1 thing needs attention: rejected", "told to come back"},
		"dropped":      {func(p *query.Status) { p.Dropped = 1 }, "1 thing needs attention: dropped", "queue.capacity"},
		"rejected":     {func(p *query.Status) { p.Rejected = 1 }, "1 thing needs attention: rejected", "The log says"},
		"late":         {func(p *query.Status) { p.Late = 1 }, "1 thing needs attention: late", "clocks"},
		"run failed":   {func(p *query.Status) { p.Aggregation.Outcome = "failed" }, "1 thing needs attention: last run", "read what it says"},
		"run doubted":  {func(p *query.Status) { p.Aggregation.Outcome = "clock doubted" }, "1 thing needs attention: last run", "Look at the clock"},
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

// TestSpoolIsExportedWhole finds every field about disk and administrators.
func TestSpoolIsExportedWhole(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24, steadily(outage))
	d.press("6")
	got := map[string]any{}
	for _, row := range d.screen().sheet(&d.shared).Rows {
		if name := row[0].(string); got[name] != nil {
			t.Errorf("%s is there twice", name)
		}
		got[row[0].(string)] = row[1]
	}
	for field, want := range map[string]any{
		"database_away_since": noon.Add(-31 * time.Minute), "as_of": noon.Add(-32 * time.Minute), "accepted": int64(45_210), "duplicates": int64(1),
		"spool.bytes": int64(1_009_000_000), "spool.capacity_bytes": int64(1 << 30), "spool.full": false, "spool.samples": int64(3_600_000),
		"spool.records": int64(1), "spool.segments": int64(1), "spool.oldest": noon.Add(-31 * time.Minute), "spool.spooled": int64(1_482_689),
		"spool.replayed": int64(1_482_377), "spool.quarantined": int64(2), "spool.quarantined_bytes": int64(4096), "spool.torn_bytes": int64(17),
		"spool.sync_errors": int64(0), "spool.write_errors": int64(1), "spool.last_error": "write segment: no space left on device\x1b[2J",
		"dropped_by.refused": int64(0), "rejected_by.spool_full": int64(1200), "rejected_by.dis\\x1bk": int64(4),
		"admin_cache.entries": int64(41), "admin_cache.hits": int64(15_210), "admin_cache.calls": int64(212), "admin_cache.unanswered": int64(3),
	} {
		if got[field] != want {
			t.Errorf("%s is %v, want %v", field, got[field], want)
		}
	}
}

// The first screen says it as well.
func TestOverviewSaysThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40, steadily(outage))
	if shown := ansi.Strip(d.View()); !strings.Contains(shown, "database away since 12:03:56; 3,600,000 samples wait on disk") {
		t.Errorf("got\n%s", shown)
	}
}
