package tui

import (
	"context"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// live is the screen Live: requests and events as they arrive, newest first.
// While its reader has stopped it, or reads further down, what is shown stays;
// what arrives meanwhile is counted.
type live struct {
	position reached
	taken    *arrived // the answer that was taken in last
	arrivals arrivals
	rates    rates
	skipped  int64

	shown    []*arrival // those of the table
	table    *table.Table
	words    string // of the filter
	failures bool   // errors only
	paused   bool
	reading  bool // a row that is not the first is selected
	missed   int  // arrived since what is shown stays
	zone     string
	detail   *detail // of one arrival, when it is open
}

func (*live) title() string { return "Live" }

func (l *live) keys(k *keymap) []key.Binding {
	if l.detail != nil {
		return []key.Binding{k.Back, k.Up, k.Down, k.Copy}
	}
	pause := k.Pause
	if l.still() {
		pause = relabel(k.Pause, "follow")
	}
	failures := k.Failures
	if l.failures {
		failures = relabel(k.Failures, "all of them")
	}
	return []key.Binding{pause, k.Open, k.Filter, failures}
}

// liveKey is the question about the arrivals of an app.
type liveKey struct{ app string }

func (liveKey) every() time.Duration { return followEvery }

func (l *live) question(s *shared) question {
	from, now := l.position, s.now
	if from.app != s.scope.app {
		from = reached{app: s.scope.app}
	}
	return question{
		key: liveKey{s.scope.app},
		ask: func(ctx context.Context, source query.Source) (any, error) { return from.follow(ctx, source, now) },
	}
}

func (l *live) asks(s *shared) []question { return []question{l.question(s)} }

func (l *live) update(msg tea.Msg, s *shared) tea.Cmd {
	switch msg := msg.(type) {
	case answeredMsg:
		if msg.key == (liveKey{s.scope.app}) {
			l.take(s)
		}
	case tea.KeyMsg:
		if l.detail != nil {
			l.detail.press(msg, s.keys)
			if l.detail.closed {
				l.detail = nil
				l.settle(s)
			}
			return nil
		}
		l.press(msg, s)
	case tea.MouseMsg:
		l.point(msg, s)
	}
	return nil
}

// take takes in what arrived.
func (l *live) take(s *shared) {
	came := answerTo[arrived](s.feed, l.question(s)).Value
	if came == nil || came == l.taken {
		return
	}
	if l.position.app != came.to.app || !came.from.begun {
		*l = live{table: l.table, words: l.words, failures: l.failures, paused: l.paused, zone: l.zone}
		l.rates.begin(came.knownFrom())
	}
	l.taken, l.position = came, came.to
	l.skipped += came.skipped
	l.rates.now = came.now.Unix()
	news := l.arrivals.add(came)
	for _, a := range news {
		l.rates.add(a)
	}
	if l.still() && l.shown != nil {
		l.missed += len(news)
		return
	}
	l.fill(s)
}

// still reports whether what is shown stays.
func (l *live) still() bool { return l.paused || l.reading || l.detail != nil }

// fill shows what has arrived.
func (l *live) fill(s *shared) {
	if l.table == nil {
		l.table = table.New(liveColumns()...)
		l.table.Follow, l.table.Empty = true, "Waiting for requests and events"
	}
	l.missed = 0
	l.shown = make([]*arrival, 0, len(l.arrivals.list))
	rows := make([]table.Row, 0, len(l.arrivals.list))
	for _, a := range l.arrivals.list {
		if !l.failures || a.failed() {
			if a.row.Key == "" {
				a.row = liveRow(s, a)
			}
			l.shown, rows = append(l.shown, a), append(rows, a.row)
		}
	}
	l.table.SetRows(rows)
}

// settle finds out whether a row further down is read, and goes on following
// when none is.
func (l *live) settle(s *shared) {
	if l.table == nil {
		return
	}
	l.reading = !l.table.AtTop()
	if !l.still() {
		l.fill(s)
	}
}

func (l *live) press(msg tea.KeyMsg, s *shared) {
	if l.table == nil {
		return
	}
	switch k := s.keys; {
	case key.Matches(msg, k.Pause) && l.still():
		l.paused = false
		l.table.Top()
	case key.Matches(msg, k.Pause):
		l.paused = true
	case key.Matches(msg, k.Failures):
		l.failures = !l.failures
		l.fill(s)
	case key.Matches(msg, k.Open):
		l.open(s)
	case key.Matches(msg, k.Up):
		l.table.Move(-1)
	case key.Matches(msg, k.Down):
		l.table.Move(1)
	case key.Matches(msg, k.PageUp):
		l.table.Page(-1)
	case key.Matches(msg, k.PageDown):
		l.table.Page(1)
	case key.Matches(msg, k.Top):
		l.table.Top()
	case key.Matches(msg, k.Bottom):
		l.table.Bottom()
	}
	l.settle(s)
}

// rateLines is how many lines stand above the table.
const rateLines = 1

func (l *live) point(msg tea.MouseMsg, s *shared) {
	switch n := wheel(msg); {
	case l.detail != nil:
		l.detail.scroll(n)
	case l.table == nil:
	case n != 0:
		l.table.Wheel(n)
		l.settle(s)
	case msg.Button == tea.MouseButtonLeft && msg.Action == tea.MouseActionPress:
		before, _ := l.table.Selected()
		if l.table.Click(msg.X-1, msg.Y-rateLines) != table.OnRow {
			return
		}
		if row, _ := l.table.Selected(); row.Key == before.Key {
			l.open(s)
		}
		l.settle(s)
	}
}

// selected returns the arrival of the selected row.
func (l *live) selected() (*arrival, bool) {
	if l.table == nil {
		return nil, false
	}
	row, ok := l.table.Selected()
	if !ok {
		return nil, false
	}
	for _, a := range l.shown {
		if a.row.Key == row.Key {
			return a, true
		}
	}
	return nil, false
}

func (l *live) open(s *shared) {
	if a, ok := l.selected(); ok {
		l.detail = newDetail(s, a)
	}
}

func (l *live) view(s *shared, width, height int) []string {
	a := answerTo[arrived](s.feed, l.question(s))
	l.rezone(s)
	return pane(s, a, width, height, func(*arrived) []string {
		if l.detail != nil {
			return l.detail.view(s, width, height)
		}
		lines := []string{l.rateLine(s, width)}
		if l.table == nil {
			return lines
		}
		for _, line := range l.table.View(s.look, max(width-2, 0), height-rateLines) {
			lines = append(lines, " "+line)
		}
		return lines
	})
}

// rezone writes the times anew when the reader's zone has changed.
func (l *live) rezone(s *shared) {
	zone := s.scope.zone.String()
	if l.table == nil || l.zone == zone {
		l.zone = zone
		return
	}
	l.zone = zone
	for _, a := range l.arrivals.list {
		a.row = table.Row{}
	}
	rows := make([]table.Row, len(l.shown))
	for i, a := range l.shown {
		a.row = liveRow(s, a)
		rows[i] = a.row
	}
	l.table.SetRows(rows)
	if l.detail != nil {
		l.detail = newDetail(s, l.detail.arrival)
	}
}

// rateLine says how much happens, and whether what is shown follows it.
func (l *live) rateLine(s *shared, width int) string {
	m := s.look.Marks()
	state := []part{{words: m.Point + " following", role: look.Good}}
	switch {
	case l.paused:
		state = []part{{words: m.Alert + " paused", role: look.Warn}}
	case l.still():
		state = []part{{words: m.Alert + " stopped while you read", role: look.Warn}}
	}
	if l.missed > 0 {
		state = append(state, part{words: text.Count(int64(l.missed)) + " new", role: look.Strong})
	}
	if l.failures {
		state = append(state, part{words: "errors only", role: look.Accent})
	}
	if l.skipped > 0 {
		state = append(state, part{words: text.Count(l.skipped) + " skipped", role: look.Warn})
	}
	requests, events, errors := l.rates.perSecond()
	now := []part{{words: perSecondWords(requests) + " requests/s"}, {words: perSecondWords(events) + " events/s"}}
	if errors > 0 {
		now = append(now, part{words: m.Alert + " " + perSecondWords(errors) + " errors/s", role: look.Bad})
	} else {
		now = append(now, part{words: "0.0 errors/s", role: look.Dim})
	}
	return joined(s, append(now, state...), width, l.rates.minute())
}

func (l *live) filter(words string) {
	if l.words = words; l.table != nil {
		l.table.Filter(words)
		l.reading = !l.table.AtTop()
	}
}

func (l *live) find(direction int) {
	if l.table != nil {
		l.table.Find(l.words, direction)
		l.reading = !l.table.AtTop()
	}
}
