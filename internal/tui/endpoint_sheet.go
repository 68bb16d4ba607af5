package tui

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
)

// sheet is the table of the part that has the focus.
func (e *endpoint) sheet(s *shared) sheet {
	a := e.answers(s)
	switch e.focus {
	case onFailing:
		return e.failing.sheet("failing-requests")
	case onSlowest:
		return e.slowest.sheet("slowest-requests")
	case onKinds:
		return e.kinds.sheet()
	case onDistribution:
		return histogramSheet(a.figures.Value)
	case onCourse:
	}
	content := sheet{Name: "endpoint", Columns: []string{
		"timestamp", "total_requests", "error_count", "error_rate", "avg_response_time_ms", "p50_response_time_ms",
		"p95_response_time_ms", "p99_response_time_ms", "active_users",
	}}
	if a.course.Value == nil {
		return content
	}
	for _, p := range a.course.Value.DataPoints {
		if q := p.PerformancePoint; q != nil {
			content.Rows = append(content.Rows, []any{
				p.Timestamp, q.TotalRequests, q.ErrorCount, q.ErrorRate, value(q.AverageMS), value(q.P50MS), value(q.P95MS), value(q.P99MS), q.ActiveUsers,
			})
		}
	}
	if points := a.course.Value.DataPoints; e.reading && e.cursor < len(points) {
		content.Selected = points[e.cursor].Timestamp.UTC().Format(time.RFC3339)
	}
	return content
}

func histogramSheet(p *query.Performance) sheet {
	content := sheet{Name: "histogram", Columns: []string{"low_ms", "high_ms", "count"}}
	if p != nil {
		for _, b := range p.Histogram {
			content.Rows = append(content.Rows, []any{b.LowMS, b.HighMS, b.Count})
		}
	}
	return content
}
