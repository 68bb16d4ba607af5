package report

import (
	"fmt"
	"math"
	"strings"
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

// tick is one label of an axis.
type tick struct {
	At    string
	Label string
}

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

// axis maps values and points to positions.
type axis struct {
	points int
	top    float64
}

func (a axis) slot() float64          { return (plotRight - plotLeft) / float64(max(a.points, 1)) }
func (a axis) left(i int) float64     { return plotLeft + a.slot()*float64(i) }
func (a axis) middle(i int) float64   { return a.left(i) + a.slot()/2 }
func (a axis) y(v float64) float64    { return plotBottom - (plotBottom-plotTop)*v/a.top }
func position(x float64) string       { return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") }
func coordinates(x, y float64) string { return position(x) + " " + position(y) }

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

// line returns the path that connects values, and that of the dots that stand
// for values without neighbours: paths have round ends, so one of no length is
// a dot.
func (a axis) line(values []float64) (line, dots string) {
	missing := func(i int) bool { return i < 0 || i >= len(values) || math.IsNaN(values[i]) }
	var run, alone strings.Builder
	for i, v := range values {
		at := coordinates(a.middle(i), a.y(v))
		switch {
		case missing(i):
		case missing(i-1) && missing(i+1):
			alone.WriteString("M" + at + "h0")
		case missing(i - 1):
			run.WriteString("M" + at)
		default:
			run.WriteString("L" + at)
		}
	}
	return run.String(), alone.String()
}

func (a axis) bars(values []float64) string {
	var b strings.Builder
	inset := min(a.slot()*0.14, 3)
	for i, v := range values {
		if v <= 0 {
			continue
		}
		// At least one unit high: an hour with one error is not one without.
		top := min(a.y(v), plotBottom-1)
		fmt.Fprintf(&b, "M%sV%sH%sV%sZ", coordinates(a.left(i)+inset, plotBottom), position(top),
			position(a.left(i+1)-inset), position(plotBottom))
	}
	return b.String()
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

// scale returns an axis whose top is a round number not below most, and its
// labels, which are multiples of unit apart; 0 when the values have none.
func scale(points int, most, unit float64, words func(float64) string) (axis, []tick) {
	if most <= 0 {
		most = 1
	}
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, part := range []float64{0.2, 0.25, 0.5, 1, 2} {
		if unit > 0 && math.Mod(step*part, unit) != 0 {
			continue
		}
		if most/(step*part) <= 5 {
			step *= part
			break
		}
	}
	a := axis{points: points, top: math.Ceil(most/step) * step}
	var labels []tick
	for i := 0; float64(i)*step <= a.top*1.0001; i++ {
		v := float64(i) * step
		labels = append(labels, tick{At: position(a.y(v)), Label: brief(words(v))})
	}
	return a, labels
}

// brief drops the decimals that say nothing, since labels of an axis are round.
func brief(label string) string {
	digits, unit, spaced := strings.Cut(label, " ")
	if !spaced {
		digits = strings.TrimRight(label, "kMGTPE")
		unit = label[len(digits):]
	}
	if strings.Contains(digits, ".") {
		digits = strings.TrimRight(strings.TrimRight(digits, "0"), ".")
	}
	if spaced {
		return digits + " " + unit
	}
	return digits + unit
}

// timeAxis labels at most seven points of time, at round hours or days.
func timeAxis(s *query.TimeSeries, a axis) []tick {
	points := s.DataPoints
	if len(points) == 0 {
		return nil
	}
	const most = 7
	day := 24 * time.Hour
	step := time.Hour
	span := points[len(points)-1].Timestamp.Sub(points[0].Timestamp)
	for _, step = range []time.Duration{time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day, 14 * day} {
		if span/step < most {
			break
		}
	}
	var labels []tick
	for i, p := range points {
		at := p.Timestamp.UTC()
		if !at.Truncate(step).Equal(at) {
			continue
		}
		label := at.Format("15:04")
		if step >= day || at.Hour() == 0 {
			label = at.Format("Jan 2")
		}
		labels = append(labels, tick{At: position(min(a.middle(i), chartWidth-20)), Label: label})
	}
	return labels
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
