package tui

import "github.com/appmetrics/appmetrics/internal/query"

func (e *endpoints) sheet(s *shared) sheet {
	if e.opened != nil {
		return e.opened.sheet(s)
	}
	content := sheet{Name: "endpoints", Columns: []string{
		"endpoint", "method", "request_count", "error_count", "error_rate", "avg_response_time_ms", "p50_response_time_ms",
		"p95_response_time_ms", "p99_response_time_ms", "min_response_time_ms", "max_response_time_ms", "active_users",
		"anonymous_requests",
	}}
	if e.built.now == nil {
		return content
	}
	figures := make(map[string]*query.EndpointPerformance, len(e.built.now.Endpoints))
	for i := range e.built.now.Endpoints {
		p := &e.built.now.Endpoints[i]
		figures[endpointName{p.Method, p.Endpoint}.String()] = p
	}
	for _, row := range e.table.Shown() {
		p := figures[row.Key]
		content.Rows = append(content.Rows, []any{
			p.Endpoint, p.Method, p.RequestCount, p.ErrorCount, p.ErrorRate, p.AverageMS, p.P50MS, p.P95MS, p.P99MS,
			p.MinMS, p.MaxMS, p.ActiveUsers, p.AnonymousRequests,
		})
	}
	if row, some := e.table.Selected(); some {
		content.Selected = figures[row.Key].Endpoint
	}
	return content
}
