package tui

import (
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

const databaseAdvice = "Check that the database runs and can be reached: what waits is stored once it is back."

// awayVitals says since when the database is away; nothing while it answers.
func awayVitals(s *shared, p *query.Status) []vital {
	if p.DatabaseAwaySince.IsZero() {
		return nil
	}
	v := vital{
		section: dataSection, label: "Database", standing: amiss, fact: fact{"database_away_since", p.DatabaseAwaySince},
		also:  []fact{{"as_of", p.AsOf}},
		value: awayWords(s, &p.Collection), advice: databaseAdvice,
	}
	if !p.AsOf.IsZero() {
		v.advice += " Until then, tables, runs and size are those of " + s.clock(p.AsOf) + "."
	}
	return []vital{v}
}

// awayWords says since when the database is away, and what waits for it.
func awayWords(s *shared, c *query.Collection) string {
	words := "away since " + s.clock(c.DatabaseAwaySince)
	verb := "wait"
	if c.Waiting() == 1 {
		verb = "waits"
	}
	switch {
	case c.Spool != nil && c.Spool.Samples > 0:
		words += "; " + counted(c.Waiting(), "sample") + " " + verb + " on disk"
	case c.Queue.Depth > 0:
		words += "; " + counted(c.Waiting(), "sample") + " " + verb + " in memory"
	}
	return words
}

// isUnknown says that the database has not answered since the server started.
func isUnknown(p *query.Status) bool { return !p.DatabaseAwaySince.IsZero() && p.AsOf.IsZero() }

// unknown is what can be said of things that only the database knows.
func unknown(list []vital) []vital {
	for i := range list {
		list[i].standing, list[i].value, list[i].gauge, list[i].advice = unjudged, text.None, nil, ""
	}
	return list
}
