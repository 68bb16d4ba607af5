package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// help is the overlay that says what every key does; it is made from the map
// that the keys are looked up in.
type help struct{ offset int }

func newHelp(*model) *help { return &help{} }

func (h *help) update(msg tea.Msg, m *model) tea.Cmd {
	step := 0
	switch msg := msg.(type) {
	case tea.MouseMsg:
		switch msg.Button {
		case tea.MouseButtonWheelUp:
			step = -1
		case tea.MouseButtonWheelDown:
			step = 1
		case tea.MouseButtonLeft:
			if msg.Action == tea.MouseActionPress {
				m.overlay = nil
			}
		default:
		}
	case tea.KeyMsg:
		switch k := m.keys; {
		case key.Matches(msg, k.Down, k.PageDown):
			step = 1
		case key.Matches(msg, k.Up, k.PageUp):
			step = -1
		default:
			m.overlay = nil
		}
	}
	h.offset = max(h.offset+step, 0)
	return nil
}

// columnWidth is how wide a column of the help is: key, words and a gap.
const (
	keyWidth    = 10
	wordsWidth  = 19
	columnWidth = keyWidth + wordsWidth
)

func (h *help) box(s *shared, width, height int) []string {
	columns := min(max((width-6)/columnWidth, 1), 3)
	lines := h.lines(s, columns)
	room := min(len(lines), height-4)
	most := len(lines) - room
	h.offset = min(h.offset, most)
	body, note := lines[h.offset:h.offset+room], ""
	if most > 0 {
		note = s.keys.Up.Help().Key + " " + s.keys.Down.Help().Key
	}
	foot := s.look.Paint(look.Dim, "Any other key closes this.")
	return s.look.Box("Keys", note, append(slices.Clone(body), foot), columns*columnWidth+4, room+3)
}

// lines sets the groups into columns, one below the other where there is room.
func (h *help) lines(s *shared, columns int) []string {
	groups := s.keys.groups()
	stacks := make([][]string, columns)
	for _, g := range groups {
		// The shortest column takes the next group.
		to := 0
		for i := range stacks {
			if len(stacks[i]) < len(stacks[to]) {
				to = i
			}
		}
		stacks[to] = append(stacks[to], s.look.Paint(look.Head, text.Left(g.title, columnWidth)))
		for _, b := range g.keys {
			stacks[to] = append(stacks[to], s.look.Paint(look.Key, text.Left(b.Help().Key, keyWidth))+text.Left(b.Help().Desc, wordsWidth))
		}
		stacks[to] = append(stacks[to], text.Left("", columnWidth))
	}
	tallest := 0
	for _, stack := range stacks {
		tallest = max(tallest, len(stack))
	}
	lines := make([]string, tallest)
	for i := range lines {
		for _, stack := range stacks {
			if i < len(stack) {
				lines[i] += stack[i]
			} else {
				lines[i] += text.Left("", columnWidth)
			}
		}
	}
	return lines
}
