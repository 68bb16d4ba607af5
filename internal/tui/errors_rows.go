package tui

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// builtFrom is what rows were made from: they are made anew when it differs.
type builtFrom[T any] struct {
	value *T
	zone  *time.Location
	at    time.Time // to the second, for words such as "3 min ago"
}

// is reports whether rows are as they would be made now, and notes that they
// will be.
func (b *builtFrom[T]) is(s *shared, value *T) bool {
	now := builtFrom[T]{value, s.scope.zone, s.now().Truncate(time.Second)}
	same := *b == now
	*b = now
	return same
}

// errorCountColumn is what errors are ordered by at first.
const errorCountColumn = 3

func errorColumns() []table.Column {
	return []table.Column{
		{Title: "Type", Max: 28},
		{Title: "Endpoint", Min: 20, Weight: 1, Priority: 6},
		{Title: "Method", Priority: 2},
		{Title: "Count", Right: true, Priority: 5, Descending: true},
		{Title: "Share", Right: true, Priority: 1, Descending: true},
		{Title: "People", Right: true, Priority: 3, Descending: true},
		{Title: "First seen", Right: true, Priority: 0, Descending: true},
		{Title: "Last seen", Right: true, Priority: 4, Descending: true},
	}
}

// fill makes the rows of an answer, unless they are there.
func (x *failures) fill(s *shared, p *query.Errors) {
	if x.built.is(s, p) {
		return
	}
	total := totalErrors(p)
	x.groups = make(map[string]*query.ErrorGroup, len(p.Errors))
	rows := make([]table.Row, len(p.Errors))
	for i := range p.Errors {
		g := &p.Errors[i]
		rows[i] = table.Row{Key: errorKey(g), Cells: errorCells(s, g, total)}
		x.groups[rows[i].Key] = g
	}
	x.table.SetRows(rows)
}

func totalErrors(p *query.Errors) int64 {
	total := int64(0)
	for _, g := range p.Errors {
		total += g.Count
	}
	return total
}

// errorKey tells groups of errors apart; no part of it holds a line break that
// is not quoted.
func errorKey(g *query.ErrorGroup) string {
	return g.ErrorType + "\x00" + g.Method + "\x00" + g.Endpoint
}

func errorCells(s *shared, g *query.ErrorGroup, total int64) []table.Cell {
	share := float64(g.Count) / float64(max(total, 1))
	return []table.Cell{
		{Text: errorWords(g.ErrorType), Role: errorRole(g.ErrorType)},
		{Text: text.Terminal(g.Endpoint), Middle: true},
		{Text: text.Terminal(g.Method)},
		countCell(g.Count),
		{Text: text.Percent(share), Number: share, IsNumber: true, Role: look.Dim},
		countCell(g.UsersAffected),
		timeCell(g.FirstSeen, s.seen(g.FirstSeen)),
		timeCell(g.LastSeen, s.seen(g.LastSeen)),
	}
}

// errorWords names a type of errors; those of other programs may have none.
func errorWords(errorType string) string {
	if errorType == "" {
		return "no type"
	}
	return text.Terminal(errorType)
}

// errorRole tells what the server did wrong from what its clients did. The
// words say so, too.
func errorRole(errorType string) look.Role {
	if first, _ := statusOf(errorType); first == "4xx" {
		return look.Warn
	}
	return look.Bad
}

func timeCell(t time.Time, words string) table.Cell {
	return table.Cell{Text: words, Number: float64(t.UnixMilli()), IsNumber: true, Role: look.Dim}
}
