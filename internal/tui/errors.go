package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// failures is the screen Errors: what fails where, most frequent first, and
// below it the newest requests of the type that was opened.
type failures struct {
	table  *table.Table
	words  string // what rows are filtered by
	built  builtFrom[query.Errors]
	groups map[string]*query.ErrorGroup // by key of the row
	opened *failing                     // nil while none is
	split  int                          // the line of the last view on which the opened one began
}

func newFailures() *failures {
	x := &failures{table: table.New(errorColumns()...)}
	x.table.Sort(errorCountColumn, true)
	return x
}

func (*failures) title() string { return "Errors" }

func (x *failures) keys(k *keymap) []key.Binding {
	if x.opened != nil {
		return []key.Binding{k.Back, k.Sort, k.Reverse}
	}
	return []key.Binding{relabel(k.Open, "requests"), k.Filter, k.Sort, k.Reverse}
}

func (x *failures) asks(s *shared) []question {
	list := []question{askErrors(s.scope.errors())}
	if x.opened != nil {
		list = append(list, x.opened.question(s))
	}
	return list
}

func (*failures) answer(s *shared) asked[query.Errors] {
	return answerTo[query.Errors](s.feed, askErrors(s.scope.errors()))
}

func (x *failures) update(msg tea.Msg, s *shared) tea.Cmd {
	x.sync(s)
	switch msg := msg.(type) {
	case tea.KeyMsg:
		x.press(msg, s.keys)
	case tea.MouseMsg:
		x.point(msg)
	}
	return nil
}

func (x *failures) press(msg tea.KeyMsg, k *keymap) {
	switch {
	case x.opened != nil && key.Matches(msg, k.Back):
		x.opened = nil
	case x.opened != nil:
		move(&x.opened.table.Table, msg, k)
	case key.Matches(msg, k.Open):
		x.open()
	default:
		move(x.table, msg, k)
	}
}

// point takes the mouse: a click on a title sorts, one on the row that is
// selected already opens it, and while one is open any row is opened at once.
func (x *failures) point(msg tea.MouseMsg) {
	over, y := x.table, msg.Y
	if x.opened != nil && msg.Y >= x.split {
		over, y = &x.opened.table.Table, msg.Y-x.split-1 // below the border
	}
	if n := wheel(msg); n != 0 {
		over.Wheel(n)
		return
	}
	if msg.Button != tea.MouseButtonLeft || msg.Action != tea.MouseActionPress {
		return
	}
	if over != x.table {
		over.Click(msg.X-2, y)
		return
	}
	earlier, _ := x.table.Selected()
	hit := x.table.Click(msg.X-1, y)
	row, _ := x.table.Selected()
	if hit == table.OnRow && (x.opened != nil || row.Key == earlier.Key) {
		x.open()
	}
}

// sync makes the rows of what was answered since the last view.
func (x *failures) sync(s *shared) {
	if p := x.answer(s).Value; p != nil {
		x.fill(s, p)
	}
	if x.opened != nil {
		x.opened.sync(s)
	}
}

// open shows the requests of the selected type.
func (x *failures) open() {
	row, some := x.table.Selected()
	if group := x.groups[row.Key]; some && group != nil {
		x.opened = newFailing(*group)
	}
}

func (x *failures) view(s *shared, width, height int) []string {
	a := x.answer(s)
	switch {
	case a.phase() == loading:
		return margin(skeleton(s, errorColumns(), width-2, height), width)
	case a.Value == nil:
		return pane(s, a, width, height, func(*query.Errors) []string { return nil })
	case len(a.Value.Errors) == 0 && x.opened == nil:
		return pane(s, a, width, height, func(*query.Errors) []string { return noErrors(s, width, height) })
	}
	upper := height
	if x.opened != nil {
		upper = max(height*2/5, 4)
	}
	x.split = upper
	x.table.Blurred = x.opened != nil
	x.fill(s, a.Value)
	lines := x.table.View(s.look, width-2, upper-1)
	if a.phase() == stale {
		lines = old(s, x.table, lines)
	}
	lines = append(margin(lines, width), x.foot(s, a.Value, width))
	if x.opened != nil {
		lines = append(lines, x.opened.view(s, width, height-upper)...)
	}
	return tall(lines, width, height)
}

// tall cuts and fills lines of width cells so that there are exactly height. It
// is fit for lines that were measured already.
func tall(lines []string, width, height int) []string {
	if width < leastWidth { // parts that no terminal has room for are not so exact
		return fit(lines, width, height)
	}
	for len(lines) < height {
		lines = append(lines, text.Left("", width))
	}
	return lines[:height]
}

// foot says where the selection is, how many errors there are in all and what
// the rows are ordered by.
func (x *failures) foot(s *shared, p *query.Errors, width int) string {
	order := orderWords(x.table)
	words := x.table.Footer() + " " + s.look.Marks().Between + " " + counted(totalErrors(p), "error") + " in all"
	room := max(width-2-text.Width(order), 0)
	return " " + s.look.Paint(look.Dim, text.Left(text.Cut(words, max(room-2, 0)), room)+text.Cut(order, max(width-2, 0))) + " "
}

// noErrors is the good news, and how to look for worse.
func noErrors(s *shared, width, height int) []string {
	if p := answerTo[query.Status](s.feed, askStatus()).Value; p != nil && len(p.Apps) == 0 {
		return nothing(s, width, height)
	}
	lines := []string{"No errors", "no request failed in this time", ""}
	advice := s.advice()
	lines = append(lines, advice[:len(advice)-2]...) // not how to begin
	return centred(s, look.Good, width, height, lines...)
}

func (x *failures) filter(words string) {
	x.words = words
	x.table.Filter(words)
}

func (x *failures) find(direction int) { x.table.Find(x.words, direction) }

func (x *failures) sheet(s *shared) sheet {
	if x.opened != nil {
		return x.opened.sheet(s)
	}
	out := sheet{Name: "errors", Columns: []string{
		"error_type", "endpoint", "method", "count", "users_affected", "first_seen", "last_seen",
	}}
	x.sync(s)
	for _, row := range x.table.Shown() {
		g := x.groups[row.Key]
		out.Rows = append(out.Rows, []any{g.ErrorType, g.Endpoint, g.Method, g.Count, g.UsersAffected, g.FirstSeen, g.LastSeen})
	}
	if row, some := x.table.Selected(); some {
		g := x.groups[row.Key]
		out.Selected = g.ErrorType + " " + g.Method + " " + g.Endpoint
	}
	return out
}
