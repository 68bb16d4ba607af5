package tui

import (
	"strings"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/text"
)

// databaseAdvice is what to do about a database that took nothing last.
func databaseAdvice(c *query.Collection) string {
	if strings.Contains(c.Queue.LastError, store.ErrFull.Error()) {
		return "Make room on the disk of the database: what waits is stored once there is some."
	}
	return "Check that the database runs and can be reached: what waits is stored once it is back."
}

// awayVitals says since when the database is away; nothing while it answers.
func awayVitals(s *shared, p *query.Status) []vital {
	if p.DatabaseAwaySince.IsZero() {
		return nil
	}
	v := vital{
		section: dataSection, label: "Database", standing: amiss, fact: fact{"database_away_since", p.DatabaseAwaySince},
		also:  []fact{{"as_of", p.AsOf}},
		value: awayWords(s, &p.Collection), advice: databaseAdvice(&p.Collection),
	}
	if !p.AsOf.IsZero() {
		v.advice += " Until then, tables, runs and size are those of " + s.clock(p.AsOf) + "."
	}
	return []vital{v}
}

// awayWords says since when the database is away, and what waits for it.
func awayWords(s *shared, c *query.Collection) string {
	words := "away since " + s.clock(c.DatabaseAwaySince)
	if c.Waiting() == 0 {
		return words
	}
	verb, where := "wait", "on disk"
	if c.Waiting() == 1 {
		verb = "waits"
	}
	switch inMemory := c.Queue.Depth; inMemory {
	case 0:
	case c.Waiting():
		where = "in memory"
	default:
		where = "(" + text.Count(inMemory) + " in memory)"
	}
	return words + "; " + counted(c.Waiting(), "sample") + " " + verb + " " + where
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
