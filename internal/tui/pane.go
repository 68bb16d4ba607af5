package tui

import (
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// pane draws what an answer leads to, in whatever state it is: draw is called
// with the answer, and returns lines that are cut or filled up to the size.
func pane[T any](s *shared, a asked[T], width, height int, draw func(*T) []string) []string {
	switch a.phase() {
	case answered:
		return fit(draw(a.Value), width, height)
	case stale:
		return dimmed(s, fit(draw(a.Value), width, height))
	case calculating:
		return centred(s, look.Dim, width, height, "Calculating...")
	case unavailable:
		return centred(s, look.Bad, width, height, "Data temporarily unavailable", text.Terminal(a.Err.Error()))
	case loading:
	}
	return centred(s, look.Dim, width, height, "Loading")
}

// fit cuts and fills lines so that they are exactly height of exactly width.
func fit(lines []string, width, height int) []string {
	out := make([]string, max(height, 0))
	for i := range out {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		out[i] = text.Left(line, width)
	}
	return out
}

// centred writes words in the middle of a pane.
func centred(s *shared, role look.Role, width, height int, words ...string) []string {
	lines := make([]string, height)
	for i := range lines {
		lines[i] = text.Left("", width)
	}
	for i, w := range words {
		if at := max((height-len(words))/2, 0) + i; at < height {
			w = text.Cut(w, width)
			left := (width - text.Width(w)) / 2
			lines[at] = text.Left("", left) + s.look.Paint(role, w) + text.Left("", width-left-text.Width(w))
			role = look.Dim
		}
	}
	return lines
}

// dimmed takes the colours away, for what may no longer be true.
func dimmed(s *shared, lines []string) []string {
	for i, line := range lines {
		lines[i] = s.look.Paint(look.Dim, ansi.Strip(line))
	}
	return lines
}

// clock writes a time of day in the reader's zone.
func (s *shared) clock(t time.Time) string { return t.In(s.scope.zone).Format(time.TimeOnly) }
