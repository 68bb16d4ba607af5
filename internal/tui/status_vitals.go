package tui

import (
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// standing says how well something is, from "says nothing of that" upwards.
type standing int

const (
	unjudged standing = iota
	inOrder
	warning
	amiss
)

func (x standing) String() string { return [...]string{"", "ok", "warning", "bad"}[x] }

func (x standing) role() look.Role {
	return [...]look.Role{look.Dim, look.Good, look.Warn, look.Bad}[x]
}

// mark tells standings apart where there is no colour, in one or two cells.
func (x standing) mark(l look.Look) string {
	if l.Plain() {
		return [...]string{"-", "ok", "!", "x"}[x]
	}
	return [...]string{"·", "✓", "!", "✗"}[x]
}

// vital is one line of Status.
type vital struct {
	section  string
	label    string
	standing standing
	value    string // safe text
	gauge    *gauge // drawn before the value; nil for none
	advice   string // what to do, where it is not in order; safe text

	fact        // what exports say of it
	also []fact // what they say besides
}

// fact is a value as the API has it.
type fact struct {
	field string
	raw   any
}

// The sections of Status, in their order.
const (
	dataSection        = "Data"
	aggregationSection = "Aggregation"
	collectionSection  = "Collection"
	databaseSection    = "Database"
	accessSection      = "Access"
)

var sectionTitles = []string{dataSection, aggregationSection, collectionSection, databaseSection, accessSection}

// of returns the vitals of one section.
func of(all []vital, section string) []vital {
	var list []vital
	for _, v := range all {
		if v.section == section {
			list = append(list, v)
		}
	}
	return list
}

// vitals says everything that is known of the data's health, as an answer that
// came at some time tells it, in the order of the sections.
func vitals(s *shared, p *query.Status, at time.Time) []vital {
	tables, runs, database := tableVitals(s, p.Tables), []vital{lastRunVital(s, p.Aggregation), lagVital(p.Aggregation)}, databaseVitals(p)
	if isUnknown(p) {
		tables, runs, database = unknown(tables), unknown(runs), unknown(database)
	}
	return slices.Concat(awayVitals(s, p), []vital{completeVital(s, p, at)}, tables, runs,
		collectionVitals(p, at), database, accessVitals(p.AdminCache))
}

// behind is from when on answers miss so much that somebody should look: what
// was observed is to be visible within a minute.
const behind = time.Minute

func completeVital(s *shared, p *query.Status, at time.Time) vital {
	v := vital{
		section: dataSection, label: "Complete up to", standing: inOrder,
		fact: fact{"complete_up_to", p.CompleteUpTo}, value: text.None,
	}
	if p.CompleteUpTo.IsZero() {
		v.standing = unjudged
		return v
	}
	v.value = s.clock(p.CompleteUpTo) + ", " + s.ago(p.CompleteUpTo)
	if oldest := p.Queue.OldestUnsent; !oldest.IsZero() && at.Sub(oldest) > behind {
		v.standing = warning
		if p.DatabaseAwaySince.IsZero() { // else the line above says why
			v.advice = "What was observed since then waits to be stored: see why under Collection."
		}
	}
	return v
}

func tableVitals(s *shared, t query.Tables) []vital {
	list := []vital{{label: "Requests"}, {label: "Usage events"}, {label: "Hourly rollups"}}
	names := [...]string{"tables.performance_metrics.", "tables.usage_events.", "tables.aggregated_metrics."}
	tables := [...]query.Table{t.PerformanceMetrics, t.UsageEvents, t.AggregatedMetrics}
	width := 0
	for _, table := range tables {
		width = max(width, text.Width(text.Count(table.Rows)))
	}
	for i, table := range tables {
		v := &list[i]
		v.section, v.standing = dataSection, inOrder
		v.fact = fact{names[i] + "rows", table.Rows}
		v.also = []fact{{names[i] + "oldest", table.Oldest}, {names[i] + "newest", table.Newest}}
		v.value = text.Right(text.Count(table.Rows), width) + " rows"
		if table.Rows == 0 {
			v.standing = unjudged
			continue
		}
		v.value += ", " + s.seen(table.Oldest) + " to " + s.seen(table.Newest)
	}
	if tables == ([len(tables)]query.Table{}) {
		list[0].advice = "Record an application: `appmetrics serve --upstream http://localhost:3000`"
	}
	return list
}

func lastRunVital(s *shared, a query.Aggregation) vital {
	v := vital{
		section: aggregationSection, label: "Last run", standing: inOrder,
		fact: fact{"aggregation.last_run", a.LastRun}, also: []fact{{"aggregation.outcome", a.Outcome}},
	}
	if a.LastRun.IsZero() {
		v.standing, v.value = unjudged, "has never run; nothing is old enough"
		if a.LagSeconds > 0 {
			v.standing, v.value = warning, "has never run, and raw rows older than 7 days wait"
			v.advice = "Run `appmetrics aggregate`, and look at why the scheduler does not."
		}
		return v
	}
	v.value = s.seen(a.LastRun) + ", " + text.Terminal(a.Outcome)
	switch a.Outcome {
	case aggregate.OutcomeFailed:
		v.standing, v.advice = amiss, "Run `appmetrics aggregate` and read what it says."
	case aggregate.OutcomeDoubted:
		v.standing, v.advice = amiss, "Look at the clock; if it is right, run `appmetrics aggregate`."
	case aggregate.OutcomeGuard:
		v.standing, v.advice = warning, "The growth guard fired in it: see the size guard below."
	}
	return v
}

// lagTolerated is how far a daily run may be behind, before somebody should
// look: a day, and what the run itself takes.
const lagTolerated = 26 * time.Hour

func lagVital(a query.Aggregation) vital {
	v := vital{
		section: aggregationSection, label: "Lag", standing: inOrder, value: "none",
		fact: fact{"aggregation.lag_seconds", a.LagSeconds},
	}
	lag := time.Duration(a.LagSeconds * float64(time.Second))
	if lag <= 0 {
		return v
	}
	v.value = text.Duration(float64(lag.Milliseconds())) + " of raw rows past their 7 days"
	if lag > lagTolerated {
		v.standing = amiss
		v.advice = "Run `appmetrics aggregate`, and look at why the scheduler does not."
	}
	return v
}
