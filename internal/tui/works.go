package tui

import (
	"fmt"
	"runtime/debug"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
)

// works is what commands do beside the program's loop. The program does not
// wait for them when it ends, so this does, and closes the source behind them.
// It is safe for concurrent use.
type works struct {
	mu    sync.Mutex
	over  bool
	group sync.WaitGroup
	close func() error
}

// defect is a panic in a command: the dashboard ends, so that the terminal is
// as it was before anybody reads of it.
type defect struct {
	value any
	stack []byte
}

func (d *defect) Error() string {
	return fmt.Sprintf("defect in the dashboard: %v\n\n%s", d.value, d.stack)
}

// command returns f as a command that is waited for.
func (w *works) command(f func() tea.Msg) tea.Cmd {
	return func() (msg tea.Msg) {
		if !w.begin() {
			return nil
		}
		defer w.group.Done()
		defer func() {
			if value := recover(); value != nil {
				msg = &defect{value, debug.Stack()}
			}
		}()
		return f()
	}
}

// begin reports whether there is still time for another work.
func (w *works) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over {
		w.group.Add(1)
	}
	return !w.over
}

// closeWith says how to close what the works use.
func (w *works) closeWith(f func() error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.close = f
}

// end waits for the works under way and closes what they used.
func (w *works) end() error {
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	w.group.Wait()
	if w.close == nil {
		return nil
	}
	return w.close()
}
