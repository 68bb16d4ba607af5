package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

// newApps is the overlay in which the app is chosen, of those that have data.
func newApps(m *model) overlay {
	var apps []string
	if status := answerTo[query.Status](m.feed, askStatus()).Value; status != nil {
		apps = slices.Clone(status.Apps)
	}
	if m.scope.app != "" && !slices.Contains(apps, m.scope.app) {
		apps = append(apps, m.scope.app)
	}
	c := &choice{title: "App", items: []string{"every app"}, at: 1 + slices.Index(apps, m.scope.app), pick: func(m *model, i int) tea.Cmd {
		app := ""
		if i > 0 {
			app = apps[i-1]
		}
		m.rescope(func(c *scope) { c.app = app })
		return nil
	}}
	for _, app := range apps {
		c.items = append(c.items, text.Terminal(app))
	}
	return c
}
