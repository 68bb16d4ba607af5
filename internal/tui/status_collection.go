package tui

import (
	"fmt"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// crowded is which part of a queue's capacity may wait before somebody should
// look.
const crowded = 0.5

// collectionVitals says what becomes of samples on their way into the
// database; only one line where the answering process collects nothing.
func collectionVitals(p *query.Status, at time.Time) []vital {
	if !p.Collects() {
		return []vital{{
			section: collectionSection, label: "Queue", fact: fact{"queue.depth", nil},
			value: "only the server knows it: look with --server URL",
		}}
	}
	return []vital{
		queueVital(p.Queue, at), writtenVital(p.Queue), lastErrorVital(p.Queue),
		countVital("Dropped", "dropped", p.Dropped, amiss,
			"The queue was full: find what makes the database slow, or raise queue.capacity."),
		countVital("Rejected", "rejected", p.Rejected, warning,
			"These were not valid: the log says what was wrong with them."),
		countVital("Late", "late", p.Late, warning,
			"These carried a wrong time and got that of receipt: check the clocks of the senders."),
	}
}

func queueVital(q query.Queue, at time.Time) vital {
	v := vital{
		section: collectionSection, label: "Queue", standing: inOrder, fact: fact{"queue.depth", q.Depth},
		also:  []fact{{"queue.capacity", q.Capacity}, {"queue.oldest_unsent", q.OldestUnsent}},
		value: text.Count(q.Depth) + " of " + text.Count(q.Capacity),
	}
	if q.Capacity > 0 {
		v.gauge = &gauge{value: float64(q.Depth), full: float64(q.Capacity), marks: []threshold{{float64(q.Capacity), look.Bad}}}
	}
	if !q.OldestUnsent.IsZero() {
		v.value += ", oldest " + text.Duration(float64(max(at.Sub(q.OldestUnsent), 0).Milliseconds()))
	}
	switch {
	case q.Depth >= q.Capacity:
		v.standing, v.advice = amiss, "It is full, and what comes now is lost: bring the database back, or restart with a larger queue.capacity."
	case float64(q.Depth) > crowded*float64(q.Capacity):
		v.standing, v.advice = warning, "It fills up: find what makes the database slow."
	}
	return v
}

func writtenVital(q query.Queue) vital {
	return vital{
		section: collectionSection, label: "Written", standing: inOrder,
		fact: fact{"queue.written", q.Written}, also: []fact{{"queue.retries", q.Retries}},
		value: fmt.Sprintf("%s samples, %s retries", text.Count(q.Written), text.Count(q.Retries)),
	}
}

func lastErrorVital(q query.Queue) vital {
	v := vital{
		section: collectionSection, label: "Last error", standing: inOrder, fact: fact{"queue.last_error", q.LastError},
		value: "none",
	}
	if q.LastError != "" {
		v.standing, v.value = amiss, text.Terminal(q.LastError)
		v.advice = "Check that the database runs and can be reached: what waits is stored once it is back."
	}
	return v
}

// countVital counts what should not happen.
func countVital(label, field string, n int64, when standing, advice string) vital {
	v := vital{section: collectionSection, label: label, standing: inOrder, fact: fact{field, n}, value: text.Count(n)}
	if n > 0 {
		v.standing, v.advice = when, advice
	}
	return v
}
