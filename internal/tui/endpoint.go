package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// section is a part of the view of one endpoint that keys can go to.
type section int

const (
	onCourse       section = iota // percentiles and requests over time
	onDistribution                // histogram and status codes
	onFailing
	onSlowest
	onKinds // of errors
)

// endpoint is the view of one endpoint: its figures, how they went, and the
// requests by which to find in logs what was wrong.
type endpoint struct {
	name    endpointName
	focus   section
	list    section   // the list on show where there is room for one
	visible []section // that have the focus one after the other, as last drawn

	reader

	failing, slowest requestTable
	kinds            kindTable
	drawn            []drawn
}

func newEndpoint(name endpointName) *endpoint {
	return &endpoint{name: name, list: onFailing, visible: []section{onCourse, onDistribution, onFailing, onSlowest, onKinds}}
}

func (e *endpoint) keys(k *keymap) []key.Binding {
	keys := []key.Binding{k.Back, relabel(k.Next, "next part")}
	switch {
	case e.focus == onCourse:
		return append(keys, relabel(bind("← →", "", append(k.Left.Keys(), k.Right.Keys()...)...), "read values"))
	case e.tableOf(e.focus) != nil:
		return append(keys, k.Sort, k.Reverse)
	}
	return keys
}

// endpointAnswers is what the view shows.
type endpointAnswers struct {
	figures asked[query.Performance]
	course  asked[query.TimeSeries]
	kinds   asked[query.Errors]
	failing asked[found]
	slowest asked[found]
}

func (e *endpoint) asks(s *shared) []question {
	list := []question{e.name.figures(s.scope), e.name.course(s.scope), e.name.errors(s.scope), e.name.failing(s.scope)}
	if figures := answerTo[query.Performance](s.feed, list[0]); figures.Value != nil && !figures.Old {
		list = append(list, e.name.slowest(s.scope, figures.Value.Histogram))
	}
	return list
}

func (e *endpoint) answers(s *shared) endpointAnswers {
	a := endpointAnswers{
		figures: answerTo[query.Performance](s.feed, e.name.figures(s.scope)),
		course:  answerTo[query.TimeSeries](s.feed, e.name.course(s.scope)),
		kinds:   answerTo[query.Errors](s.feed, e.name.errors(s.scope)),
		failing: answerTo[found](s.feed, e.name.failing(s.scope)),
		slowest: answerTo[found](s.feed, e.name.slowest(s.scope, nil)),
	}
	if a.figures.Value == nil {
		// The slowest requests are looked for once the figures are there.
		f := a.figures
		a.slowest = asked[found]{Value: a.slowest.Value, Since: f.Since, Err: f.Err, LostSince: f.LostSince, NextTry: f.NextTry, Slow: f.Slow}
	}
	return a
}

func (e *endpoint) press(msg tea.KeyMsg, s *shared) {
	k := s.keys
	switch {
	case key.Matches(msg, k.Next):
		e.step(1, true)
	case key.Matches(msg, k.Previous):
		e.step(-1, true)
	case e.focus == onCourse:
		e.read(msg, s)
	case key.Matches(msg, k.Left):
		e.step(-1, false)
	case key.Matches(msg, k.Right):
		e.step(1, false)
	case e.tableOf(e.focus) != nil:
		move(e.tableOf(e.focus), msg, k)
	case key.Matches(msg, k.Up):
		e.step(-1, false)
	case key.Matches(msg, k.Down):
		e.step(1, false)
	}
}

// step gives the focus to the next part that is on show, or the one before.
func (e *endpoint) step(n int, around bool) {
	at := slices.Index(e.visible, e.focus) + n
	if around {
		at = (at + len(e.visible)) % len(e.visible)
	}
	if at >= 0 && at < len(e.visible) {
		e.enter(e.visible[at])
	}
}

func (e *endpoint) enter(to section) {
	e.focus = to
	if e.tableOf(to) != nil {
		e.list = to
	}
}

// read moves the cursor over the charts; down leads on to what is below.
func (e *endpoint) read(msg tea.KeyMsg, s *shared) {
	series := answerTo[query.TimeSeries](s.feed, e.name.course(s.scope)).Value
	points := 0
	if series != nil {
		points = len(series.DataPoints)
	}
	page := max(points/4, 1)
	switch k := s.keys; {
	case key.Matches(msg, k.Down):
		e.step(1, false)
	case key.Matches(msg, k.Left):
		e.move(-1, points)
	case key.Matches(msg, k.Right):
		e.move(1, points)
	case key.Matches(msg, k.PageUp):
		e.move(-page, points)
	case key.Matches(msg, k.PageDown):
		e.move(page, points)
	case key.Matches(msg, k.Top):
		e.put(0, points)
	case key.Matches(msg, k.Bottom):
		e.put(points-1, points)
	}
}

// tableOf returns the table of a section; nil for one without.
func (e *endpoint) tableOf(of section) *table.Table {
	switch of {
	case onFailing:
		return &e.failing.Table
	case onSlowest:
		return &e.slowest.Table
	case onKinds:
		return &e.kinds.Table
	case onCourse, onDistribution:
	}
	return nil
}
