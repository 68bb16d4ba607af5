package tui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
)

// endpoints is the screen Endpoints.
type endpoints struct{}

func (*endpoints) title() string { return "Endpoints" }

func (*endpoints) keys(*keymap) []key.Binding { return nil }

func (*endpoints) asks(s *shared) []question {
	return []question{askPerformance(s.scope.performance())}
}

func (*endpoints) update(tea.Msg, *shared) tea.Cmd { return nil }

func (*endpoints) view(s *shared, width, height int) []string {
	a := answerTo[query.Performance](s.feed, askPerformance(s.scope.performance()))
	return pane(s, a, width, height, func(p *query.Performance) []string {
		return []string{fmt.Sprint(len(p.Endpoints), " endpoints")}
	})
}

func (*endpoints) sheet(*shared) sheet { return sheet{Name: "endpoints"} }

func (*endpoints) filter(string) {}

func (*endpoints) find(int) {}
