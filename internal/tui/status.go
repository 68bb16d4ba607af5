package tui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
)

// status is the screen Status.
type status struct{}

func (*status) title() string { return "Status" }

func (*status) keys(*keymap) []key.Binding { return nil }

func (*status) asks(s *shared) []question { return []question{askStatus()} }

func (*status) update(tea.Msg, *shared) tea.Cmd { return nil }

func (*status) view(s *shared, width, height int) []string {
	a := answerTo[query.Status](s.feed, askStatus())
	return pane(s, a, width, height, func(p *query.Status) []string {
		return []string{fmt.Sprint(p.Engine)}
	})
}

func (*status) sheet(*shared) sheet { return sheet{Name: "status"} }

func (*status) filter(string) {}

func (*status) find(int) {}
