package tui

import (
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// figure is one figure of an endpoint.
type figure struct {
	label, value, change string
	role, trend          look.Role
	leave                int // where room is short, those with the lowest leave first; 0 stays
}

// figureGap is the room between figures.
const figureGap = 3

// head names the endpoint and shows its figures: labels, values and, compared
// with the previous period, changes.
func (e *endpoint) head(s *shared, a asked[query.Performance], width int) []string {
	title := " " + s.look.Paint(look.Accent, text.Terminal(e.name.method)) + " " +
		s.look.Paint(look.Strong, text.CutMiddle(text.Terminal(e.name.endpoint), max(width-3-text.Width(text.Terminal(e.name.method)), 1)))
	lines := append([]string{title}, draw(s, endpointFigures(s, a.Value), width-2)...)
	for i, line := range lines {
		if i > 0 {
			line = " " + line
		}
		lines[i] = text.Left(line, width)
	}
	if a.phase() == stale {
		return append(lines[:1:1], dimmed(s, lines[1:])...)
	}
	return lines
}

func draw(s *shared, figures []figure, width int) []string {
	columns := make([]text.Column, len(figures))
	for i, f := range figures {
		columns[i] = text.Column{Want: text.Widest(f.label, f.value, mark(s, f.change)+f.change), Leave: f.leave}
	}
	lines := make([]string, 2, 3)
	if s.scope.compare {
		lines = lines[:3]
	}
	space := ""
	for i, w := range text.Columns(columns, figureGap, width) {
		if w == text.Gone {
			continue
		}
		f := figures[i]
		for j, cell := range []struct {
			role  look.Role
			words string
		}{{look.Dim, f.label}, {f.role, f.value}, {f.trend, mark(s, f.change) + f.change}}[:len(lines)] {
			lines[j] += space + s.look.Paint(cell.role, text.Left(cell.words, w))
		}
		space = text.Left("", figureGap)
	}
	return lines
}

// endpointFigures are the figures of an answer; without one, their places.
func endpointFigures(s *shared, p *query.Performance) []figure {
	list := []figure{
		{label: "Requests"}, {label: "Errors", leave: 5}, {label: "Error rate"}, {label: "Average", leave: 8}, {label: "p50", leave: 4},
		{label: "p95"}, {label: "p99", leave: 7}, {label: "Min", leave: 2}, {label: "Max", leave: 3}, {label: "Users", leave: 6},
		{label: "Anonymous", leave: 1},
	}
	for i := range list {
		list[i].value, list[i].change, list[i].role, list[i].trend = text.None, text.None, look.Strong, look.Dim
	}
	if p == nil {
		return list
	}
	now := p.Metrics
	list[0].value, list[1].value = text.Count(now.TotalRequests), text.Count(now.ErrorCount)
	list[9].value, list[10].value = text.Count(now.ActiveUsers), text.Count(now.AnonymousRequests)
	if now.TotalRequests > 0 {
		list[2].value, list[2].role = errorRate(s, now.ErrorRate)
		for i, ms := range []float64{now.AverageMS, now.P50MS, now.P95MS, now.P99MS, now.MinMS, now.MaxMS} {
			list[3+i].value = text.Duration(ms)
		}
	}
	if p.Previous != nil && p.Previous.Complete {
		compareFigures(list, now, p.Previous.Metrics)
	}
	return list
}

// compareFigures fills in the changes of [endpointFigures], in their order.
func compareFigures(list []figure, now, before query.PerformanceMetrics) {
	for i, pair := range map[int][2]int64{
		0: {now.TotalRequests, before.TotalRequests}, 1: {now.ErrorCount, before.ErrorCount},
		9: {now.ActiveUsers, before.ActiveUsers}, 10: {now.AnonymousRequests, before.AnonymousRequests},
	} {
		list[i].change = text.Change(number(pair[0]), number(pair[1]))
	}
	list[1].trend = judge(list[1].change)
	list[2].change = text.Points(ifAny(now.TotalRequests, now.ErrorRate), ifAny(before.TotalRequests, before.ErrorRate))
	list[2].trend = judge(list[2].change)
	for i, pair := range [][2]float64{
		{now.AverageMS, before.AverageMS}, {now.P50MS, before.P50MS}, {now.P95MS, before.P95MS}, {now.P99MS, before.P99MS},
		{now.MinMS, before.MinMS}, {now.MaxMS, before.MaxMS},
	} {
		f, a, b := &list[3+i], ifAny(now.TotalRequests, pair[0]), ifAny(before.TotalRequests, pair[1])
		f.change = text.Change(a, b)
		f.trend = judgePercentile(f.change, a, b)
	}
}
