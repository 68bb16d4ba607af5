package report

import "github.com/appmetrics/appmetrics/internal/metric"

// hint is something to try, and the command that does it where there is one.
type hint struct{ Words, Command string }

// quoted returns the hint in one line, its command between marks.
func (h hint) quoted(mark string) string {
	if h.Command == "" {
		return h.Words
	}
	return h.Words + ": " + mark + h.Command + mark
}

// advice says what to do when there is no data.
func advice(r *Report) []hint {
	var list []hint
	if r.Params.Endpoint != "" {
		list = append(list, hint{Words: "leave out --endpoint to look at every endpoint"})
	}
	if r.Params.App != "" {
		list = append(list, hint{Words: "leave out --app to look at every app"})
	}
	if r.Performance.EndTime.Sub(r.Performance.StartTime) < metric.Retention {
		list = append(list, hint{"look further back", "appmetrics report --range 90d"})
	}
	return append(list,
		hint{"record an application", "appmetrics serve --upstream http://localhost:3000"},
		hint{"see it with made-up data first", "appmetrics serve --demo"})
}
