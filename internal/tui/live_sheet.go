package tui

import "time"

// sheet holds what is shown of the list, requests and events in one table.
func (l *live) sheet(*shared) sheet {
	out := sheet{Name: "live", Columns: []string{
		"kind", "timestamp", "app", "method", "endpoint", "status_code", "response_time_ms", "error_type",
		"event_type", "page_name", "element_id", "success", "metadata", "user_id", "correlation_id", "id",
	}}
	if l.detail != nil {
		out.Selected = l.detail.arrival.copied()
	} else if a, ok := l.selected(); ok {
		out.Selected = a.copied()
	}
	if l.table == nil {
		return out
	}
	shown := make(map[string]*arrival, len(l.shown))
	for _, a := range l.shown {
		shown[a.row.Key] = a
	}
	for _, row := range l.table.Shown() {
		out.Rows = append(out.Rows, shown[row.Key].record())
	}
	return out
}

// record is an arrival in the columns of the sheet.
func (a *arrival) record() []any {
	if r := a.request; r != nil {
		return []any{
			"request", r.Timestamp, r.App, r.Method, r.Endpoint, int64(r.StatusCode), r.ResponseTimeMS, orNothing(r.ErrorType),
			nil, nil, nil, nil, nil, orNothing(r.UserID), orNothing(r.CorrelationID), r.ID.String(),
		}
	}
	e := a.event
	return []any{
		"event", e.Timestamp, e.App, nil, nil, nil, nil, nil,
		e.EventType, orNothing(e.PageName), orNothing(e.ElementID), e.Success, orNothing(string(e.Metadata)),
		orNothing(e.UserID), orNothing(e.CorrelationID), e.ID.String(),
	}
}

func orNothing(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// knownFrom is since when all that arrived is known: a first answer holds no
// more than so many of each kind.
func (a *arrived) knownFrom() time.Time {
	from := a.now.Add(-(rateSeconds + 1) * time.Second)
	if len(a.requests) == firstRows && a.requests[firstRows-1].Timestamp.After(from) {
		from = a.requests[firstRows-1].Timestamp
	}
	if len(a.events) == firstRows && a.events[firstRows-1].Timestamp.After(from) {
		from = a.events[firstRows-1].Timestamp
	}
	return from
}
