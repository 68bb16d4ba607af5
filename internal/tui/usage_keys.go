package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// press takes a key to the charts or to a list, and the arrows across their
// borders.
func (x *usage) press(msg tea.KeyMsg, s *shared) {
	if x.charted {
		x.pressCharts(msg, s)
		return
	}
	k, list := s.keys, x.lists[x.at]
	switch {
	case key.Matches(msg, k.Left):
		x.focus(x.at - 1)
	case key.Matches(msg, k.Right):
		x.focus(x.at + 1)
	case key.Matches(msg, k.Open) && x.at == pagesList:
		if row, some := list.table.Selected(); some {
			name := list.items[row.Key].name
			x.narrow(&name, s)
			x.focus(elementsList)
		}
	case key.Matches(msg, k.Back) && x.page != nil:
		x.narrow(nil, s)
	default:
		earlier, _ := list.table.Selected()
		move(list.table, msg, k)
		if row, _ := list.table.Selected(); row.Key == earlier.Key && key.Matches(msg, k.Up) {
			x.read(len(x.points(s))-1, s) // nowhere further up
		}
	}
}

func (x *usage) pressCharts(msg tea.KeyMsg, s *shared) {
	points := len(x.points(s))
	page := max(points/4, 1)
	switch k := s.keys; {
	case key.Matches(msg, k.Down, k.Back, k.Open):
		x.charted = false
	case key.Matches(msg, k.Left):
		x.read(x.cursor-1, s)
	case key.Matches(msg, k.Right):
		x.read(x.cursor+1, s)
	case key.Matches(msg, k.PageUp):
		x.read(x.cursor-page, s)
	case key.Matches(msg, k.PageDown):
		x.read(x.cursor+page, s)
	case key.Matches(msg, k.Top):
		x.read(0, s)
	case key.Matches(msg, k.Bottom):
		x.read(points-1, s)
	}
}

// focus gives the keys to a list, as far as there are any to the left or right.
func (x *usage) focus(list int) {
	x.charted, x.at = false, max(min(list, elementsList), typesList)
}

// read gives the keys to the charts and points at one of their values.
func (x *usage) read(i int, s *shared) {
	if points := len(x.points(s)); points > 0 {
		x.charted, x.cursor = true, max(min(i, points-1), 0)
	}
}

// point takes the mouse: a click gives the keys to what it meets.
func (x *usage) point(msg tea.MouseMsg, s *shared) {
	press := msg.Button == tea.MouseButtonLeft
	for _, p := range x.placed {
		if press && msg.X >= p.left && msg.X < p.left+p.width && msg.Y >= p.top && msg.Y < p.bottom {
			if i := p.chart.Index(p.width, msg.X-p.left); i >= 0 {
				x.read(i, s)
			}
			return
		}
	}
	for _, a := range x.areas {
		if msg.X < a.left || msg.X >= a.left+a.width || msg.Y < a.top || msg.Y >= a.top+a.height {
			continue
		}
		if n := wheel(msg); n != 0 {
			x.lists[a.list].table.Wheel(n)
		} else if press && msg.Action == tea.MouseActionPress {
			x.focus(a.list)
			x.lists[a.list].table.Click(msg.X-a.left-2, msg.Y-a.top-1)
		}
		return
	}
}
