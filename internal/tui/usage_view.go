package tui

import (
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// usageCards draws the figures beside each other.
func usageCards(s *shared, a asked[query.Usage], series asked[query.TimeSeries], width int) []string {
	list := []card{
		{label: "Events", series: eventSeries, over: figures(series.Value, eventsOf)},
		{label: "Unique users", series: uniqueSeries, over: figures(series.Value, uniqueUsersOf)},
		{label: "Active users", series: usersSeries, over: figures(series.Value, usersOf)},
		{label: "Active this hour"},
	}
	for i := range list {
		list[i].value, list[i].change, list[i].role = text.None, text.None, look.Strong
		list[i].trend, list[i].state = look.Dim, a.phase()
	}
	if a.Value != nil {
		fillUsageCards(list, a.Value)
	}
	return drawCards(s, list, width)
}

func fillUsageCards(list []card, p *query.Usage) {
	figures := func(m *query.UsageMetrics) []int64 {
		return []int64{m.TotalEvents, m.UniqueUsers, m.ActiveUsers, m.ActiveUsersCurrentHour}
	}
	now := figures(&p.Metrics)
	for i := range list {
		list[i].value = text.Count(now[i])
	}
	if p.Previous == nil || !p.Previous.Complete {
		return
	}
	// There is only one hour that is running.
	list[3].change = " "
	for i, before := range figures(&p.Previous.Metrics)[:3] {
		list[i].change = text.Change(number(now[i]), number(before))
	}
}

// uniqueSeries is the colour of the users of events, beside that of all active
// users.
const uniqueSeries = 0

func uniqueUsersOf(p query.Point) *float64 {
	if p.UsagePoint == nil {
		return nil
	}
	return number(p.UniqueUsers)
}

func usagePlots() []plot {
	compact := func(v float64) string { return text.Compact(int64(v)) }
	return []plot{
		{title: "Events over time", unit: compact, bars: true, whole: true, lines: func(t *query.TimeSeries) []chart.Line {
			return []chart.Line{{Name: "events", Values: figures(t, eventsOf), Series: eventSeries}}
		}},
		{title: "People over time", unit: compact, whole: true, lines: func(t *query.TimeSeries) []chart.Line {
			return []chart.Line{
				{Name: "active", Values: figures(t, usersOf), Series: usersSeries},
				{Name: "unique", Values: figures(t, uniqueUsersOf), Series: uniqueSeries},
			}
		}},
	}
}

// charts draws both charts side by side, over the same time and with the same
// cursor. top is the line of the body that they begin on.
func (x *usage) charts(s *shared, width, height, top int) []string {
	left := 0
	var blocks [][]string
	for i, p := range usagePlots() {
		wide := width / 2
		if i > 0 {
			wide = width - left
		}
		at := left
		blocks = append(blocks, panel(s, x.focused(s, x.charted, p.title), "", x.series(s), wide, height, func(t *query.TimeSeries, inner, lines int) []string {
			c := s.timeChart(t, p)
			c.Margin = 0 // nothing stands below
			if x.charted {
				c.Cursor = x.cursor
			}
			x.placed = append(x.placed, placed{chart: c, left: at + 2, top: top + 1, width: inner, bottom: top + 1 + lines})
			return c.Draw(s.look, inner, lines)
		}))
		left += wide
	}
	return beside(blocks...)
}

// focused marks the title of what takes the keys.
func (*usage) focused(s *shared, is bool, title string) string {
	if is {
		return s.look.Marks().Point + " " + title
	}
	return title
}

// threeLists is from which width on there is room for all lists.
const threeLists = 132

// panes draws the lists side by side: all three, or two with the one that takes
// the keys among them.
func (x *usage) panes(s *shared, a asked[query.Usage], width, height, top int) []string {
	shown, weights := []int{typesList, pagesList, elementsList}, [...]int{5, 5, 7}
	if width < threeLists {
		x.first = max(min(x.first, x.at), x.at-1)
		shown = shown[x.first : x.first+2]
	}
	sum, left := 0, 0
	for _, i := range shown {
		sum += weights[i]
	}
	var blocks [][]string
	for n, i := range shown {
		wide := width * weights[i] / sum
		if n == len(shown)-1 {
			wide = width - left
		}
		x.areas = append(x.areas, listArea{i, left, top, wide, height})
		blocks = append(blocks, x.pane(s, a, i, shown, wide, height))
		left += wide
	}
	return beside(blocks...)
}

func (x *usage) pane(s *shared, a asked[query.Usage], i int, shown []int, width, height int) []string {
	l := x.lists[i]
	if a.Value != nil && l.widen(width-4) {
		x.built = builtFrom[query.Usage]{}
		x.fill(s)
	}
	l.table.Blurred = x.charted || i != x.at
	title, note := l.title, ""
	if i == elementsList && x.page != nil {
		title = "Elements of " + orName(*x.page, "no page")
	}
	if a.Value != nil {
		note = l.table.Footer()
	}
	switch {
	case i == shown[len(shown)-1] && i < elementsList:
		note = x.lists[i+1].title + " " + arrows(s)[1]
	case i == shown[0] && i > typesList:
		note = arrows(s)[0] + " " + x.lists[i-1].title
	}
	return panel(s, x.focused(s, !l.table.Blurred, title), note, a, width, height, func(_ *query.Usage, width, height int) []string {
		return l.table.View(s.look, width, height)
	})
}

// arrows point to a list that is out of sight at the left, and at the right.
func arrows(s *shared) [2]string {
	if s.look.Plain() {
		return [...]string{"<", ">"}
	}
	return [...]string{"←", "→"}
}
