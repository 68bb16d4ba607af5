package tui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
)

// usage is the screen Usage.
type usage struct{}

func (*usage) title() string { return "Usage" }

func (*usage) keys(*keymap) []key.Binding { return nil }

func (*usage) asks(s *shared) []question { return []question{askUsage(s.scope.usage())} }

func (*usage) update(tea.Msg, *shared) tea.Cmd { return nil }

func (*usage) view(s *shared, width, height int) []string {
	a := answerTo[query.Usage](s.feed, askUsage(s.scope.usage()))
	return pane(s, a, width, height, func(p *query.Usage) []string {
		return []string{fmt.Sprint(p.Metrics.TotalEvents, " events")}
	})
}

func (*usage) sheet(*shared) sheet { return sheet{Name: "usage"} }

func (*usage) filter(string) {}

func (*usage) find(int) {}
