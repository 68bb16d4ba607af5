package tui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/text"
)

// press takes a key to what is open: an overlay, the filter that is typed, or
// the frame. Characters that come together, as from a fast typist or over a
// slow line, arrive as one message and are pressed one by one; only what was
// pasted belongs together.
func (m *model) press(msg tea.KeyMsg) tea.Cmd {
	if len(msg.Runes) > 1 && !msg.Paste {
		var commands []tea.Cmd
		for _, r := range msg.Runes {
			one := msg
			one.Runes = []rune{r}
			commands = append(commands, m.press(one))
		}
		return tea.Batch(commands...)
	}
	m.toast = ""
	switch {
	case key.Matches(msg, m.keys.Interrupt):
		return tea.Quit
	case key.Matches(msg, m.keys.Suspend):
		return tea.Suspend
	case m.overlay != nil:
		return m.overlay.update(msg, m)
	case m.typing != nil:
		m.typeFilter(msg)
		return nil
	}
	if command, done := m.pressData(msg); done {
		return command
	}
	return m.pressFrame(msg)
}

// pressFrame takes the keys that choose what is shown, and leaves the others to
// the screen.
func (m *model) pressFrame(msg tea.KeyMsg) tea.Cmd {
	switch k := m.keys; {
	case key.Matches(msg, k.Quit):
		return tea.Quit
	case key.Matches(msg, k.Next) && !lists(m.screen().keys(k), k.Next):
		m.show((m.current + 1) % len(m.screens))
	case key.Matches(msg, k.Previous) && !lists(m.screen().keys(k), k.Next):
		m.show((m.current + len(m.screens) - 1) % len(m.screens))
	case key.Matches(msg, k.Screen):
		m.show(int(msg.String()[0] - '1'))
	case key.Matches(msg, k.Help):
		m.overlay = newHelp(m)
	case key.Matches(msg, k.Filter) && m.filterable():
		m.typing = newField(m.filters[m.current])
	case key.Matches(msg, k.FindNext) && m.filterable():
		m.screen().find(1)
	case key.Matches(msg, k.FindBack) && m.filterable():
		m.screen().find(-1)
	case key.Matches(msg, k.Back) && !lists(m.screen().keys(k), k.Back) && m.filters[m.current] != "":
		m.filter("")
	default:
		return m.screen().update(msg, &m.shared)
	}
	return nil
}

// pressData takes the keys that choose what is asked and what is taken away.
func (m *model) pressData(msg tea.KeyMsg) (command tea.Cmd, done bool) {
	switch k := m.keys; {
	case key.Matches(msg, k.Range):
		m.overlay = newRanges(m)
	case key.Matches(msg, k.App):
		m.overlay = newApps(m)
	case key.Matches(msg, k.Compare):
		m.rescope(func(c *scope) { c.compare = !c.compare })
	case key.Matches(msg, k.Anonymous):
		m.rescope(func(c *scope) { c.anonymous = !c.anonymous })
	case key.Matches(msg, k.Zone):
		m.scope.zone = m.otherZone()
	case key.Matches(msg, k.Refresh):
		m.renew()
	case key.Matches(msg, k.Export):
		m.export()
	case key.Matches(msg, k.Copy):
		return m.copy(), true
	default:
		return nil, false
	}
	return nil, true
}

func (m *model) show(screen int) { m.current = screen }

// otherZone returns UTC, or when that is shown the zone of the options, or when
// that is UTC too the zone of this machine.
func (m *model) otherZone() *time.Location {
	if m.scope.zone != time.UTC {
		return time.UTC
	}
	if m.options.Zone != time.UTC {
		return m.options.Zone
	}
	return time.Local
}

func (m *model) filterable() bool { return lists(m.screen().keys(m.keys), m.keys.Filter) }

func (m *model) filter(words string) {
	m.filters[m.current] = words
	m.screen().filter(words)
}

// typeFilter filters by what is typed so far.
func (m *model) typeFilter(msg tea.KeyMsg) {
	switch {
	case key.Matches(msg, m.keys.Open):
		m.typing = nil
	case key.Matches(msg, m.keys.Back):
		m.typing = nil
		m.filter("")
	default:
		m.typing.update(msg)
		m.filter(m.typing.value())
	}
}

// point takes the mouse to what it points at.
func (m *model) point(msg tea.MouseMsg) tea.Cmd {
	if m.tooSmall() {
		return nil
	}
	if m.overlay != nil {
		return m.overlay.update(msg, m)
	}
	wheel := tea.MouseEvent(msg).IsWheel()
	switch {
	case msg.Action != tea.MouseActionPress && !wheel:
		if msg.Action != tea.MouseActionMotion || msg.Button != tea.MouseButtonLeft {
			return nil
		}
	case msg.Y == tabLine && !wheel:
		if i := m.tabAt(msg.X); i >= 0 && msg.Button == tea.MouseButtonLeft {
			m.show(i)
		}
		return nil
	}
	if msg.Y < bodyTop || msg.Y >= m.height-1 {
		return nil
	}
	msg.Y -= bodyTop
	return m.screen().update(msg, &m.shared)
}

// copy hands the selected name to the terminal's clipboard.
func (m *model) copy() tea.Cmd {
	words := m.screen().sheet(&m.shared).Selected
	if words == "" {
		m.toast = "Nothing is selected"
		return nil
	}
	m.toast = "Copied " + text.Terminal(words)
	return copyCommand(m.terminal, words)
}
