package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// liveColumns hold text alone: the filter finds all that is visible.
func liveColumns() []table.Column {
	return []table.Column{
		{Title: "Time", Fixed: true, Priority: 9},
		{Title: "Type", Fixed: true, Priority: 8, Min: 7, Max: 20},
		{Title: "Endpoint or page", Fixed: true, Priority: 7, Min: 28, Weight: 4},
		{Title: "Status", Fixed: true, Priority: 6, Right: true, Min: 8},
		{Title: "Response", Fixed: true, Priority: 5, Right: true, Min: 8},
		{Title: "User", Fixed: true, Priority: 4, Min: 12, Max: 32, Weight: 1},
		{Title: "App", Fixed: true, Priority: 1, Min: 7, Max: 16},
	}
}

// liveRow is an arrival as a row. What others wrote passes the sanitiser here.
func liveRow(s *shared, a *arrival) table.Row {
	row := table.Row{Key: a.id().String(), Cells: []table.Cell{{Text: s.moment(a.at()), Role: look.Dim}}}
	user, app := "", ""
	if r := a.request; r != nil {
		user, app = r.UserID, r.App
		row.Cells = append(row.Cells, table.Cell{Text: text.Terminal(r.Method)},
			table.Cell{Text: text.Terminal(r.Endpoint), Middle: true},
			statusCell(s, r.StatusCode, r.ErrorType),
			table.Cell{Text: text.Duration(r.ResponseTimeMS)})
	} else {
		e := a.event
		user, app = e.UserID, e.App
		outcome := table.Cell{Text: "ok", Role: look.Dim}
		if !e.Success {
			outcome = table.Cell{Text: s.look.Marks().Alert + " failed", Role: look.Bad}
		}
		row.Cells = append(row.Cells, table.Cell{Text: text.Terminal(e.EventType), Role: look.Series(1)},
			table.Cell{Text: place(e.PageName, e.ElementID), Middle: true}, outcome, table.Cell{})
	}
	row.Cells = append(row.Cells, table.Cell{Text: text.Terminal(user)}, table.Cell{Text: text.Terminal(app), Role: look.Dim})
	return row
}

// place is a page and what was used on it.
func place(page, element string) string {
	words := []string{text.Terminal(page), text.Terminal(element)}
	if element == "" {
		words = words[:1]
	}
	return strings.TrimSpace(strings.Join(words, "  "))
}

// statusCell is a status code, marked when it is an error: with what went
// wrong, where the code does not say.
func statusCell(s *shared, code int, errorType string) table.Cell {
	words, role := strconv.Itoa(code), look.Text
	if errorType != "" && errorType != metric.ErrorTypeFor(code) {
		words = text.Cut(text.Terminal(errorType), 14) + " " + words
	}
	switch {
	case code >= 500 || errorType == metric.ErrorPanic:
		role = look.Bad
	case code >= 400:
		role = look.Warn
	case code >= 300:
		role = look.Dim
	}
	if code >= 400 {
		words = s.look.Marks().Alert + " " + words
	}
	return table.Cell{Text: words, Role: role}
}

// moment is a time to the millisecond in the reader's zone: that of a day before
// with its date.
func (s *shared) moment(t time.Time) string {
	t = t.In(s.scope.zone)
	if t.Format(time.DateOnly) == s.now().In(s.scope.zone).Format(time.DateOnly) {
		return t.Format("15:04:05.000")
	}
	return t.Format("Jan 02 15:04")
}

// joined sets parts next to each other, as many as fit, and fills what is left
// of a line with a sparkline of the last minute.
func joined(s *shared, parts []part, width int, minute []float64) string {
	const label, least, most = " last minute", 10, rateSeconds
	line, used := " ", 1
	for i, p := range parts {
		need := text.Width(p.words)
		if i > 0 {
			need += 3
		}
		if used+need > width-1 {
			continue
		}
		if i > 0 {
			line += s.look.Paint(look.Dim, " "+s.look.Marks().Between+" ")
		}
		line, used = line+s.look.Paint(p.role, p.words), used+need
	}
	room := min(width-used-3-len(label), most)
	if room < least {
		return text.Left(line, width)
	}
	spark := s.look.Paint(look.Series(0), chart.Spark(s.look, minute, room)) + s.look.Paint(look.Dim, label)
	return text.Left(line, width-room-len(label)-1) + spark + " "
}
