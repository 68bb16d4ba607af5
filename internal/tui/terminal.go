package tui

import (
	"io"
	"os"
	"sync"

	"github.com/aymanbagabas/go-osc52/v2"
	tea "github.com/charmbracelet/bubbletea"
)

// terminal is what the program draws on. Frames and what is copied are written
// one after the other, so that neither ends up inside the other.
type terminal struct {
	*os.File // nil unless the terminal is one

	mu  sync.Mutex
	out io.Writer
}

func newTerminal(out io.Writer) *terminal {
	if out == nil {
		out = os.Stdout
	}
	file, _ := out.(*os.File)
	return &terminal{File: file, out: out}
}

// Write writes p as a whole. It is safe for concurrent use.
func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.Write(p)
}

// writer returns what the program is given: with the methods of a file only
// when it is one, because the program asks a file for its size.
func (t *terminal) writer() io.Writer {
	if t.File == nil {
		return struct{ io.Writer }{t}
	}
	return t
}

// copyCommand hands words to the terminal's clipboard (OSC 52).
func copyCommand(t *terminal, words string) tea.Cmd {
	return func() tea.Msg {
		_, _ = osc52.New(words).WriteTo(t) // a terminal that is gone needs no copy
		return nil
	}
}

// ask writes a question to the terminal, which may answer among the keys.
func (t *terminal) ask(question string) tea.Cmd {
	return func() tea.Msg {
		_, _ = io.WriteString(t, question) // a terminal that is gone has no ground
		return nil
	}
}
