package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// overview is the screen that says how the application is doing: the figures
// of the range, how they went, and how healthy the data is.
type overview struct {
	reader
	drawn []placed
}

// answers is what the overview shows.
type answers struct {
	performance asked[query.Performance]
	usage       asked[query.Usage]
	series      asked[query.TimeSeries]
	status      asked[query.Status]
}

func (*overview) title() string { return "Overview" }

func (o *overview) keys(k *keymap) []key.Binding {
	keys := []key.Binding{relabel(bind("← →", "", append(k.Left.Keys(), k.Right.Keys()...)...), "read values")}
	if o.reading {
		keys = append(keys, k.Back)
	}
	return keys
}

func (*overview) asks(s *shared) []question {
	return []question{
		askPerformance(s.scope.performance()), askUsage(s.scope.usage()),
		askTimeSeries(s.scope.timeSeries()), askStatus(),
	}
}

func (*overview) answers(s *shared) answers {
	return answers{
		performance: answerTo[query.Performance](s.feed, askPerformance(s.scope.performance())),
		usage:       answerTo[query.Usage](s.feed, askUsage(s.scope.usage())),
		series:      answerTo[query.TimeSeries](s.feed, askTimeSeries(s.scope.timeSeries())),
		status:      answerTo[query.Status](s.feed, askStatus()),
	}
}

// empty reports whether it is known that nothing was recorded.
func (a answers) empty() bool {
	return a.performance.Value != nil && a.usage.Value != nil &&
		a.performance.Value.Metrics.TotalRequests == 0 && a.usage.Value.Metrics.TotalEvents == 0
}

// problem says why a card has no figure; empty when all have.
func (a answers) problem(s *shared) string {
	err := a.performance.Err
	if err == nil {
		err = a.usage.Err
	}
	if err == nil {
		return ""
	}
	return s.look.Marks().Alert + " " + text.Terminal(err.Error())
}

func (o *overview) update(msg tea.Msg, s *shared) tea.Cmd {
	points := o.points(s)
	switch msg := msg.(type) {
	case tea.KeyMsg:
		o.press(msg, s.keys, len(points))
	case tea.MouseMsg:
		if i := o.pointAt(msg.X, msg.Y); i >= 0 && msg.Button == tea.MouseButtonLeft {
			o.put(i, len(points))
		}
	}
	return nil
}

func (o *overview) points(s *shared) []query.Point {
	series := o.answers(s).series.Value
	if series == nil {
		return nil
	}
	return series.DataPoints
}

func (o *overview) press(msg tea.KeyMsg, k *keymap, points int) {
	// A day of hours, a week of days.
	page := max(points/4, 1)
	switch {
	case key.Matches(msg, k.Back):
		o.reading = false
	case key.Matches(msg, k.Left, k.Up):
		o.move(-1, points)
	case key.Matches(msg, k.Right, k.Down):
		o.move(1, points)
	case key.Matches(msg, k.PageUp):
		o.move(-page, points)
	case key.Matches(msg, k.PageDown):
		o.move(page, points)
	case key.Matches(msg, k.Top):
		o.put(0, points)
	case key.Matches(msg, k.Bottom):
		o.put(points-1, points)
	}
}

func (o *overview) view(s *shared, width, height int) []string {
	a := o.answers(s)
	o.drawn = o.drawn[:0]
	health := text.Left(" "+healthLine(s, a.status, width-2), width)
	if a.empty() && a.performance.phase() != unavailable {
		return append(nothing(s, width, height-1), health)
	}
	lines := cards(s, a, width)
	if height >= roomy {
		lines = append(lines, text.Left("", width))
	}
	room := height - len(lines) - 2
	lines = append(lines, o.charts(s, a, width, room, len(lines))...)
	return append(lines, o.readout(s, a, width), health)
}

// roomy is the height from which on there is space between the parts.
const roomy = 30

// readout says the values under the cursor; without one, why figures of the
// cards are missing, if they are.
func (o *overview) readout(s *shared, a answers, width int) string {
	points := o.points(s)
	if !o.reading || len(points) == 0 {
		return text.Left(" "+s.look.Paint(look.Bad, text.Cut(a.problem(s), width-2)), width)
	}
	p := points[min(o.cursor, len(points)-1)]
	line := s.look.Paint(look.Accent, s.stamp(p.Timestamp))
	for _, words := range readings(p) {
		line += "  " + words
	}
	return text.Left(" "+text.Cut(line, width-2), width)
}

// readings are the figures of a point, the most telling first.
func readings(p query.Point) []string {
	var list []string
	if q := p.PerformancePoint; q != nil {
		if q.P50MS == nil {
			list = append(list, "no requests")
		} else {
			list = append(list, "p50 "+optional(q.P50MS), "p95 "+optional(q.P95MS), "p99 "+optional(q.P99MS),
				counted(q.TotalRequests, "request"), counted(q.ErrorCount, "error")+" ("+text.Percent(q.ErrorRate)+")",
				counted(q.ActiveUsers, "user"))
		}
	}
	if q := p.UsagePoint; q != nil {
		list = append(list, counted(q.TotalEvents, "event"))
	}
	return list
}

func optional(ms *float64) string {
	if ms == nil {
		return text.None
	}
	return text.Duration(*ms)
}

// counted is a number of things: 1 error, 12 errors.
func counted(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return text.Count(n) + " " + thing
}

func (*overview) filter(string) {}

func (*overview) find(int) {}
