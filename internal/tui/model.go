package tui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// model is the dashboard: the frame around one of its screens.
type model struct {
	shared
	options  Options
	terminal *terminal

	screens []screen
	current int
	width   int
	height  int

	filters map[int]string // by screen, what its rows are filtered by
	typing  *field         // the filter that is being typed; nil when none is
	overlay overlay        // nil when none is open
	toast   string         // what the footer says until the next key; safe text
	renewAt time.Time      // when the next refresh is due; zero without

	broken  error // what the dashboard ends with
	ticking bool
}

// openedMsg brings the source.
type openedMsg struct {
	source query.Source
	err    error
}

// tickMsg comes every second while what is shown changes with time.
type tickMsg struct{}

// toastMsg is something for the footer to say; safe text.
type toastMsg string

func newModel(ctx context.Context, o Options) *model {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Range == (metric.Range{}) {
		o.Range, _ = metric.ParseRange("", "", "", o.Now())
	}
	m := &model{
		shared: shared{
			look: look.New(o.Look), keys: newKeymap(), now: o.Now, feed: newFeed(ctx, o.Now), after: after,
			scope: scope{rng: o.Range, app: o.App, compare: o.Compare, anonymous: o.Anonymous, zone: o.Zone},
		},
		options: o, terminal: newTerminal(o.Out), screens: screens(), filters: make(map[int]string),
	}
	if o.Refresh > 0 {
		m.renewAt = o.Now().Add(o.Refresh)
	}
	return m
}

func after(d time.Duration, msg tea.Msg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}

// Init opens the source, which happens beside the first frame.
func (m *model) Init() tea.Cmd {
	open, ctx, under := m.options.Open, m.feed.ctx, m.feed.under
	opening := under.command(func() tea.Msg {
		source, closeSource, err := open(ctx)
		if err == nil && closeSource != nil {
			under.closeWith(closeSource)
		}
		return openedMsg{source, err}
	})
	if m.options.AskGround {
		return tea.Batch(m.terminal.ask(askGround), opening)
	}
	return opening
}

// Update takes a message and returns what it leads to.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	command := m.handle(msg)
	return m, tea.Batch(command, m.feed.need(m.asks()), m.feed.need(m.asides()), m.tick())
}

func (m *model) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case openedMsg:
		return m.opened(msg)
	case answeredMsg:
		m.answered(msg)
		return m.screen().update(msg, &m.shared)
	case tickMsg:
		m.ticking = false
		m.feed.overdue()
		m.refreshWhenDue()
	case toastMsg:
		m.toast = string(msg)
	case groundMsg:
		m.ground(msg)
	case *defect:
		m.broken = msg
		return tea.Quit
	case tea.KeyMsg:
		return m.press(msg)
	case tea.MouseMsg:
		return m.point(msg)
	default:
		var commands []tea.Cmd
		for _, s := range m.screens {
			commands = append(commands, s.update(msg, &m.shared))
		}
		return tea.Batch(commands...)
	}
	return nil
}

func (m *model) screen() screen { return m.screens[m.current] }

func (m *model) opened(msg openedMsg) tea.Cmd {
	if msg.err != nil {
		m.broken = msg.err
		return tea.Quit
	}
	m.feed.source = msg.source
	return nil
}

// asks lists what the shown screen, and the frame around it, need to know.
func (m *model) asks() []question { return append(m.screen().asks(&m.shared), askStatus()) }

// asides lists what the shown screen would like to know, too.
func (m *model) asides() []question {
	if s, ok := m.screen().(aside); ok {
		return s.asides(&m.shared)
	}
	return nil
}

// tick keeps a clock going while what is said changes with time.
func (m *model) tick() tea.Cmd {
	if m.ticking || m.renewAt.IsZero() && !m.feed.waiting(m.asks()) && !m.feed.waiting(m.asides()) {
		return nil
	}
	m.ticking = true
	return m.after(time.Second, tickMsg{})
}

// longestBehind is how far what is shown may end before now, when a lost source
// is back: it was asked again for the range that it was asked for at first.
const longestBehind = time.Minute

func (m *model) answered(msg answeredMsg) {
	if found := m.feed.take(msg); found && m.scope.at(m.now()).rng.End.Sub(m.scope.rng.End) > longestBehind {
		m.renew()
	}
}

// refreshWhenDue asks anew, unless earlier questions are still under way, or
// wait for their next try: a source that is slow or away is not asked more and
// more.
func (m *model) refreshWhenDue() {
	if m.renewAt.IsZero() || m.now().Before(m.renewAt) || m.feed.busy(m.asks()) {
		return
	}
	if since, _ := m.feed.lost(m.asks()); since.IsZero() {
		m.renew()
	}
}

// renew loads what is shown anew, up to now.
func (m *model) renew() {
	m.scope = m.scope.at(m.now())
	m.feed.renew()
	if m.options.Refresh > 0 {
		m.renewAt = m.now().Add(m.options.Refresh)
	}
}

// rescope changes what all questions are about, and asks them.
func (m *model) rescope(change func(*scope)) {
	change(&m.scope)
	m.renew()
}

// View draws the whole terminal.
func (m *model) View() string { return strings.Join(m.frame(), "\n") }
