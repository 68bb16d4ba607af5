package tui

import (
	"slices"
	"strconv"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// instant is how the time of one request is written.
const instant = "Jan _2 15:04:05"

// requestTable lists single requests.
type requestTable struct {
	table.Table
	of   *found // what the rows were made of
	zone *time.Location
	rows map[string]*query.Request // by key of the row
	id   int                       // least cells of correlation ids
}

func (t *requestTable) fill(s *shared, of *found) {
	if t.of == of && t.zone == s.scope.zone {
		return
	}
	t.of, t.zone, t.rows = of, s.scope.zone, make(map[string]*query.Request, len(of.requests))
	rows := make([]table.Row, len(of.requests))
	for i := range of.requests {
		r := &of.requests[i]
		rows[i] = table.Row{Key: r.ID.String(), Cells: requestCells(s, r)}
		t.rows[rows[i].Key] = r
	}
	if t.id == 0 {
		t.suit(0)
	}
	t.SetRows(rows)
}

// Correlation ids, which are 36 characters long as a rule, are shown whole from
// a width on that leaves room for what stands before them.
const (
	wholeID    = 36
	shortID    = 16
	wholeWidth = 86
)

// View draws the list; see [table.Table.View].
func (t *requestTable) View(l look.Look, width, height int) []string {
	t.suit(width)
	return t.Table.View(l, width, height)
}

// suit gives correlation ids, when there are any, the room that a list of some
// width has for them.
func (t *requestTable) suit(width int) {
	least := 1
	if t.of != nil && slices.ContainsFunc(t.of.requests, func(r query.Request) bool { return r.CorrelationID != "" }) {
		least = shortID
		if width >= wholeWidth {
			least = wholeID
		}
	}
	if t.id != least {
		t.id = least
		t.SetColumns(requestColumns(least))
	}
}

func requestColumns(id int) []table.Column {
	ids := table.Column{Title: "Correlation id", Priority: 2}
	if id > 1 {
		ids.Min, ids.Max, ids.Weight = id, wholeID, 3
	}
	return []table.Column{
		{Title: "Time", Descending: true},
		{Title: "Status", Right: true, Priority: 5, Descending: true},
		{Title: "Took", Right: true, Min: 7, Priority: 4, Descending: true},
		{Title: "User", Min: 9, Max: 32, Weight: 1, Priority: 3},
		ids,
		{Title: "Error", Max: 24, Priority: 1},
	}
}

func requestCells(s *shared, r *query.Request) []table.Cell {
	status := look.Text
	switch {
	case r.StatusCode >= 500:
		status = look.Bad
	case r.StatusCode >= 400:
		status = look.Warn
	}
	user := table.Cell{Text: text.Terminal(r.UserID), Middle: true}
	if r.UserID == "" {
		user = table.Cell{Text: "anonymous", Role: look.Dim}
	}
	id := table.Cell{Text: text.Terminal(r.CorrelationID), Middle: true}
	if r.CorrelationID == "" {
		id = table.Cell{Text: text.None, Role: look.Dim}
	}
	return []table.Cell{
		{Text: r.Timestamp.In(s.scope.zone).Format(instant), Number: float64(r.Timestamp.UnixMicro()), IsNumber: true},
		{Text: strconv.Itoa(r.StatusCode), Role: status, Number: float64(r.StatusCode), IsNumber: true},
		durationCell(r.ResponseTimeMS), user, id, {Text: text.Terminal(r.ErrorType), Role: look.Dim},
	}
}

func (t *requestTable) sheet(name string) sheet {
	content := sheet{Name: name, Columns: []string{
		"id", "timestamp", "app", "endpoint", "method", "status_code", "response_time_ms", "user_id", "error_type", "correlation_id",
	}}
	for _, row := range t.Shown() {
		r := t.rows[row.Key]
		content.Rows = append(content.Rows, []any{
			r.ID.String(), r.Timestamp, r.App, r.Endpoint, r.Method, int64(r.StatusCode), r.ResponseTimeMS, r.UserID, r.ErrorType, r.CorrelationID,
		})
	}
	if row, some := t.Selected(); some {
		content.Selected = t.rows[row.Key].CorrelationID
	}
	return content
}

// noFailing says why the list of failing requests is empty.
func noFailing(p *query.Performance) string {
	if p != nil && p.Metrics.ErrorCount > 0 {
		return tooOld
	}
	return "No request failed"
}

// noSlowest says why the list of slowest requests is empty.
func noSlowest(p *query.Performance) string {
	if p != nil && p.Metrics.TotalRequests > 0 {
		return tooOld
	}
	return "No requests"
}

// tooOld is said of requests that were aggregated.
const tooOld = "Older than 7 days: only hourly summaries are kept"

// kept says in short which requests a list holds, when those are not all.
func kept(s *shared, of section, list *found) string {
	switch {
	case list == nil:
		return ""
	case !list.whole && of == onSlowest:
		return "among the newest"
	case !list.whole:
		return "the newest " + text.Count(int64(len(list.requests)))
	case s.scope.rng.Start.Before(s.now().Add(-metric.RawRetention)):
		return "of the last 7 days"
	}
	return ""
}
