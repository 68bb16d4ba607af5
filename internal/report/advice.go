package report

import "github.com/appmetrics/appmetrics/internal/metric"

// hint is something to try, and the command that does it.
type hint struct{ Words, Command string }

// advice says what to do when there is no data.
func advice(r *Report) []hint {
	var list []hint
	if r.Params.Endpoint != "" {
		list = append(list, hint{"look at every endpoint", "leave --endpoint out"})
	}
	if r.Params.App != "" {
		list = append(list, hint{"look at every app", "leave --app out"})
	}
	if r.Performance.EndTime.Sub(r.Performance.StartTime) < metric.Retention {
		list = append(list, hint{"look further back", "appmetrics report --range 90d"})
	}
	return append(list,
		hint{"record an application", "appmetrics serve --upstream http://localhost:3000"},
		hint{"see it with made-up data first", "appmetrics serve --demo"})
}
