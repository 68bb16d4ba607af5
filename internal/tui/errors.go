package tui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
)

// failures is the screen Errors.
type failures struct{}

func (*failures) title() string { return "Errors" }

func (*failures) keys(*keymap) []key.Binding { return nil }

func (*failures) asks(s *shared) []question { return []question{askErrors(s.scope.errors())} }

func (*failures) update(tea.Msg, *shared) tea.Cmd { return nil }

func (*failures) view(s *shared, width, height int) []string {
	a := answerTo[query.Errors](s.feed, askErrors(s.scope.errors()))
	return pane(s, a, width, height, func(p *query.Errors) []string {
		return []string{fmt.Sprint(len(p.Errors), " kinds of errors")}
	})
}

func (*failures) sheet(*shared) sheet { return sheet{Name: "errors"} }

func (*failures) filter(string) {}

func (*failures) find(int) {}
