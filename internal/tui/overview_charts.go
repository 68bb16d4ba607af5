package tui

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
)

// The colours of what is drawn, the same on every chart and card.
const (
	averageSeries = 0
	p50Series     = 0
	p95Series     = 1
	p99Series     = 2
	trafficSeries = 3
	errorSeries   = 4
	usersSeries   = 5
	eventSeries   = 5
)

func averageOf(p query.Point) *float64 {
	return ofRequests(p, func(q *query.PerformancePoint) *float64 { return q.AverageMS })
}

func p50Of(p query.Point) *float64 {
	return ofRequests(p, func(q *query.PerformancePoint) *float64 { return q.P50MS })
}

func p95Of(p query.Point) *float64 {
	return ofRequests(p, func(q *query.PerformancePoint) *float64 { return q.P95MS })
}

func p99Of(p query.Point) *float64 {
	return ofRequests(p, func(q *query.PerformancePoint) *float64 { return q.P99MS })
}

func requestsOf(p query.Point) *float64 {
	return ofRequests(p, func(q *query.PerformancePoint) *float64 { return number(q.TotalRequests) })
}

func errorsOf(p query.Point) *float64 {
	return ofRequests(p, func(q *query.PerformancePoint) *float64 { return number(q.ErrorCount) })
}

func errorRateOf(p query.Point) *float64 {
	return ofRequests(p, func(q *query.PerformancePoint) *float64 { return ifAny(q.TotalRequests, q.ErrorRate) })
}

func usersOf(p query.Point) *float64 {
	return ofRequests(p, func(q *query.PerformancePoint) *float64 { return number(q.ActiveUsers) })
}

func eventsOf(p query.Point) *float64 {
	if p.UsagePoint == nil {
		return nil
	}
	return number(p.TotalEvents)
}

func ofRequests(p query.Point, figure func(*query.PerformancePoint) *float64) *float64 {
	if p.PerformancePoint == nil {
		return nil
	}
	return figure(p.PerformancePoint)
}

// plot is one chart of the overview.
type plot struct {
	title string
	lines func(*query.TimeSeries) []chart.Line
	unit  func(float64) string
	bars  bool
	whole bool
	log   bool
}

func plots() []plot {
	one := func(name string, series int, of func(query.Point) *float64) func(*query.TimeSeries) []chart.Line {
		return func(t *query.TimeSeries) []chart.Line {
			return []chart.Line{{Name: name, Values: figures(t, of), Series: series}}
		}
	}
	compact := func(v float64) string { return text.Compact(int64(v)) }
	return []plot{
		{title: "Response time", unit: text.Duration, log: true, lines: func(t *query.TimeSeries) []chart.Line {
			return []chart.Line{
				{Name: "p50", Values: figures(t, p50Of), Series: p50Series},
				{Name: "p95", Values: figures(t, p95Of), Series: p95Series},
				{Name: "p99", Values: figures(t, p99Of), Series: p99Series},
			}
		}},
		{title: "Traffic", unit: compact, bars: true, whole: true, lines: func(t *query.TimeSeries) []chart.Line {
			return []chart.Line{
				{Name: "requests", Values: figures(t, requestsOf), Series: trafficSeries},
				{Name: "errors", Values: figures(t, errorsOf), Series: errorSeries},
			}
		}},
		{title: "Error rate", unit: text.Percent, lines: one("errors", errorSeries, errorRateOf)},
		{title: "People", unit: compact, whole: true, lines: one("active users", usersSeries, usersOf)},
	}
}

// placed remembers where a chart was drawn, for the mouse.
type placed struct {
	chart                    chart.Time
	left, top, width, bottom int // of the chart inside its border; bottom is the line after it
}

// leastChart is the height below which a chart says too little.
const leastChart = 7

// chartMargin is the room for the labels of values, such as "999 ms".
const chartMargin = 6

