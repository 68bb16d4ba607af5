package tui

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// crowded is which part of a limit may be taken before somebody should look:
// the log warns there too.
const crowded = 0.8

// collectionVitals says what becomes of samples on their way into the
// database; only one line where the answering process collects nothing.
func collectionVitals(p *query.Status, at time.Time) []vital {
	if !p.Collects() {
		return []vital{{
			section: collectionSection, label: "Queue", fact: fact{"queue.depth", nil},
			value: "only the server knows it: look with --server URL",
		}}
	}
	list := []vital{queueVital(p, at)}
	if p.Spool != nil {
		list = append(list, spoolVitals(p.Spool, at)...)
	}
	return append(list, writtenVital(&p.Collection), lastErrorVital(&p.Collection),
		countVital("Dropped", "dropped", p.Dropped, p.DroppedBy, amiss, droppedAdvice(&p.Collection)),
		countVital("Rejected", "rejected", p.Rejected, p.RejectedBy, warning, rejectedAdvice(&p.Collection)),
		countVital("Late", "late", p.Late, nil, warning,
			"These carried a wrong time and got that of receipt: check the clocks of the senders."))
}

func queueVital(p *query.Status, at time.Time) vital {
	q, oldest := p.Queue, ""
	if p.Spool == nil { // else the oldest is on disk
		oldest = oldestWords(q.OldestUnsent, at)
	}
	v := vital{
		section: collectionSection, label: "Queue", standing: inOrder, fact: fact{"queue.depth", q.Depth},
		also:  []fact{{"queue.capacity", q.Capacity}, {"queue.bytes", q.Bytes}, {"queue.oldest_unsent", q.OldestUnsent}},
		value: text.Count(q.Depth) + " of " + text.Count(q.Capacity) + oldest,
		gauge: &gauge{value: float64(q.Depth), full: float64(q.Capacity), marks: []threshold{{float64(q.Capacity), look.Bad}}},
	}
	switch {
	case q.Depth >= q.Capacity:
		v.standing, v.advice = amiss, "It is full, and what comes now is lost: bring the database back, or restart with a larger queue.capacity."
	case float64(q.Depth) > crowded*float64(q.Capacity):
		v.standing, v.advice = warning, "It fills up: find what makes the database slow."
	}
	return v
}

func oldestWords(oldest, at time.Time) string {
	if oldest.IsZero() {
		return ""
	}
	return ", oldest " + text.Duration(float64(max(at.Sub(oldest), 0).Milliseconds()))
}

func writtenVital(c *query.Collection) vital {
	v := vital{
		section: collectionSection, label: "Written", standing: inOrder,
		fact: fact{"queue.written", c.Queue.Written},
		also: []fact{{"accepted", c.Accepted}, {"queue.retries", c.Queue.Retries}, {"duplicates", c.Duplicates}},
		value: fmt.Sprintf("%s, %s posted, %s", counted(c.Queue.Written, "request"),
			text.Count(c.Accepted), repeated(c.Queue.Retries)),
	}
	if c.Duplicates > 0 {
		v.value += ", " + counted(c.Duplicates, "duplicate") + " left out"
	}
	return v
}

func repeated(n int64) string {
	if n == 1 {
		return "1 retry"
	}
	return text.Count(n) + " retries"
}

// lastErrorVital says why the last write failed. Of a database that is away
// there is a line already, which this explains.
func lastErrorVital(c *query.Collection) vital {
	v := vital{
		section: collectionSection, label: "Last error", standing: inOrder, fact: fact{"queue.last_error", c.Queue.LastError},
		value: "none",
	}
	if c.Queue.LastError == "" {
		return v
	}
	v.standing, v.value = unjudged, text.Terminal(c.Queue.LastError)
	if c.DatabaseAwaySince.IsZero() {
		v.standing, v.advice = amiss, databaseAdvice(c)
	}
	return v
}

// countVital counts what should not happen, and why it did.
func countVital(label, field string, n int64, by map[string]int64, when standing, advice string) vital {
	v := vital{section: collectionSection, label: label, standing: inOrder, fact: fact{field, n}, value: text.Count(n)}
	for _, reason := range slices.Sorted(maps.Keys(by)) {
		v.also = append(v.also, fact{field + "_by." + text.Terminal(reason), by[reason]})
	}
	if n > 0 {
		v.standing, v.advice = when, advice
		if words := reasonWords(by); words != "" {
			v.value += ": " + words
		}
	}
	return v
}
