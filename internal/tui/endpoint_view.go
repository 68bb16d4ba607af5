package tui

import (
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// The sizes of the body from which on more parts are shown at the same time.
const (
	wideBody, highBody = 100, 30 // charts, and one list
	vastBody, tallBody = 160, 46 // everything
)

func (e *endpoint) view(s *shared, width, height int) []string {
	e.drawn = e.drawn[:0]
	a := e.answers(s)
	e.fill(s, a)
	lines := e.head(s, a.figures, width)
	if height >= roomy {
		lines = append(lines, text.Left("", width))
	}
	v := endpointView{endpoint: e, s: s, a: a}
	room := height - len(lines)
	switch {
	case a.figures.phase() == answered && a.figures.Value.Metrics.TotalRequests == 0:
		lines = append(lines, noRequests(s, width, room)...)
	case width >= vastBody && height >= tallBody:
		lines = append(lines, v.everything(len(lines), width, room)...)
	case width >= wideBody && height >= highBody:
		lines = append(lines, v.withOneList(len(lines), width, room)...)
	default:
		lines = append(lines, v.onePart(len(lines), width, room)...)
	}
	return fit(lines, width, height)
}

// fill gives the tables their rows.
func (e *endpoint) fill(s *shared, a endpointAnswers) {
	if a.failing.Value != nil {
		e.failing.fill(s, a.failing.Value)
	}
	if a.slowest.Value != nil {
		e.slowest.fill(s, a.slowest.Value)
	}
	if a.kinds.Value != nil {
		e.kinds.fill(s, a.kinds.Value)
	}
	e.failing.Empty, e.slowest.Empty, e.kinds.Empty = noFailing(a.figures.Value), noSlowest(a.figures.Value), "No request failed"
	e.failing.Blurred, e.slowest.Blurred, e.kinds.Blurred = e.focus != onFailing, e.focus != onSlowest, e.focus != onKinds
}

// noRequests says that the range holds nothing of this endpoint.
func noRequests(s *shared, width, height int) []string {
	return centred(s, look.Strong, width, height, "No requests to this endpoint in this time range", "",
		s.keys.Range.Help().Key+" another range   "+s.keys.App.Help().Key+" another app   "+s.keys.Back.Help().Key+" every endpoint")
}

// endpointView draws the parts of the view of an endpoint.
type endpointView struct {
	*endpoint
	s     *shared
	a     endpointAnswers
	alone bool // one part is shown at a time
}

// area is a part of the body.
type area struct{ left, top, width, height int }

// everything shows all parts: charts, distributions and errors above, single
// requests below.
func (v endpointView) everything(top, width, height int) []string {
	v.visible = append(v.visible[:0], onCourse, onKinds, onFailing, onSlowest)
	half, upper, middle := width/2, height*3/10, height*3/10
	codes := (width - half) * 2 / 5
	lines := beside(v.percentiles(area{0, top, half, upper}), v.histogram(area{half, top, width - half, upper}))
	top += upper
	lines = append(lines, beside(
		v.traffic(area{0, top, half, middle}), v.statusCodes(area{half, top, codes, middle}),
		v.listOf(onKinds, area{half + codes, top, width - half - codes, middle}),
	)...)
	top += middle
	rest := height - upper - middle
	return append(lines, beside(v.listOf(onFailing, area{0, top, half, rest}), v.listOf(onSlowest, area{half, top, width - half, rest}))...)
}

// withOneList shows the charts, and below one of the lists.
func (v endpointView) withOneList(top, width, height int) []string {
	v.visible = append(v.visible[:0], onCourse, onFailing, onSlowest, onKinds)
	left, upper, middle := width*3/5, height*3/10, height*3/10
	lines := beside(v.percentiles(area{0, top, left, upper}), v.histogram(area{left, top, width - left, upper}))
	lines = append(lines, beside(
		v.traffic(area{0, top + upper, left, middle}), v.statusCodes(area{left, top + upper, width - left, middle}))...)
	lines = append(lines, v.tabs(top+len(lines), width, v.visible[1:], v.list))
	return append(lines, v.listOf(v.list, area{0, top + len(lines), width, height - len(lines)})...)
}

// onePart shows the part that has the focus.
func (v endpointView) onePart(top, width, height int) []string {
	v.alone = true
	v.visible = append(v.visible[:0], onCourse, onDistribution, onFailing, onSlowest, onKinds)
	lines := []string{v.tabs(top, width, v.visible, v.focus)}
	top, height = top+1, height-1
	upper := (height + 1) / 2
	switch v.focus {
	case onCourse:
		lines = append(lines, v.percentiles(area{0, top, width, upper})...)
		return append(lines, v.traffic(area{0, top + upper, width, height - upper})...)
	case onDistribution:
		upper = height * 3 / 5
		lines = append(lines, v.histogram(area{0, top, width, upper})...)
		return append(lines, v.statusCodes(area{0, top + upper, width, height - upper})...)
	case onFailing, onSlowest, onKinds:
	}
	return append(lines, v.listOf(v.focus, area{0, top, width, height})...)
}

// titles of the sections.
var partTitles = [...]string{onCourse: "Over time", onDistribution: "Distribution", onFailing: "Failing", onSlowest: "Slowest", onKinds: "Errors"}

// tabs names the parts that take turns, the shown one marked.
func (v endpointView) tabs(top, width int, of []section, shown section) string {
	line, x := " ", 1
	d := drawn{top: top, width: width, height: 1}
	for _, part := range of {
		words := " " + partTitles[part] + " "
		if t := v.tableOf(part); t != nil {
			if _, all := t.Len(); all > 0 {
				words += text.Count(int64(all)) + " "
			}
		}
		role := look.Dim
		if part == shown {
			role = look.Strong
			if part == v.focus {
				role |= look.Selected
			}
		}
		line += v.s.look.Paint(role, words)
		d.section, d.left, d.width = part, x, text.Width(words)
		v.drawn = append(v.drawn, d)
		x += d.width
	}
	return text.Left(line, width)
}

// titled marks the title of the part that keys go to, where several are shown.
func (v endpointView) titled(of section, title string) string {
	if v.focus == of && !v.alone {
		return v.s.look.Marks().Point + " " + title
	}
	return title
}

func (v endpointView) percentiles(at area) []string { return v.chart(plots()[0], at) }

func (v endpointView) traffic(at area) []string { return v.chart(plots()[1], at) }

func (v endpointView) chart(p plot, at area) []string {
	return panel(v.s, v.titled(onCourse, p.title), "", v.a.course, at.width, at.height, func(t *query.TimeSeries, width, height int) []string {
		c := v.s.timeChart(t, p)
		if v.reading {
			c.Cursor = min(v.cursor, len(t.DataPoints)-1)
		}
		v.drawn = append(v.drawn, drawn{section: onCourse, left: at.left + 2, top: at.top + 1, width: width, height: height, chart: &c})
		return c.Draw(v.s.look, width, height)
	})
}

func (v endpointView) histogram(at area) []string {
	return panel(v.s, "Distribution of response times", "", v.a.figures, at.width, at.height, func(p *query.Performance, width, height int) []string {
		return histogram(p, width).Draw(v.s.look, width, height)
	})
}

func (v endpointView) statusCodes(at area) []string {
	return panel(v.s, "Status codes", "", v.a.figures, at.width, at.height, func(p *query.Performance, width, height int) []string {
		return statusRanking(p).Draw(v.s.look, width, height)
	})
}

// listOf draws one of the tables.
func (v endpointView) listOf(of section, at area) []string {
	switch of {
	case onFailing:
		return v.requests(of, &v.failing, v.a.failing, at)
	case onSlowest:
		return v.requests(of, &v.slowest, v.a.slowest, at)
	case onKinds, onCourse, onDistribution:
	}
	t := &v.kinds.Table
	return panel(v.s, v.titled(of, listTitles[of]), position(t), v.a.kinds, at.width, at.height, func(*query.Errors, int, int) []string {
		return v.table(of, t, at, t.View)
	})
}

var listTitles = [...]string{onFailing: "Newest failing requests", onSlowest: "Slowest requests", onKinds: "Errors by type"}

func (v endpointView) requests(of section, list *requestTable, a asked[found], at area) []string {
	note := position(&list.Table)
	if k := kept(v.s, of, a.Value); k != "" && note != "" {
		note += " " + v.s.look.Marks().Between + " " + k
	}
	return panel(v.s, v.titled(of, listTitles[of]), note, a, at.width, at.height, func(*found, int, int) []string {
		return v.table(of, &list.Table, at, list.View)
	})
}

// position says which of the rows is selected; nothing where there is none.
func position(t *table.Table) string {
	if _, all := t.Len(); all == 0 {
		return ""
	}
	return t.Footer()
}

// table draws one of the tables and remembers where.
func (v endpointView) table(of section, t *table.Table, at area, view func(l look.Look, width, height int) []string) []string {
	width, height := at.width-4, at.height-2
	v.drawn = append(v.drawn, drawn{section: of, left: at.left + 2, top: at.top + 1, width: width, height: height, table: t})
	return view(v.s.look, width, height)
}
