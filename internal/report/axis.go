package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

// tick is one label of an axis.
type tick struct {
	At    string
	Label string
}

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

// scale returns an axis whose top is a round number not below most, and its
// labels, which are multiples of unit apart; 0 when the values have none.
func scale(points int, most, unit float64, words func(float64) string) (axis, []tick) {
	const steps = 5
	values := text.Ticks(0, most, steps, unit)
	a := axis{points: points, top: values[len(values)-1]}
	var labels []tick
	for _, v := range values {
		labels = append(labels, tick{At: position(a.y(v)), Label: text.Brief(words(v))})
	}
	return a, labels
}

// timeAxis labels at most seven points of time, at round hours or days.
func timeAxis(s *query.TimeSeries, a axis) []tick {
	points := s.DataPoints
	if len(points) == 0 {
		return nil
	}
	const most = 7
	var labels []tick
	for _, at := range text.Instants(points[0].Timestamp, points[len(points)-1].Timestamp, most, time.UTC) {
		i, found := slices.BinarySearchFunc(points, at, func(p query.Point, at time.Time) int { return p.Timestamp.Compare(at) })
		if found {
			labels = append(labels, tick{At: position(min(a.middle(i), chartWidth-20)), Label: text.Instant(at)})
		}
	}
	return labels
}
