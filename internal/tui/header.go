package tui

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// part is a piece of the header. Where room is short, those with the lowest
// worth leave first.
type part struct {
	words string
	role  look.Role
	worth int
}

// header says what is shown: on the left what it is about, on the right of
// when it is.
func (m *model) header() string {
	between := " " + m.look.Marks().Between + " "
	sides := worthiest([2][]part{m.about(), m.freshness()}, m.width-4, text.Width(between))
	end := m.paint(sides[1], between)
	return " " + text.Left(m.paint(sides[0], between), m.width-2-text.Width(end)) + end + " "
}

func (m *model) paint(parts []part, between string) string {
	var out []string
	for _, p := range parts {
		out = append(out, m.look.Paint(p.role, p.words))
	}
	return strings.Join(out, m.look.Paint(look.Dim, between))
}

// worthiest keeps of both sides what fits into a width, the worthiest first.
func worthiest(sides [2][]part, width, between int) (kept [2][]part) {
	var all []part
	for _, side := range sides {
		all = append(all, side...)
	}
	slices.SortStableFunc(all, func(a, b part) int { return b.worth - a.worth })
	fits := make(map[part]bool)
	for _, p := range all {
		if need := text.Width(p.words) + between; need <= width || p.worth >= essential {
			width, fits[p] = width-need, true
		}
	}
	for i, side := range sides {
		for _, p := range side {
			if fits[p] {
				kept[i] = append(kept[i], p)
			}
		}
	}
	return kept
}

// essential is the worth of what never leaves the header.
const essential = 100

func (m *model) about() []part {
	app := "every app"
	if m.scope.app != "" {
		app = text.Cut(text.Terminal(m.scope.app), 30)
	}
	parts := []part{{"appmetrics", look.Strong, 30}}
	if m.options.Where != "" {
		parts = append(parts, part{text.CutMiddle(text.Terminal(m.options.Where), 40), look.Dim, 10})
	}
	parts = append(parts, part{app, look.Text, 90}, part{m.rangeWords(), look.Text, essential})
	if m.scope.compare {
		parts = append(parts, part{"compared", look.Accent, 60})
	}
	if m.scope.anonymous {
		parts = append(parts, part{"with anonymous", look.Accent, 50})
	}
	return parts
}

func (m *model) rangeWords() string {
	r := m.scope.rng
	if slices.Contains(metric.RangeNames(), r.Name) {
		return rangeWords(r.Name)
	}
	const layout = "2006-01-02 15:04"
	return r.Start.In(m.scope.zone).Format(layout) + " – " + r.End.In(m.scope.zone).Format(layout)
}

// freshness says of when the data is, or since when there is none.
func (m *model) freshness() []part {
	since, next := m.feed.lost(m.asks())
	switch {
	case m.feed.source == nil:
		where := "the source"
		if m.options.Where != "" {
			where = text.Cut(text.Terminal(m.options.Where), 40)
		}
		return []part{{"opening " + where, look.Dim, essential}}
	case !since.IsZero():
		return []part{
			{m.look.Marks().Alert + " lost since " + m.clock(since) + ", " + nextTry(next.Sub(m.now())), look.Bad, essential},
			{m.zoneName(m.now()), look.Dim, 20},
		}
	}
	var parts []part
	loaded := m.feed.loaded(m.asks())
	switch {
	case m.feed.busy(m.asks()) && loaded.IsZero():
		parts = append(parts, part{"loading", look.Dim, essential})
	case m.feed.busy(m.asks()):
		parts = append(parts, part{"refreshing", look.Dim, 70})
	case !loaded.IsZero():
		parts = append(parts, part{"loaded " + m.clock(loaded), look.Dim, 70})
	}
	status := answerTo[query.Status](m.feed, askStatus()).Value
	if status != nil && !status.CompleteUpTo.IsZero() {
		parts = append(parts, part{"complete up to " + m.clock(status.CompleteUpTo), look.Dim, 40})
	}
	return append(parts, part{m.zoneName(m.now()), look.Dim, 80})
}

func nextTry(wait time.Duration) string {
	if wait <= 0 {
		return "trying now"
	}
	return fmt.Sprintf("next try in %d s", int(math.Ceil(wait.Seconds())))
}

// zoneName is what the zone is called at a time: UTC, CET, +03.
func (m *model) zoneName(at time.Time) string {
	name, _ := at.In(m.scope.zone).Zone()
	return text.Terminal(name)
}
