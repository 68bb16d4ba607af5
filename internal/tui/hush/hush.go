// Package hush keeps a terminal from being asked for its colours when a program
// starts. It refuses to know anything else.
package hush

import "github.com/charmbracelet/lipgloss"

// Bubble Tea asks the terminal for its ground as soon as it is linked, in its
// own init: every command would wait up to five seconds for terminals that do
// not answer, and would swallow what is typed meanwhile. A package that needs
// lipgloss alone, and whose path sorts before that of Bubble Tea, is initialised
// between the two (Go specification, "Program initialization").
func init() { lipgloss.SetHasDarkBackground(true) }
