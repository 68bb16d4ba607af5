package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/tui/chart"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// drawn remembers where a part was drawn in the body, for the mouse: from its
// first cell to its last, inside of its border.
type drawn struct {
	section                  section
	left, top, width, height int
	chart                    *chart.Time
	table                    *table.Table
}

func (e *endpoint) point(msg tea.MouseMsg) {
	for _, d := range e.drawn {
		x, y := msg.X-d.left, msg.Y-d.top
		if x < 0 || x >= d.width || y < 0 || y >= d.height {
			continue
		}
		switch {
		case msg.Button == tea.MouseButtonWheelUp && d.table != nil:
			d.table.Wheel(-wheelRows)
		case msg.Button == tea.MouseButtonWheelDown && d.table != nil:
			d.table.Wheel(wheelRows)
		case msg.Button == tea.MouseButtonLeft:
			e.click(d, x, y, msg.Action == tea.MouseActionPress)
		}
		return
	}
}

// click goes to what was pointed at; the cursor follows a button held down.
func (e *endpoint) click(d drawn, x, y int, pressed bool) {
	if d.chart != nil {
		if i := d.chart.Index(d.width, x); i >= 0 {
			e.enter(onCourse)
			e.put(i, len(d.chart.Lines[0].Values))
		}
		return
	}
	if !pressed {
		return
	}
	if d.table != nil {
		d.table.Click(x, y)
	}
	e.enter(d.section)
}
