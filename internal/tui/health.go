package tui

import (
	"strings"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// healthLine says in at most width cells how healthy the data is: up to when it
// is complete, whether aggregation is behind, what was dropped, how full the
// database is.
func healthLine(s *shared, a asked[query.Status], width int) string {
	switch a.phase() {
	case unavailable:
		return s.look.Paint(look.Bad, text.Cut(s.look.Marks().Alert+" data health unknown", width))
	case loading, calculating:
		return s.look.Paint(look.Dim, text.Cut("Data health: loading", width))
	case answered, stale:
	}
	var out []string
	used := 0
	for _, p := range healthParts(s, a.Value) {
		if need := text.Width(p.words) + 3; used+need-3 <= width {
			out, used = append(out, s.look.Paint(p.role, p.words)), used+need
		}
	}
	line := strings.Join(out, s.look.Paint(look.Dim, " "+s.look.Marks().Between+" "))
	if a.phase() == stale {
		return dimmed(s, []string{line})[0]
	}
	return line
}

func healthParts(s *shared, h *query.Status) []part {
	alert := s.look.Marks().Alert + " "
	var parts []part
	if !h.DatabaseAwaySince.IsZero() {
		parts = append(parts, part{words: alert + "database " + awayWords(s, &h.Collection), role: look.Bad})
	}
	if !h.CompleteUpTo.IsZero() {
		parts = append(parts, part{words: "complete up to " + s.clock(h.CompleteUpTo), role: look.Dim})
	}
	if lag := h.Aggregation.LagSeconds; lag > 0 {
		parts = append(parts, part{words: alert + "aggregation " + text.Duration(lag*1000) + " behind", role: look.Warn})
	} else {
		parts = append(parts, part{words: "aggregation on time", role: look.Dim})
	}
	if h.Dropped > 0 {
		parts = append(parts, part{words: alert + counted(h.Dropped, "sample") + " dropped", role: look.Bad})
	} else {
		parts = append(parts, part{words: "0 dropped", role: look.Dim})
	}
	return append(parts, guard(alert, h.SizeGuard))
}

// guard says how many rows there are, and of how many.
func guard(alert string, g query.SizeGuard) part {
	words := counted(g.Rows, "row")
	if g.Limit > 0 {
		words = text.Compact(g.Rows) + "/" + text.Compact(g.Limit) + " rows"
	}
	switch {
	case g.Limit > 0 && g.Rows > g.Limit:
		return part{words: alert + words, role: look.Bad}
	case g.Warn > 0 && g.Rows > g.Warn:
		return part{words: alert + words, role: look.Warn}
	}
	return part{words: words, role: look.Dim}
}
