package tui

import (
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// screen is one of the tabs. Its methods are called from the program's loop
// and never wait.
type screen interface {
	// title is the word on the tab.
	title() string
	// keys lists what the screen does with keys of the map, beyond what the
	// frame does for every screen; the footer shows them in this order.
	keys(*keymap) []key.Binding
	// asks lists the questions whose answers it shows.
	asks(*shared) []question
	// update takes a key that the frame has no use for, or a mouse message
	// whose X and Y count from the first cell of the body, or an answeredMsg
	// whose answer was taken in, or a message that its own commands sent, which
	// comes to every screen, shown or not.
	update(tea.Msg, *shared) tea.Cmd
	// view returns exactly height lines of exactly width cells.
	view(s *shared, width, height int) []string
	// sheet is what it shows, for exports and copies.
	sheet(*shared) sheet
	// filter shows only rows that hold the text; empty shows all.
	filter(text string)
	// find moves to the next row (1) that the filter finds, or the one before
	// (-1).
	find(direction int)
}

// aside is a screen that also asks what it can do without. Nobody waits for the
// answers, and where they are missing nothing is said.
type aside interface {
	asides(*shared) []question
}

// sheet is a table as people take it away.
type sheet struct {
	// Name becomes part of the file's name, such as "endpoints".
	Name string
	// Columns are called as in the API.
	Columns []string
	// Rows hold strings as they came, int64, float64, bool, time.Time, and nil
	// for nothing.
	Rows [][]any
	// Selected is what a copy takes, as it came; empty when nothing is.
	Selected string
}

// shared is what every screen draws with.
type shared struct {
	look  look.Look
	scope scope
	feed  *feed
	keys  *keymap
	now   func() time.Time
	after func(time.Duration, tea.Msg) tea.Cmd // sends a message later on
}

func screens() []screen {
	return []screen{&overview{}, &endpoints{}, newUsage(), newFailures(), &live{}, &status{}}
}
