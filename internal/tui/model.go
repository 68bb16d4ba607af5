package tui

import (
	"context"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// The smallest terminal that the dashboard draws on.
const (
	leastWidth  = 60
	leastHeight = 15
)

// model is the dashboard: the frame around one of its screens.
type model struct {
	shared
	options Options

	screens []screen
	current int
	width   int
	height  int

	overlay overlay // nil when none is open
	toast   string  // what the footer says once

	openErr error
	close   func() error
	ticking bool
	after   func(time.Duration) tea.Cmd // sends a tickMsg
}

// openedMsg brings the source.
type openedMsg struct {
	source query.Source
	close  func() error
	err    error
}

// tickMsg comes every second while what is shown changes with time.
type tickMsg struct{}

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
	return &model{
		shared: shared{
			look: look.New(o.Look), keys: newKeymap(), now: o.Now, feed: newFeed(ctx, o.Now),
			scope: scope{rng: o.Range, app: o.App, compare: o.Compare, anonymous: o.Anonymous, zone: o.Zone},
		},
		options: o, screens: screens(), close: func() error { return nil },
		after: func(d time.Duration) tea.Cmd {
			return tea.Tick(d, func(time.Time) tea.Msg { return tickMsg{} })
		},
	}
}

// Init opens the source, which happens beside the first frame.
func (m *model) Init() tea.Cmd {
	open, ctx := m.options.Open, m.feed.ctx
	return func() tea.Msg {
		source, closeSource, err := open(ctx)
		return openedMsg{source, closeSource, err}
	}
}

// Update takes a message and returns what it leads to.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	command := m.handle(msg)
	return m, tea.Batch(command, m.ask(), m.tick())
}

func (m *model) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case openedMsg:
		return m.opened(msg)
	case answeredMsg:
		m.feed.take(msg)
	case tickMsg:
		m.ticking = false
		m.feed.overdue()
	case tea.KeyMsg:
		return m.press(msg)
	default:
		return m.screen().update(msg, &m.shared)
	}
	return nil
}

func (m *model) screen() screen { return m.screens[m.current] }

func (m *model) opened(msg openedMsg) tea.Cmd {
	if msg.err != nil {
		m.openErr = msg.err
		return tea.Quit
	}
	m.feed.source = msg.source
	if msg.close != nil {
		m.close = msg.close
	}
	return nil
}

// ask asks what the shown screen, and the frame, need to know.
func (m *model) ask() tea.Cmd { return m.feed.need(m.asks()) }

func (m *model) asks() []question { return append(m.screen().asks(&m.shared), askStatus()) }

// tick keeps a clock going while what is said changes with time.
func (m *model) tick() tea.Cmd {
	if m.ticking || !m.feed.waiting(m.asks()) {
		return nil
	}
	m.ticking = true
	return m.after(time.Second)
}

func (m *model) press(msg tea.KeyMsg) tea.Cmd {
	m.toast = ""
	switch k := m.keys; {
	case key.Matches(msg, k.Quit):
		return tea.Quit
	case key.Matches(msg, k.Suspend):
		return tea.Suspend
	case key.Matches(msg, k.Next):
		m.current = (m.current + 1) % len(m.screens)
	case key.Matches(msg, k.Previous):
		m.current = (m.current + len(m.screens) - 1) % len(m.screens)
	case key.Matches(msg, k.Screen):
		m.current = int(msg.String()[0] - '1')
	case key.Matches(msg, k.Refresh):
		m.renew()
	default:
		return m.screen().update(msg, &m.shared)
	}
	return nil
}

func (m *model) renew() {
	m.scope = m.scope.at(m.now())
	m.feed.renew()
}

// View draws the whole terminal.
func (m *model) View() string { return strings.Join(m.frame(), "\n") }
