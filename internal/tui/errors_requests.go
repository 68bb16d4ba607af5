package tui

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// failing is the list of the newest requests of one type of errors.
type failing struct {
	group query.ErrorGroup
	table requestTable
}

func newFailing(g query.ErrorGroup) *failing { return &failing{group: g} }

func (x *failing) question(s *shared) question { return askFailed(s.scope, x.group) }

func (x *failing) view(s *shared, width, height int) []string {
	x.sync(s)
	a := answerTo[found](s.feed, x.question(s))
	g := &x.group
	title := errorWords(g.ErrorType) + " " + s.look.Marks().Between + " " + text.Terminal(g.Method) + " " +
		text.CutMiddle(text.Terminal(g.Endpoint), max(width/2, 20))
	note := ""
	if a.Value != nil && len(a.Value.requests) > 0 {
		note = "newest first"
		if column, _ := x.table.Sorted(); column >= 0 {
			note = orderWords(&x.table.Table)
		}
		note += ", " + x.table.Footer()
	}
	return panel(s, title, note, a, width, height, func(p *found, width, height int) []string {
		if len(p.requests) == 0 {
			return centred(s, look.Text, width, height, x.gone(s, p)...)
		}
		if words := x.partly(s, p); words != "" && height > 3 {
			return append(x.table.View(s.look, width, height-1), s.look.Paint(look.Dim, text.Cut(words, width)))
		}
		return x.table.View(s.look, width, height)
	})
}

// keptSince is from when on single requests are kept.
func (s *shared) keptSince() time.Time { return s.now().Add(-metric.RawRetention) }

// gone says why there are no single requests though they were counted.
func (x *failing) gone(s *shared, p *found) []string {
	if !p.whole {
		return []string{
			"Too many requests failed since then to find these among them",
			"look at less time: press " + s.keys.Range.Help().Key,
		}
	}
	if x.group.LastSeen.Before(s.keptSince()) {
		return []string{
			"Single requests are kept for 7 days",
			"the last of these was seen " + s.seen(x.group.LastSeen) + "; only their number is left",
		}
	}
	return []string{"No single request is left of these", "they were deleted, or are of before the chosen time"}
}

// partly says which requests are missing; nothing when none is.
func (x *failing) partly(s *shared, p *found) string {
	switch {
	case !p.whole:
		return "the newest " + text.Count(int64(len(p.requests))) + " of " + text.Count(x.group.Count)
	case x.group.FirstSeen.Before(s.keptSince()):
		return "of those before " + s.seen(s.keptSince()) + " only the number is kept"
	}
	return ""
}

// sync makes the rows of what was answered since the last view.
func (x *failing) sync(s *shared) {
	if p := answerTo[found](s.feed, x.question(s)).Value; p != nil {
		x.table.fill(s, p)
	}
}

func (x *failing) sheet(s *shared) sheet {
	x.sync(s)
	return x.table.sheet("failing-requests")
}
