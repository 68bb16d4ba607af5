package tui

import (
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/appmetrics/appmetrics/internal/query"
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
		return centred(s, look.Text, width, height, "Calculating...")
	case unavailable:
		return centred(s, look.Bad, width, height, failure(a.Err, width)...)
	case loading:
	}
	return centred(s, look.Dim, width, height, "Loading")
}

// panel is a pane inside a border with a title. draw is given the room inside.
func panel[T any](s *shared, title, note string, a asked[T], width, height int, draw func(v *T, width, height int) []string) []string {
	inner, lines := max(width-4, 0), max(height-2, 0)
	body := pane(s, a, inner, lines, func(v *T) []string { return draw(v, inner, lines) })
	return s.look.Box(title, note, body, width, height)
}

// failure words an error: what it means, then its cause.
func failure(err error, width int) []string {
	words := text.Terminal(err.Error())
	if err == query.ErrTimeout { //nolint:errorlint // the feed's own: others say more
		words = "no answer within " + text.Duration(float64(askLimit.Milliseconds()))
	}
	cause := wrap(words, max(width-2, 1))
	if !passing(err) {
		return cause
	}
	return append([]string{"Data temporarily unavailable"}, cause...)
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

// centred writes words in the middle of a pane, the first line in a role and
// the others dim.
func centred(s *shared, role look.Role, width, height int, words ...string) []string {
	lines := fit(nil, width, height)
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

// beside puts blocks of the same height next to each other.
func beside(blocks ...[]string) []string {
	var lines []string
	for _, block := range blocks {
		for i, line := range block {
			if i == len(lines) {
				lines = append(lines, "")
			}
			lines[i] += line
		}
	}
	return lines
}

// clock writes a time in the reader's zone: that of a day before with its date.
func (s *shared) clock(t time.Time) string {
	t = t.In(s.scope.zone)
	if t.Format(time.DateOnly) == s.now().In(s.scope.zone).Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format("2006-01-02 15:04")
}
