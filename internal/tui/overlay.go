package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// overlay is a box over a screen; while it is open, it takes keys and mouse.
type overlay interface {
	// update takes a key or a mouse message, whose place counts from the first
	// cell of the terminal. It closes itself by setting model.overlay.
	update(tea.Msg, *model) tea.Cmd
	// box returns the lines to lay over the screen, all of one width, at most
	// as many and as wide as there is room.
	box(s *shared, width, height int) []string
}

// corner is where the box of an overlay begins.
func corner(box []string, width, height int) (x, y int) {
	if len(box) == 0 {
		return 0, 0
	}
	return max((width-text.Width(box[0]))/2, 0), max((height-len(box))/2, 0)
}

// lay draws a box over the middle of lines that are width cells wide, which
// step back for it.
func lay(s *shared, lines, box []string, width int) []string {
	x, y := corner(box, width, len(lines))
	out := make([]string, len(lines))
	for i, line := range lines {
		line = ansi.Strip(line)
		if i < y || i >= y+len(box) {
			out[i] = s.look.Paint(look.Dim, line)
			continue
		}
		over := box[i-y]
		out[i] = s.look.Paint(look.Dim, text.Left(ansi.Truncate(line, x, ""), x)) + over +
			s.look.Paint(look.Dim, tail(line, x+text.Width(over), width))
	}
	return out
}

// tail returns what a line without escape sequences shows from a column on, up
// to its width; half a wide character is a space.
func tail(line string, from, width int) string {
	room := max(width-from, 0)
	for at := from; at <= width; at++ {
		if end := ansi.TruncateLeft(line, at, ""); text.Width(end) <= room {
			return strings.Repeat(" ", room-text.Width(end)) + end
		}
	}
	return strings.Repeat(" ", room)
}
