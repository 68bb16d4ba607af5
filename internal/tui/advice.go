package tui

import (
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// nothing is what a pane shows when there is no data: what to do next.
func nothing(s *shared, width, height int) []string {
	advice := s.advice()
	widest := 0
	for _, a := range advice {
		widest = max(widest, text.Width(a))
	}
	lines := []string{"No data available", ""}
	for _, a := range advice {
		lines = append(lines, text.Left(a, widest))
	}
	return centred(s, look.Strong, width, height, lines...)
}

func (s *shared) advice() []string {
	var list []string
	if s.scope.app != "" {
		list = append(list, "look at every app: press "+s.keys.App.Help().Key)
	}
	if s.scope.rng.Duration() < metric.Retention {
		list = append(list, "look further back: press "+s.keys.Range.Help().Key)
	}
	return append(list,
		"record an application: appmetrics serve --upstream http://localhost:3000",
		"see it with made-up data first: appmetrics serve --demo")
}
