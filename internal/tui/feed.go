package tui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

const (
	askLimit  = 10 * time.Second // how long a question may take
	slowAfter = 2 * time.Second  // from when on it is said that it takes long
)

// retries are the pauses before a question that failed is asked again; the
// last one repeats.
var retries = [...]time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second}

// feed asks the source what the shown screen needs, once each, and keeps the
// answers. It belongs to the program's loop and never waits: what takes time
// is done by the commands that it returns.
type feed struct {
	ctx     context.Context // the lifetime of the program, which commands need
	source  query.Source    // nil until opened
	now     func() time.Time
	under   *works
	load    int // number of the load that answers belong to
	tickets int // numbers attempts, so that superseded ones are told apart
	entries map[any]*entry
}

// entry is all that is known of one question.
type entry struct {
	question question
	load     int // the load that value belongs to
	asked    int // the load that was last asked for
	value    any
	at       time.Time

	ticket int       // of the attempt under way
	since  time.Time // when it began; zero when none is
	cancel context.CancelFunc

	err             error
	tries           int // that failed in a row
	lostSince, next time.Time
}

// answeredMsg brings the outcome of one attempt.
type answeredMsg struct {
	key    any
	ticket int
	value  any
	err    error
}

func newFeed(ctx context.Context, now func() time.Time) *feed {
	return &feed{ctx: ctx, now: now, under: &works{}, load: 1, entries: make(map[any]*entry)}
}

// renew begins a new load: what is shown is asked anew. Attempts under way are
// given up, answers stay until newer ones replace them, and those that the
// load before did not need are forgotten.
func (f *feed) renew() {
	f.load++
	for key, e := range f.entries {
		e.giveUp()
		e.tries, e.next = 0, time.Time{}
		if e.asked < f.load-1 {
			delete(f.entries, key)
		}
	}
}

// need asks those of the questions that have no answer in this load, are not
// under way, and do not wait for their next try.
func (f *feed) need(questions []question) tea.Cmd {
	if f.source == nil {
		return nil
	}
	var commands []tea.Cmd
	for _, q := range questions {
		e := f.entries[q.key]
		if e == nil {
			e = &entry{}
			f.entries[q.key] = e
		}
		e.question = q
		if e.asked == f.load && !f.due(e) {
			continue
		}
		commands = append(commands, f.attempt(e))
	}
	return tea.Batch(commands...)
}

// due reports whether a question of this load is to be asked again: after a
// failure, or because it follows what happens.
func (f *feed) due(e *entry) bool {
	switch {
	case !e.since.IsZero():
		return false
	case e.err != nil:
		return !e.next.IsZero() && !f.now().Before(e.next)
	}
	every := e.question.every()
	return every > 0 && f.now().Sub(e.at) >= every
}

// attempt returns the command that asks.
func (f *feed) attempt(e *entry) tea.Cmd {
	e.giveUp()
	f.tickets++
	ctx, cancel := context.WithTimeout(f.ctx, askLimit)
	e.asked, e.ticket, e.since, e.cancel = f.load, f.tickets, f.now(), cancel
	q, ticket, source, under := e.question, e.ticket, f.source, f.under
	return under.command(func() tea.Msg {
		defer cancel()
		value, err := q.ask(ctx, source)
		if err != nil && ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = query.ErrTimeout
		}
		return answeredMsg{key: q.key, ticket: ticket, value: value, err: err}
	})
}

func (e *entry) giveUp() {
	if e.cancel != nil {
		e.cancel()
	}
	e.cancel, e.since, e.ticket = nil, time.Time{}, 0
}

// take keeps what an attempt brought, unless it was superseded. It reports
// whether a source that was lost is back.
func (f *feed) take(msg answeredMsg) (found bool) {
	e := f.entries[msg.key]
	if e == nil || e.ticket != msg.ticket {
		return false
	}
	e.giveUp()
	if msg.err == nil {
		found = !e.lostSince.IsZero()
		e.value, e.at, e.load = msg.value, f.now(), f.load
		e.err, e.tries, e.lostSince, e.next = nil, 0, time.Time{}, time.Time{}
		return found
	}
	f.fail(e, msg.err)
	return false
}

func (f *feed) fail(e *entry, err error) {
	e.err = err
	if !passing(err) {
		e.lostSince, e.next = time.Time{}, time.Time{}
		return
	}
	if e.lostSince.IsZero() {
		e.lostSince = f.now()
	}
	e.next = f.now().Add(retries[min(e.tries, len(retries)-1)])
	e.tries++
}

// overdue fails the attempts that did not keep to their limit.
func (f *feed) overdue() {
	for _, e := range f.entries {
		if !e.since.IsZero() && f.now().Sub(e.since) > askLimit {
			e.giveUp()
			f.fail(e, query.ErrTimeout)
		}
	}
}

// passing reports whether an error may be over when the question is asked
// again: not when the question, or who asks it, was refused.
func passing(err error) bool {
	return !errors.Is(err, admin.ErrForbidden) && !errors.Is(err, admin.ErrUnauthenticated) &&
		!errors.As(err, new(*metric.RangeError)) && !errors.As(err, new(*metric.FieldError))
}

func sameRange(r metric.Range) metric.Range {
	if _, err := metric.ParseRange(r.Name, "", "", r.End); err == nil {
		return metric.Range{Name: r.Name}
	}
	return r
}
