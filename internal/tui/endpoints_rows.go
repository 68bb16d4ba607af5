package tui

import (
	"math"
	"strings"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// averageTitle is the column that endpoints are ordered by at first.
const averageTitle = "Average"

// endpointColumns are the figures of an endpoint. What tells how it is doing
// stays on narrow terminals.
func endpointColumns(compare bool, trend int) []table.Column {
	number := func(title string, priority int) table.Column {
		return table.Column{Title: title, Right: true, Min: 7, Priority: priority, Descending: true}
	}
	columns := []table.Column{
		{Title: "Endpoint", Min: 24, Max: 72, Weight: 1},
		{Title: "Method", Priority: 11},
		number("Requests", 14),
	}
	if compare {
		columns = append(columns, number("Requests ±", 6))
	}
	columns = append(columns, number("Errors", 7), number("Error rate", 13), number(averageTitle, 10))
	if compare {
		columns = append(columns, number("Average ±", 9))
	}
	return append(columns,
		number("p50", 3), number("p95", 15), number("p99", 8), number("Min", 2), number("Max", 4),
		number("Users", 5), number("Anonymous", 1),
		table.Column{Title: "Trend", Min: trend, Max: trend, Priority: 12, Fixed: true},
	)
}

// endpointRows is what the rows on show were made of.
type endpointRows struct {
	now, before *query.Performance
	compare     bool
	width       int
	names       map[string]endpointName // by key of the row
}

// fill makes the rows anew when an answer that they show is new.
func (e *endpoints) fill(s *shared, now *query.Performance) {
	last, next := e.built, endpointRows{now: now, compare: s.scope.compare, width: e.trends.width, names: e.built.names}
	if q, ok := before(s.scope, now); ok {
		next.before = answerTo[query.Performance](s.feed, q).Value
	}
	if last.now == nil || last.width != next.width || last.compare != next.compare {
		e.table.SetColumns(endpointColumns(next.compare, next.width))
	}
	if last.now == nil {
		e.sortFirst()
	}
	if last.now != now {
		next.names = make(map[string]endpointName, len(now.Endpoints))
		for _, p := range now.Endpoints {
			name := endpointName{p.Method, p.Endpoint}
			next.names[name.String()] = name
		}
	}
	e.built = next
	if last.now != now || last.before != next.before || last.width != next.width || last.compare != next.compare {
		e.table.SetRows(e.rows(s))
	}
	// Other rows may be in sight now.
	if e.trends.take(s, e.inSight()) {
		e.table.SetRows(e.rows(s))
	}
}

func (e *endpoints) sortFirst() {
	for i, c := range e.table.Columns() {
		if c.Title == averageTitle {
			e.table.Sort(i, true)
		}
	}
}

func (e *endpoints) rows(s *shared) []table.Row {
	earlier := make(map[endpointName]*query.EndpointPerformance)
	if e.built.before != nil {
		for i := range e.built.before.Endpoints {
			p := &e.built.before.Endpoints[i]
			earlier[endpointName{p.Method, p.Endpoint}] = p
		}
	}
	rows := make([]table.Row, len(e.built.now.Endpoints))
	for i := range e.built.now.Endpoints {
		p := &e.built.now.Endpoints[i]
		name := endpointName{p.Method, p.Endpoint}
		rows[i] = table.Row{Key: name.String(), Cells: e.cells(s, p, earlier[name])}
		rows[i].Cells = append(rows[i].Cells, table.Cell{Text: e.trends.spark(s, name), Role: look.Series(trafficSeries)})
	}
	return rows
}

// cells are those of [endpointColumns], without the last one.
func (e *endpoints) cells(s *shared, p, before *query.EndpointPerformance) []table.Cell {
	var requests, average *float64
	if before != nil {
		requests, average = number(before.RequestCount), &before.AverageMS
	}
	cells := append(make([]table.Cell, 0, 16),
		table.Cell{Text: text.Terminal(p.Endpoint), Middle: true}, table.Cell{Text: text.Terminal(p.Method), Role: look.Dim},
		countCell(p.RequestCount),
	)
	if e.built.compare {
		cells = append(cells, e.change(float64(p.RequestCount), requests))
	}
	cells = append(cells, countCell(p.ErrorCount), rateCell(s, p.ErrorRate), durationCell(p.AverageMS))
	if e.built.compare {
		change := e.change(p.AverageMS, average)
		change.Role = judge(change.Text)
		change.Text = mark(s, change.Text) + change.Text
		cells = append(cells, change)
	}
	return append(cells,
		durationCell(p.P50MS), durationCell(p.P95MS), durationCell(p.P99MS), durationCell(p.MinMS), durationCell(p.MaxMS),
		countCell(p.ActiveUsers), countCell(p.AnonymousRequests),
	)
}

// change is by how much a figure differs from that of the previous period; nil
// is an endpoint that had no requests then.
func (e *endpoints) change(now float64, before *float64) table.Cell {
	cell := table.Cell{Text: text.None, Role: look.Dim, Number: math.NaN(), IsNumber: true}
	switch {
	case e.built.before == nil:
	case before == nil:
		cell.Text, cell.Number = "new", math.Inf(1)
	default:
		cell.Text, cell.Number = text.Change(&now, before), now / *before
	}
	return cell
}

func countCell(n int64) table.Cell {
	cell := table.Cell{Text: text.Count(n), Number: float64(n), IsNumber: true}
	if n == 0 {
		cell.Role = look.Dim
	}
	return cell
}

func durationCell(ms float64) table.Cell {
	return table.Cell{Text: text.Duration(ms), Number: ms, IsNumber: true}
}

// rateCell leaves out the mark of a warning, which many rows have.
func rateCell(s *shared, ratio float64) table.Cell {
	words, role := errorRate(s, ratio)
	switch {
	case ratio == 0:
		role = look.Dim
	case role == look.Strong:
		role = look.Text
	case role == look.Warn:
		words = text.Percent(ratio)
	}
	return table.Cell{Text: words, Role: role, Number: ratio, IsNumber: true}
}

// skeleton is where rows will stand once they are there.
func skeleton(s *shared, columns []table.Column, width, height int) []string {
	t := table.New(columns...)
	t.Blurred = true
	rows := make([]table.Row, max(height-1, 0))
	for i := range rows {
		for j, c := range columns {
			// Lengths that differ as those of names and figures do.
			n := 4 + (i*5+j*3)%3
			switch {
			case j == 0:
				n = 12 + (i*7)%13
			case !c.Right:
				n = max(c.Min, 4)
			}
			rows[i].Cells = append(rows[i].Cells, table.Cell{Text: strings.Repeat(s.look.Marks().Horizontal, n), Role: look.Border})
		}
	}
	t.SetRows(rows)
	return t.View(s.look, width, height)
}
