package tui

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// kindTable lists the errors of an endpoint by type.
type kindTable struct {
	table.Table
	of   *query.Errors // what the rows were made of
	zone *time.Location
	rows map[string]*query.ErrorGroup // by key of the row
}

func (t *kindTable) fill(s *shared, of *query.Errors) {
	if t.of == of && t.zone == s.scope.zone {
		return
	}
	if t.of == nil {
		t.SetColumns([]table.Column{
			{Title: "Error", Min: 14, Max: 48, Weight: 1},
			{Title: "Requests", Right: true, Priority: 3, Descending: true},
			{Title: "People", Right: true, Priority: 4, Descending: true},
			{Title: "First seen", Priority: 1, Descending: true},
			{Title: "Last seen", Priority: 2, Descending: true},
		})
	}
	t.of, t.zone, t.rows = of, s.scope.zone, make(map[string]*query.ErrorGroup, len(of.Errors))
	rows := make([]table.Row, len(of.Errors))
	seen := func(at time.Time) table.Cell {
		return table.Cell{Text: at.In(s.scope.zone).Format(instant), Number: float64(at.UnixMicro()), IsNumber: true}
	}
	for i := range of.Errors {
		g := &of.Errors[i]
		rows[i] = table.Row{Key: g.ErrorType, Cells: []table.Cell{
			{Text: text.Terminal(g.ErrorType), Middle: true}, countCell(g.Count), countCell(g.UsersAffected), seen(g.FirstSeen), seen(g.LastSeen),
		}}
		t.rows[g.ErrorType] = g
	}
	t.SetRows(rows)
}

func (t *kindTable) sheet() sheet {
	content := sheet{Name: "errors", Columns: []string{
		"endpoint", "method", "error_type", "count", "users_affected", "first_seen", "last_seen",
	}}
	for _, row := range t.Shown() {
		g := t.rows[row.Key]
		content.Rows = append(content.Rows, []any{g.Endpoint, g.Method, g.ErrorType, g.Count, g.UsersAffected, g.FirstSeen, g.LastSeen})
	}
	if row, some := t.Selected(); some {
		content.Selected = t.rows[row.Key].ErrorType
	}
	return content
}
