package tui

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// databaseVitals describes the database as a whole.
func databaseVitals(p *query.Status) []vital {
	return []vital{sizeVital(p.SizeGuard), {
		section: databaseSection, label: "Engine", fact: fact{"engine", p.Engine},
		also:  []fact{{"schema_version", p.SchemaVersion}, {"database_bytes", p.DatabaseBytes}},
		value: fmt.Sprintf("%s, schema %d, %s", text.Terminal(engineName(p.Engine)), p.SchemaVersion, bytesWords(p.DatabaseBytes)),
	}, {
		section: databaseSection, label: "Apps", fact: fact{"apps", strings.Join(p.Apps, ", ")},
		value: appsWords(p.Apps),
	}}
}

// sizeVital compares the number of rows with the thresholds of the growth
// guard.
func sizeVital(g query.SizeGuard) vital {
	v := vital{
		section: databaseSection, label: "Size guard", standing: inOrder,
		fact: fact{"size_guard.rows", g.Rows}, also: []fact{{"size_guard.warn", g.Warn}, {"size_guard.limit", g.Limit}},
		value: text.Count(g.Rows) + " rows",
	}
	if g.Limit <= 0 {
		v.standing = unjudged
		return v
	}
	v.gauge = &gauge{
		value: float64(g.Rows), full: float64(max(g.Limit, g.Rows)),
		marks: []threshold{{float64(g.Warn), look.Warn}, {float64(g.Limit), look.Bad}},
	}
	v.value += ", alert at " + text.Compact(g.Limit)
	switch {
	case g.Rows > g.Limit:
		v.standing = amiss
		v.advice = "Run `appmetrics aggregate`; when it stays so, raise aggregate.alert_rows to what the database is made for."
	case g.Rows > g.Warn:
		v.standing = warning
		v.advice = "More than the warning's " + text.Count(g.Warn) + " rows: see that aggregation runs every day."
	}
	return v
}

func engineName(engine string) string {
	switch engine {
	case "sqlite":
		return "SQLite"
	case "postgresql":
		return "PostgreSQL"
	}
	return engine
}

func bytesWords(n int64) string {
	if n <= 0 {
		return "size unknown"
	}
	return humanize.IBytes(uint64(n))
}

func appsWords(apps []string) string {
	if len(apps) == 0 {
		return "none yet"
	}
	words := make([]string, len(apps))
	for i, app := range apps {
		words[i] = text.Terminal(app)
	}
	return text.Count(int64(len(apps))) + ": " + strings.Join(words, ", ")
}
