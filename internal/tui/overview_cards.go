package tui

import (
	"math"
	"slices"
	"strings"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/sketch"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Shares of failed requests from which on they are shown as a warning, and as
// bad.
const (
	warnRate = 0.01
	badRate  = 0.05
)

// card is one figure of the overview.
type card struct {
	label, value, change string
	role                 look.Role // of the value
	trend                look.Role // of the change
	over                 []float64 // how it went
	series               int       // the colour of that
	state                phase
}

func cards(s *shared, a answers, width int) []string {
	return drawCards(s, append(requestCards(s, a), eventsCard(a)), width)
}

// drawCards draws figures beside each other: label, value, change when there is
// a comparison, and how it went.
func drawCards(s *shared, list []card, width int) []string {
	each := (width - 1) / len(list)
	inner := each - cardGap
	if each < wideCard {
		inner = each - 1
	}
	besides := !slices.ContainsFunc(list, func(c card) bool {
		return text.Width(c.value)+1+text.Width(c.changed(s)) > inner
	})
	var blocks [][]string
	for _, c := range list {
		lines := c.draw(s, inner, besides)
		blocks = append(blocks, fit(lines, each, len(lines)))
	}
	lines := beside(blocks...)
	for i, line := range lines {
		lines[i] = text.Left(" "+line, width)
	}
	return lines
}

// cardGap is the space between two cards that are at least as wide as wideCard.
const (
	cardGap  = 3
	wideCard = 16
)

// draw draws a card, its change beside the value or on a line below it.
func (c card) draw(s *shared, inner int, besides bool) []string {
	lines := []string{
		s.look.Paint(look.Dim, text.Cut(c.label, inner)), s.look.Paint(c.role, text.Cut(c.value, inner)),
	}
	if s.scope.compare {
		change := s.look.Paint(c.trend, text.Cut(c.changed(s), inner))
		if besides {
			lines[1] += text.Right(change, inner-text.Width(lines[1]))
		} else {
			lines = append(lines, change)
		}
	}
	lines = append(lines, s.look.Paint(look.Series(c.series), chart.Spark(s.look, c.over, inner)))
	if c.state == stale {
		lines = dimmed(s, lines)
	}
	return lines
}

// changed is the change with a mark of where it goes, for those who do not see
// its colour.
func (c card) changed(s *shared) string { return mark(s, c.change) + c.change }

// mark points where a change goes.
func mark(s *shared, change string) string {
	switch change = strings.TrimPrefix(change, ">"); {
	case strings.HasPrefix(change, "+"):
		return s.look.Marks().Up + " "
	case strings.HasPrefix(change, "-"):
		return s.look.Marks().Down + " "
	}
	return ""
}

func requestCards(s *shared, a answers) []card {
	list := []card{
		{label: "Requests", series: trafficSeries, over: figures(a.series.Value, requestsOf)},
		{label: "Average", series: averageSeries, over: figures(a.series.Value, averageOf)},
		{label: "p95", series: p95Series, over: figures(a.series.Value, p95Of)},
		{label: "Error rate", series: errorSeries, over: figures(a.series.Value, errorRateOf)},
		{label: "Active users", series: usersSeries, over: figures(a.series.Value, usersOf)},
	}
	for i := range list {
		list[i].value, list[i].change, list[i].role = text.None, text.None, look.Strong
		list[i].trend, list[i].state = look.Dim, a.performance.phase()
	}
	answer := a.performance.Value
	if answer == nil {
		return list
	}
	now := answer.Metrics
	list[0].value, list[4].value = text.Count(now.TotalRequests), text.Count(now.ActiveUsers)
	if now.TotalRequests > 0 {
		list[1].value, list[2].value = text.Duration(now.AverageMS), text.Duration(now.P95MS)
		list[3].value, list[3].role = errorRate(s, now.ErrorRate)
	}
	if previous := answer.Previous; previous != nil && previous.Complete {
		compareCards(list, now, previous.Metrics)
	}
	return list
}

// errorRate words a share of failed requests and says how alarming it is.
func errorRate(s *shared, ratio float64) (words string, role look.Role) {
	switch alert := s.look.Marks().Alert + " "; {
	case ratio >= badRate:
		return alert + text.Percent(ratio), look.Bad
	case ratio >= warnRate:
		return alert + text.Percent(ratio), look.Warn
	}
	return text.Percent(ratio), look.Strong
}

// compareCards fills in the changes of the cards about requests, in their
// order.
func compareCards(list []card, now, before query.PerformanceMetrics) {
	list[0].change = text.Change(number(now.TotalRequests), number(before.TotalRequests))
	average, averageBefore := ifAny(now.TotalRequests, now.AverageMS), ifAny(before.TotalRequests, before.AverageMS)
	list[1].change = text.Change(average, averageBefore)
	list[1].trend = judge(list[1].change)
	p95, p95Before := ifAny(now.TotalRequests, now.P95MS), ifAny(before.TotalRequests, before.P95MS)
	list[2].change = text.Change(p95, p95Before)
	list[2].trend = judgePercentile(list[2].change, p95, p95Before)
	list[3].change = text.Points(ifAny(now.TotalRequests, now.ErrorRate), ifAny(before.TotalRequests, before.ErrorRate))
	list[3].trend = judge(list[3].change)
	list[4].change = text.Change(number(now.ActiveUsers), number(before.ActiveUsers))
}

func eventsCard(a answers) card {
	c := card{
		label: "Events", value: text.None, change: text.None, role: look.Strong, trend: look.Dim,
		series: eventSeries, state: a.usage.phase(), over: figures(a.series.Value, eventsOf),
	}
	if answer := a.usage.Value; answer != nil {
		c.value = text.Count(answer.Metrics.TotalEvents)
		if previous := answer.Previous; previous != nil && previous.Complete {
			c.change = text.Change(number(answer.Metrics.TotalEvents), number(previous.Metrics.TotalEvents))
		}
	}
	return c
}

// judge says what a change of something that should be small means. It reads
// the sign that the reader sees, so that what is shown as no change is not
// judged either.
func judge(change string) look.Role {
	switch change = strings.TrimPrefix(change, ">"); {
	case strings.HasPrefix(change, "+"):
		return look.Bad
	case strings.HasPrefix(change, "-"):
		return look.Good
	}
	return look.Dim
}

// judgePercentile judges a percentile only where it changed by more than the
// errors of both its values: those of equal samples can differ by as much.
func judgePercentile(change string, now, before *float64) look.Role {
	const most = (1 + sketch.RelativeAccuracy) / (1 - sketch.RelativeAccuracy) * (1 + 1e-9)
	if now != nil && before != nil && max(*now, *before) <= most*min(*now, *before) {
		return look.Dim
	}
	return judge(change)
}

func number(n int64) *float64 {
	x := float64(n)
	return &x
}

// ifAny is a figure of some requests: nil without any.
func ifAny(requests int64, x float64) *float64 {
	if requests == 0 {
		return nil
	}
	return &x
}

// figures returns one figure of every point; NaN for points without it.
func figures(series *query.TimeSeries, figure func(query.Point) *float64) []float64 {
	if series == nil {
		return nil
	}
	values := make([]float64, len(series.DataPoints))
	for i, p := range series.DataPoints {
		values[i] = math.NaN()
		if x := figure(p); x != nil {
			values[i] = *x
		}
	}
	return values
}
