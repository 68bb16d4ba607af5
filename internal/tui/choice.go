package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// choice is an overlay in which one of several things is chosen.
type choice struct {
	title  string
	items  []string // safe text
	at     int      // the chosen one
	offset int      // the first one in sight
	shown  int      // how many were in sight when it was drawn
	pick   func(m *model, i int) tea.Cmd
}

func (c *choice) update(msg tea.Msg, m *model) tea.Cmd {
	if mouse, ok := msg.(tea.MouseMsg); ok {
		return c.point(mouse, m)
	}
	press, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	switch k := m.keys; {
	case key.Matches(press, k.Up, k.Previous):
		c.move(-1)
	case key.Matches(press, k.Down, k.Next):
		c.move(1)
	case key.Matches(press, k.Top):
		c.at = 0
	case key.Matches(press, k.Bottom):
		c.at = len(c.items) - 1
	case key.Matches(press, k.PageUp):
		c.at = max(c.at-c.shown, 0)
	case key.Matches(press, k.PageDown):
		c.at = min(c.at+c.shown, len(c.items)-1)
	case key.Matches(press, k.Open):
		return c.done(m)
	case key.Matches(press, k.Back, k.Quit):
		m.overlay = nil
	}
	return nil
}

func (c *choice) move(n int) { c.at = (c.at + n + len(c.items)) % len(c.items) }

func (c *choice) done(m *model) tea.Cmd {
	m.overlay = nil
	return c.pick(m, c.at)
}

// point lets a click choose, and one beside the box close it.
func (c *choice) point(msg tea.MouseMsg, m *model) tea.Cmd {
	switch msg.Button {
	case tea.MouseButtonWheelUp:
		c.at = max(c.at-1, 0)
	case tea.MouseButtonWheelDown:
		c.at = min(c.at+1, len(c.items)-1)
	case tea.MouseButtonLeft:
		if msg.Action != tea.MouseActionPress {
			return nil
		}
		box := c.box(&m.shared, m.width, m.height)
		x, y := corner(box, m.width, m.height)
		row := msg.Y - y - 1
		switch inside := msg.X >= x && msg.X < x+text.Width(box[0]) && msg.Y >= y && msg.Y < y+len(box); {
		case !inside:
			m.overlay = nil
		case row >= 0 && row < c.shown:
			c.at = c.offset + row
			return c.done(m)
		}
	default:
	}
	return nil
}

func (c *choice) box(s *shared, width, height int) []string {
	widest := max(text.Width(c.title)+4, 28)
	for _, item := range c.items {
		widest = max(widest, text.Width(item)+2)
	}
	widest = min(widest, width-8)
	c.shown = min(len(c.items), height-6)
	c.offset = max(min(c.offset, c.at), c.at-c.shown+1, 0)
	var lines []string
	for i := c.offset; i < c.offset+c.shown; i++ {
		role, words := look.Text, " "+text.Left(c.items[i], widest-1)
		if i == c.at {
			role = look.Strong | look.Selected
		}
		lines = append(lines, s.look.Paint(role, words))
	}
	note := ""
	if c.shown < len(c.items) {
		note = text.Count(int64(c.at+1)) + " of " + text.Count(int64(len(c.items)))
	}
	lines = append(lines, "", text.Left(hints(s, widest, relabel(s.keys.Open, "choose"), s.keys.Back), widest))
	return s.look.Box(c.title, note, lines, widest+4, len(lines)+2)
}
