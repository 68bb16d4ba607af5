package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// usage is the screen Usage: how many people use what, over time and by event
// type, page and element. The arrows lead to the part that takes the keys: up
// to the charts, down to the lists, left and right between lists.
type usage struct {
	lists   [3]*usageList
	charted bool // the charts take the keys, not a list
	at      int  // the list that takes them, or took them last
	first   int  // the list at the left, where there is no room for all
	cursor  int  // the point that is read in the charts
	words   string

	page *string // the page that the elements are of; nil for all

	built  builtFrom[query.Usage]
	placed []placed   // the charts of the last view
	areas  []listArea // the lists of the last view
}

// listArea is where a list was drawn in the body, its border included.
type listArea struct{ list, left, top, width, height int }

func newUsage() *usage {
	return &usage{lists: [...]*usageList{newTypes(), newPages(), newElements()}}
}

func (*usage) title() string { return "Usage" }

func (x *usage) keys(k *keymap) []key.Binding {
	both := bind("← →", "", append(k.Left.Keys(), k.Right.Keys()...)...)
	if x.charted {
		return []key.Binding{relabel(both, "read values"), relabel(k.Down, "lists"), k.Back}
	}
	list := []key.Binding{relabel(both, "lists")}
	if x.at == pagesList {
		list = append(list, relabel(k.Open, "its elements"))
	}
	if x.page != nil {
		list = append(list, relabel(k.Back, "all elements"))
	}
	return append(list, k.Filter, k.Sort, k.Reverse, relabel(k.Up, "charts"))
}

func (*usage) asks(s *shared) []question {
	return []question{askUsage(s.scope.usage()), askTimeSeries(s.scope.timeSeries())}
}

func (*usage) answer(s *shared) asked[query.Usage] {
	return answerTo[query.Usage](s.feed, askUsage(s.scope.usage()))
}

func (*usage) series(s *shared) asked[query.TimeSeries] {
	return answerTo[query.TimeSeries](s.feed, askTimeSeries(s.scope.timeSeries()))
}

func (x *usage) points(s *shared) []query.Point {
	if series := x.series(s).Value; series != nil {
		return series.DataPoints
	}
	return nil
}

func (x *usage) update(msg tea.Msg, s *shared) tea.Cmd {
	x.fill(s)
	switch msg := msg.(type) {
	case tea.KeyMsg:
		x.press(msg, s)
	case tea.MouseMsg:
		x.point(msg, s)
	}
	return nil
}

// leastList is the height below which a list says too little.
const leastList = 6

func (x *usage) view(s *shared, width, height int) []string {
	x.fill(s)
	x.placed, x.areas = x.placed[:0], x.areas[:0]
	a := x.answer(s)
	lines := usageCards(s, a, x.series(s), width)
	room := max(height-len(lines), 0)
	if a.Value != nil && a.Value.Metrics.TotalEvents == 0 {
		return tall(append(lines, noEvents(s, width, room)...), width, height)
	}
	if height >= roomy {
		lines = append(lines, text.Left("", width))
		room--
	}
	charts := max(room*9/20, min(leastChart, room))
	switch small := room < leastChart+leastList; {
	case small && x.charted:
		charts = room
	case small:
		charts = 0
	}
	lines = append(lines, x.charts(s, width, charts, len(lines))...)
	return tall(append(lines, x.panes(s, a, width, room-charts, len(lines))...), width, height)
}

// noEvents says how events come to be recorded.
func noEvents(s *shared, width, height int) []string {
	if p := answerTo[query.Status](s.feed, askStatus()).Value; p != nil && len(p.Apps) == 0 {
		return nothing(s, width, height)
	}
	advice := s.advice()
	advice = append(advice[:len(advice)-2:len(advice)-2], // not how to record requests
		`put the tracker into the pages: <script defer src="/metrics/tracker.js"></script>`,
		"or have it put there: appmetrics serve --inject-tracker")
	return centred(s, look.Strong, width, height, append([]string{"No usage events in this time", ""}, advice...)...)
}

// filter keeps the rows of every list that hold the words.
func (x *usage) filter(words string) {
	x.words = words
	for _, l := range x.lists {
		l.table.Filter(words)
	}
}

func (x *usage) find(direction int) { x.lists[x.at].table.Find(x.words, direction) }

func (x *usage) sheet(s *shared) sheet {
	x.fill(s)
	if x.charted {
		return x.seriesSheet(s)
	}
	return x.lists[x.at].sheet()
}

// seriesSheet is what the charts show.
func (x *usage) seriesSheet(s *shared) sheet {
	out := sheet{Name: "usage-over-time", Columns: []string{"timestamp", "total_events", "unique_users", "active_users"}}
	points := x.points(s)
	for _, p := range points {
		row := []any{p.Timestamp, nil, nil, nil}
		if q := p.UsagePoint; q != nil {
			row[1], row[2] = q.TotalEvents, q.UniqueUsers
		}
		if q := p.PerformancePoint; q != nil {
			row[3] = q.ActiveUsers
		}
		out.Rows = append(out.Rows, row)
	}
	if len(points) > 0 {
		out.Selected = s.stamp(points[min(x.cursor, len(points)-1)].Timestamp)
	}
	return out
}
