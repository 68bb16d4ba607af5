package tui

import tea "github.com/charmbracelet/bubbletea"

// overlay is what lies over a screen and takes the keys while it is open.
type overlay interface {
	update(tea.Msg, *model) (overlay, tea.Cmd)
	view(s *shared, width, height int) []string
}
