package tui

import (
	"fmt"
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// The smallest terminal that the dashboard draws on.
const (
	leastWidth  = 60
	leastHeight = 15
)

// The lines of the frame: header, tabs, the body of a screen, footer.
const (
	tabLine = 1
	bodyTop = 2
	chrome  = bodyTop + 1 // lines that are not the body
)

// frame returns the lines of the whole terminal.
func (m *model) frame() []string {
	if m.width <= 0 || m.height <= 0 {
		return []string{""}
	}
	if m.tooSmall() {
		return centred(&m.shared, look.Text, m.width, m.height, m.sizeNeeded()...)
	}
	lines := append(make([]string, 0, m.height), m.header(), m.tabs())
	body := fit(m.screen().view(&m.shared, m.width, m.height-chrome), m.width, m.height-chrome)
	lines = append(append(lines, body...), m.footer())
	if m.overlay != nil {
		lines = lay(&m.shared, lines, m.overlay.box(&m.shared, m.width, m.height), m.width)
	}
	return lines
}

// sizeNeeded says it in one line, or in two.
func (m *model) sizeNeeded() []string {
	what := "Terminal too small:"
	sizes := fmt.Sprintf("%d x %d needed, this is %d x %d", leastWidth, leastHeight, m.width, m.height)
	if line := what + " " + sizes; text.Width(line) <= m.width {
		return []string{line}
	}
	return append(wrap(what, m.width), wrap(sizes, m.width)...)
}

func (m *model) tooSmall() bool { return m.width < leastWidth || m.height < leastHeight }

// tabs names the screens, the shown one marked.
func (m *model) tabs() string {
	line := ""
	for i, words := range m.tabWords() {
		role := look.Dim
		if i == m.current {
			role = look.Strong | look.Selected
		}
		line += m.look.Paint(role, words)
	}
	return text.Left(line, m.width)
}

// tabWords are the words of the tabs with the space around them; on a narrow
// terminal there is less of it.
func (m *model) tabWords() []string {
	words, total := make([]string, len(m.screens)), 0
	for i, s := range m.screens {
		words[i] = fmt.Sprintf(" %d %s ", i+1, s.title())
		total += text.Width(words[i])
	}
	for i := range words {
		if total > m.width {
			words[i] = strings.TrimSuffix(words[i], " ")
		}
	}
	return words
}

// tabAt returns which tab is in column x; -1 beside them.
func (m *model) tabAt(x int) int {
	for i, words := range m.tabWords() {
		if x -= text.Width(words); x < 0 {
			return i
		}
	}
	return -1
}

// footer is the filter that is typed, what there is to say, or the keys.
func (m *model) footer() string {
	width := m.width - 2
	switch filter := m.filters[m.current]; {
	case m.typing != nil:
		ends := hints(&m.shared, width, relabel(m.keys.Open, "keep"), relabel(m.keys.Back, "clear"))
		room := width - text.Width(ends) - 4
		return " " + m.look.Paint(look.Key, "/") + m.typing.view(m.look, room) + "   " + text.Right(ends, width-room-4) + " "
	case m.toast != "":
		return text.Left(" "+text.Cut(m.toast, width), m.width)
	case filter != "" && m.filterable():
		words := text.Cut("/"+text.Terminal(filter), width/3)
		return text.Left(" "+m.look.Paint(look.Accent, words)+"  "+
			hints(&m.shared, width-text.Width(words)-2, relabel(m.keys.Back, "all rows"), m.keys.FindNext, m.keys.FindBack, m.keys.Help), m.width)
	}
	last := hints(&m.shared, width, m.keys.Help, m.keys.Quit)
	keys := append(m.screen().keys(m.keys), m.keys.everywhere()...)
	room := width - text.Width(last) - 2
	return " " + text.Left(hints(&m.shared, room, keys...), room) + "  " + last + " "
}
