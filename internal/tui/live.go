package tui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
)

// live is the screen Live.
type live struct{}

func (*live) title() string { return "Live" }

func (*live) keys(*keymap) []key.Binding { return nil }

func (*live) asks(s *shared) []question { return []question{askRequests(s.scope.requests())} }

func (*live) update(tea.Msg, *shared) tea.Cmd { return nil }

func (*live) view(s *shared, width, height int) []string {
	a := answerTo[query.RequestsPage](s.feed, askRequests(s.scope.requests()))
	return pane(s, a, width, height, func(p *query.RequestsPage) []string {
		return []string{fmt.Sprint(len(p.Requests), " requests")}
	})
}

func (*live) sheet(*shared) sheet { return sheet{Name: "live"} }

func (*live) filter(string) {}

func (*live) find(int) {}
