package tui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
)

// overview is the screen Overview.
type overview struct{}

func (*overview) title() string { return "Overview" }

func (*overview) keys(*keymap) []key.Binding { return nil }

func (*overview) asks(s *shared) []question { return []question{askPerformance(s.scope.performance())} }

func (*overview) update(tea.Msg, *shared) tea.Cmd { return nil }

func (*overview) view(s *shared, width, height int) []string {
	a := answerTo[query.Performance](s.feed, askPerformance(s.scope.performance()))
	return pane(s, a, width, height, func(p *query.Performance) []string {
		return []string{fmt.Sprint(p.Metrics.TotalRequests, " requests")}
	})
}

func (*overview) sheet(*shared) sheet { return sheet{Name: "overview"} }

func (*overview) filter(string) {}

func (*overview) find(int) {}
