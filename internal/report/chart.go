package report

import (
	"fmt"
	"math"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

// The drawing area of a chart, in the units of its SVG.
const (
	chartWidth  = 560.0
	chartHeight = 220.0
	plotLeft    = 58.0
	plotRight   = chartWidth - 10
	plotTop     = 10.0
	plotBottom  = chartHeight - 26
)

// shape is one path of a chart; Class decides how it looks.
type shape struct{ Class, Path string }

// key is one entry of a legend.
type key struct{ Class, Name string }

// hover is an invisible column over one point that says its figures.
type hover struct{ X, Width, Words string }

// chart is an SVG, ready for the template.
type chart struct {
	ID, Title, Description string
	Legend                 []key
	X, Y                   []tick
	Shapes                 []shape
	Hovers                 []hover
}

// Dense reports whether the points are so many that lines must be thin.
func (c chart) Dense() bool { return len(c.Hovers) > 48 }

// latencyChart draws the percentiles over time. An interval without requests
// interrupts the lines.
func latencyChart(r *Report) chart {
	p50, p95 := series(r, p50Of, math.NaN()), series(r, p95Of, math.NaN())
	p99 := series(r, p99Of, math.NaN())
	most := max(highest(p50), highest(p95), highest(p99))
	a, labels := scale(len(p50), most, 0, text.Duration)
	c := chart{
		ID: "latency", Title: "Response time", Y: labels, X: timeAxis(r.TimeSeries, a),
		Description: fmt.Sprintf("p50, p95 and p99 of response times by %s; p99 reaches %s, p95 %s, p50 %s. All figures are in the table below.",
			per(r.TimeSeries), text.Duration(highest(p99)), text.Duration(highest(p95)), text.Duration(highest(p50))),
		Legend: []key{{"p50", "p50"}, {"p95", "p95"}, {"p99", "p99"}},
	}
	for _, of := range []struct {
		name   string
		values []float64
	}{{"p99", p99}, {"p95", p95}, {"p50", p50}} {
		line, dots := a.line(of.values)
		c.draw("line "+of.name, line)
		c.draw("dot "+of.name, dots)
	}
	c.Hovers = a.hovers(r.TimeSeries, func(p *query.PerformancePoint) string {
		if p.P50MS == nil {
			return "no requests"
		}
		return fmt.Sprintf("p50 %s, p95 %s, p99 %s", optional(p.P50MS), optional(p.P95MS), optional(p.P99MS))
	})
	return c
}

// trafficChart draws requests as bars with the failed ones at their foot.
func trafficChart(r *Report) chart {
	requests, failed := series(r, requestsOf, 0), series(r, errorsOf, 0)
	a, labels := scale(len(requests), highest(requests), 1, func(v float64) string { return text.Compact(int64(v)) })
	c := chart{
		ID: "traffic", Title: "Traffic", Y: labels, X: timeAxis(r.TimeSeries, a),
		Description: fmt.Sprintf("Requests by %s, failed ones at the foot of each bar; at most %s and %s. All figures are in the table below.",
			per(r.TimeSeries), requestsIn(int64(highest(requests))), errorsIn(int64(highest(failed)))),
		Legend: []key{{"requests", "requests"}, {"failed", "errors"}},
	}
	c.draw("bar requests", a.bars(requests))
	c.draw("bar failed", a.bars(failed))
	c.Hovers = a.hovers(r.TimeSeries, func(p *query.PerformancePoint) string {
		return fmt.Sprintf("%s, %s (%s)",
			requestsIn(p.TotalRequests), errorsIn(p.ErrorCount), text.Percent(p.ErrorRate))
	})
	return c
}

// draw adds a shape, unless there is nothing of it.
func (c *chart) draw(class, path string) {
	if path != "" {
		c.Shapes = append(c.Shapes, shape{class, path})
	}
}

func (a axis) hovers(s *query.TimeSeries, words func(*query.PerformancePoint) string) []hover {
	var list []hover
	for i, p := range s.DataPoints {
		if p.PerformancePoint == nil {
			continue
		}
		list = append(list, hover{
			X: position(a.left(i)), Width: position(a.slot()),
			Words: stampOf(s, p.Timestamp) + ": " + words(p.PerformancePoint),
		})
	}
	return list
}

func stampOf(s *query.TimeSeries, at time.Time) string {
	if s.Interval == query.Daily {
		return at.UTC().Format("2006-01-02")
	}
	return stamp(at)
}

func optional(ms *float64) string {
	if ms == nil {
		return text.None
	}
	return text.Duration(*ms)
}
