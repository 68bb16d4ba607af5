package tui

import (
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
)

// mostTrends is how many courses are asked for at the same time.
const mostTrends = 4

// trends is the courses of endpoints, as sparklines. They are asked for when
// their rows come into sight.
type trends struct {
	lazy    lazy
	width   int // of a sparkline, in cells
	about   any // the question that the list answers: with another one, all begin anew
	courses map[endpointName]*query.TimeSeries
}

// asks returns what to ask for the rows in sight, and gives up what was asked
// for others.
func (t *trends) asks(s *shared, names []endpointName) []question {
	t.lazy.most = mostTrends
	wanted := make([]question, len(names))
	for i, n := range names {
		wanted[i] = n.course(s.scope)
	}
	return t.lazy.pick(s.feed, wanted)
}

// take keeps the answers for the rows in sight, and reports whether one is new.
func (t *trends) take(s *shared, names []endpointName) bool {
	fresh := false
	if about := askTimeSeries(s.scope.timeSeries()).key; t.about != about {
		t.about, t.courses, fresh = about, make(map[endpointName]*query.TimeSeries), true
	}
	for _, n := range names {
		if a := answerTo[query.TimeSeries](s.feed, n.course(s.scope)); a.Value != nil && t.courses[n] != a.Value {
			t.courses[n], fresh = a.Value, true
		}
	}
	return fresh
}

// spark draws the requests of an endpoint over the range; nothing before the
// answer is there.
func (t *trends) spark(s *shared, n endpointName) string {
	course := t.courses[n]
	if course == nil || t.width <= 0 {
		return ""
	}
	return chart.Spark(s.look, figures(course, requestsOf), t.width)
}

// trendWidth is the room for a sparkline on a terminal.
func trendWidth(width int) int {
	switch {
	case width < 100:
		return 10
	case width < 160:
		return 16
	}
	return 24
}
