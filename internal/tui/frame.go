package tui

import (
	"fmt"
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
)

// bodyTop is the line on which a screen begins: below header and tabs.
const bodyTop = 2

// frame returns the lines of the whole terminal.
func (m *model) frame() []string {
	if m.width < leastWidth || m.height < leastHeight {
		return m.tooSmall()
	}
	lines := []string{m.header(), m.tabs()}
	lines = append(lines, m.screen().view(&m.shared, m.width, m.height-bodyTop-1)...)
	return append(lines, m.footer())
}

func (m *model) tooSmall() []string {
	lines := make([]string, max(m.height, 1))
	for i := range lines {
		lines[i] = text.Left("", m.width)
	}
	words := fmt.Sprintf("Terminal too small: %d x %d needed, this is %d x %d", leastWidth, leastHeight, m.width, m.height)
	lines[len(lines)/2] = text.Left(words, m.width)
	return lines
}

func (m *model) header() string { return text.Left("appmetrics · "+m.scope.rng.Name, m.width) }

func (m *model) tabs() string {
	var words []string
	for i, s := range m.screens {
		words = append(words, fmt.Sprintf("%d %s", i+1, s.title()))
	}
	return text.Left(strings.Join(words, "  "), m.width)
}

func (m *model) footer() string { return text.Left(m.toast, m.width) }