// charts draws as many of the plots as there is room for, all over the same
// time: below each other, or side by side on wide terminals. top is the line of
// the body that they begin on.
func (o *overview) charts(s *shared, a answers, width, height, top int) []string {
	all := plots()
	if width >= 2*leastWidth+40 && height >= 2*leastChart {
		half, upper := width/2, (height+1)/2
		left := append(o.panel(s, a, all[0], 0, top, half, upper), o.panel(s, a, all[2], 0, top+upper, half, height-upper)...)
		right := append(o.panel(s, a, all[1], half, top, width-half, upper), o.panel(s, a, all[3], half, top+upper, width-half, height-upper)...)
		return beside(left, right)
	}
	n := max(min(height/leastChart, 3), 1)
	if n == 3 && height < 3*leastChart+5 {
		n = 2
	}
	var lines []string
	for i, p := range all[:n] {
		share := (height - len(lines) + n - i - 1) / (n - i)
		lines = append(lines, o.panel(s, a, p, 0, top+len(lines), width, share)...)
	}
	return lines
}

func (o *overview) panel(s *shared, a answers, p plot, left, top, width, height int) []string {
	return panel(s, p.title, "", a.series, width, height, func(t *query.TimeSeries, inner, lines int) []string {
		c := s.timeChart(t, p)
		if o.reading {
			c.Cursor = o.cursor
		}
		o.drawn = append(o.drawn, placed{chart: c, left: left + 2, top: top + 1, width: inner, bottom: top + 1 + lines})
		return c.Draw(s.look, inner, lines)
	})
}

// timeChart is a chart of a time series, without a cursor.
func (s *shared) timeChart(t *query.TimeSeries, p plot) chart.Time {
	c := chart.Time{
		Step: stepOf(t), Lines: p.lines(t), Unit: p.unit, Zone: s.scope.zone, Cursor: -1,
		Floor0: !p.log, Log: p.log, Bars: p.bars, Whole: p.whole, Margin: chartMargin,
	}
	if len(t.DataPoints) > 0 {
		c.Start = t.DataPoints[0].Timestamp
	}
	return c
}

func stepOf(t *query.TimeSeries) time.Duration {
	if t.Interval == query.Daily {
		return 24 * time.Hour
	}
	return time.Hour
}

// pointAt returns which point is at a place of the body; -1 beside the charts.
func (o *overview) pointAt(x, y int) int {
	for _, p := range o.drawn {
		if x >= p.left && x < p.left+p.width && y >= p.top && y < p.bottom {
			return p.chart.Index(p.width, x-p.left)
		}
	}
	return -1
}

// stamp writes the first instant of a point in the reader's zone; of a day,
// which is one of UTC, its date.
func (s *shared) stamp(t time.Time) string {
	if s.scope.interval() == query.Daily {
		return t.UTC().Format(time.DateOnly)
	}
	return t.In(s.scope.zone).Format("2006-01-02 15:04")
}

func (o *overview) sheet(s *shared) sheet {
	content := sheet{Name: "overview", Columns: []string{
		"timestamp", "total_requests", "error_count", "error_rate", "avg_response_time_ms", "p50_response_time_ms",
		"p95_response_time_ms", "p99_response_time_ms", "active_users", "total_events", "unique_users",
	}}
	for _, p := range o.points(s) {
		row := make([]any, len(content.Columns))
		row[0] = p.Timestamp
		if q := p.PerformancePoint; q != nil {
			copy(row[1:], []any{
				q.TotalRequests, q.ErrorCount, q.ErrorRate, value(q.AverageMS), value(q.P50MS), value(q.P95MS),
				value(q.P99MS), q.ActiveUsers,
			})
		}
		if q := p.UsagePoint; q != nil {
			copy(row[9:], []any{q.TotalEvents, q.UniqueUsers})
		}
		content.Rows = append(content.Rows, row)
	}
	if points := o.points(s); o.reading && o.cursor < len(points) {
		content.Selected = points[o.cursor].Timestamp.UTC().Format(time.RFC3339)
	}
	return content
}

func value(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}
