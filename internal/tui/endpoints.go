package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// endpoints is the screen that lists every endpoint, slowest first, and the
// view of the one that was opened.
type endpoints struct {
	table  table.Table
	words  string // what rows are filtered by
	built  endpointRows
	trends trends
	opened *endpoint // nil while the list is shown
}

func (*endpoints) title() string { return "Endpoints" }

func (e *endpoints) keys(k *keymap) []key.Binding {
	if e.opened != nil {
		return e.opened.keys(k)
	}
	return []key.Binding{k.Open, k.Filter, k.Sort, k.Reverse}
}

func (e *endpoints) asks(s *shared) []question {
	if e.opened != nil {
		return e.opened.asks(s)
	}
	return []question{askPerformance(s.scope.performance())}
}

// asides asks for the previous period of every endpoint, and for the courses of
// those in sight, once the figures are there.
func (e *endpoints) asides(s *shared) []question {
	if e.opened != nil {
		return e.trends.asks(s, []endpointName{e.opened.name}) // which the view of it needs
	}
	a := e.answer(s)
	if a.phase() != answered || !a.Since.IsZero() {
		return e.trends.asks(s, nil)
	}
	e.fill(s, a.Value)
	list := e.trends.asks(s, e.inSight())
	if q, ok := before(s.scope, a.Value); ok {
		list = append([]question{q}, list...)
	}
	return list
}

func (e *endpoints) answer(s *shared) asked[query.Performance] {
	return answerTo[query.Performance](s.feed, askPerformance(s.scope.performance()))
}

func (e *endpoints) update(msg tea.Msg, s *shared) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		e.press(msg, s)
	case tea.MouseMsg:
		e.point(msg)
	}
	return nil
}

func (e *endpoints) press(msg tea.KeyMsg, s *shared) {
	switch k := s.keys; {
	case e.opened != nil && key.Matches(msg, k.Back):
		e.opened = nil
	case e.opened != nil:
		e.opened.press(msg, s)
	case key.Matches(msg, k.Open):
		e.open()
	default:
		move(&e.table, msg, k)
	}
}

// move takes the keys that every table knows.
func move(t *table.Table, msg tea.KeyMsg, k *keymap) {
	switch {
	case key.Matches(msg, k.Up):
		t.Move(-1)
	case key.Matches(msg, k.Down):
		t.Move(1)
	case key.Matches(msg, k.PageUp):
		t.Page(-1)
	case key.Matches(msg, k.PageDown):
		t.Page(1)
	case key.Matches(msg, k.Top):
		t.Top()
	case key.Matches(msg, k.Bottom):
		t.Bottom()
	case key.Matches(msg, k.Sort):
		t.SortNext()
	case key.Matches(msg, k.Reverse):
		t.Reverse()
	}
}

// wheelRows is how many rows one turn of the wheel scrolls.
const wheelRows = 3

// point takes the mouse: a click on a title sorts, one on the row that is
// selected already opens it.
func (e *endpoints) point(msg tea.MouseMsg) {
	switch {
	case e.opened != nil:
		e.opened.point(msg)
	case msg.Button == tea.MouseButtonWheelUp:
		e.table.Wheel(-wheelRows)
	case msg.Button == tea.MouseButtonWheelDown:
		e.table.Wheel(wheelRows)
	case msg.Button == tea.MouseButtonLeft && msg.Action == tea.MouseActionPress:
		earlier, _ := e.table.Selected()
		hit := e.table.Click(msg.X-1, msg.Y)
		if row, _ := e.table.Selected(); hit == table.OnRow && row.Key == earlier.Key {
			e.open()
		}
	}
}

func (e *endpoints) open() {
	if row, some := e.table.Selected(); some {
		e.opened = newEndpoint(e.built.names[row.Key])
	}
}

func (e *endpoints) view(s *shared, width, height int) []string {
	if e.opened != nil {
		return e.opened.view(s, width, height)
	}
	a := e.answer(s)
	state := a.phase()
	switch {
	case state == loading:
		return margin(skeleton(s, endpointColumns(s.scope.compare, trendWidth(width)), width-2, height), width)
	case a.Value != nil && len(a.Value.Endpoints) == 0:
		return pane(s, a, width, height, func(*query.Performance) []string { return nothing(s, width, height) })
	case a.Value == nil:
		return pane(s, a, width, height, func(*query.Performance) []string { return nil })
	}
	e.trends.width = trendWidth(width)
	e.fill(s, a.Value)
	lines := e.table.View(s.look, width-2, height-1)
	if state == stale {
		lines = old(s, &e.table, lines)
	}
	return append(margin(lines, width), e.foot(s, width))
}

// old takes the colours of a table away, except where the reader is.
func old(s *shared, t *table.Table, lines []string) []string {
	selected, _ := t.Selected()
	kept, at := "", -1
	for i, row := range t.InSight() {
		if row.Key == selected.Key && i+1 < len(lines) {
			kept, at = lines[i+1], i+1
		}
	}
	lines = dimmed(s, lines)
	if at >= 0 {
		lines[at] = kept
	}
	return lines
}

// foot says where the selection is and what the rows are ordered by.
func (e *endpoints) foot(s *shared, width int) string {
	words := orderWords(&e.table)
	position := text.Left(e.table.Footer(), max(width-2-text.Width(words), 0))
	return text.Left(" "+s.look.Paint(look.Dim, position+words), width)
}

// orderWords says what rows are ordered by: the column may be out of sight.
func orderWords(t *table.Table) string {
	column, descending := t.Sorted()
	if column < 0 {
		return ""
	}
	c, direction := t.Columns()[column], "lowest first"
	switch {
	case !c.Right && descending:
		direction = "Z to A"
	case !c.Right:
		direction = "A to Z"
	case descending:
		direction = "highest first"
	}
	return c.Title + ", " + direction
}

// margin puts a space at both sides of lines that are two cells narrower than
// width.
func margin(lines []string, width int) []string {
	if width < 2 {
		return fit(nil, width, len(lines))
	}
	for i, line := range lines {
		lines[i] = " " + line + " "
	}
	return lines
}

// inSight names the endpoints whose rows are in sight.
func (e *endpoints) inSight() []endpointName {
	rows := e.table.InSight()
	names := make([]endpointName, len(rows))
	for i, row := range rows {
		names[i] = e.built.names[row.Key]
	}
	return names
}

func (e *endpoints) filter(words string) {
	e.words = words
	e.table.Filter(words)
}

func (e *endpoints) find(direction int) { e.table.Find(e.words, direction) }
