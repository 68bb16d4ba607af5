package tui

import (
	"github.com/charmbracelet/bubbles/key"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// hints names as many keys as fit into width cells.
func hints(s *shared, width int, bindings ...key.Binding) string {
	line, used := "", 0
	for _, b := range bindings {
		h := b.Help()
		need := text.Width(h.Key) + 1 + text.Width(h.Desc)
		if used > 0 {
			need += 2
		}
		if used+need > width {
			continue
		}
		if used > 0 {
			line += "  "
		}
		line += s.look.Paint(look.Key, h.Key) + " " + s.look.Paint(look.Dim, h.Desc)
		used += need
	}
	return line
}

// relabel is a key with other words for what it does here.
func relabel(b key.Binding, words string) key.Binding {
	b.SetHelp(b.Help().Key, words)
	return b
}
