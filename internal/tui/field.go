package tui

import (
	"slices"
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// longestInput is how many characters a field takes.
const longestInput = 200

// field is one line that is typed.
type field struct {
	runes []rune
	at    int // where the next character goes
}

func newField(value string) *field {
	runes := []rune(value)
	return &field{runes: runes, at: len(runes)}
}

func (f *field) value() string { return string(f.runes) }

// update takes a key, known by what readline calls it.
func (f *field) update(msg tea.KeyMsg) {
	switch msg.Type {
	case tea.KeyRunes, tea.KeySpace:
		f.insert(msg.Runes)
	case tea.KeyBackspace, tea.KeyCtrlH:
		f.cut(max(f.at-1, 0), f.at)
	case tea.KeyDelete, tea.KeyCtrlD:
		f.cut(f.at, min(f.at+1, len(f.runes)))
	case tea.KeyLeft, tea.KeyCtrlB:
		f.at = max(f.at-1, 0)
	case tea.KeyRight, tea.KeyCtrlF:
		f.at = min(f.at+1, len(f.runes))
	case tea.KeyHome, tea.KeyCtrlA:
		f.at = 0
	case tea.KeyEnd, tea.KeyCtrlE:
		f.at = len(f.runes)
	case tea.KeyCtrlU:
		f.cut(0, f.at)
	case tea.KeyCtrlK:
		f.cut(f.at, len(f.runes))
	case tea.KeyCtrlW:
		before := strings.TrimRight(string(f.runes[:f.at]), " ")
		f.cut(len([]rune(before[:strings.LastIndex(before, " ")+1])), f.at)
	default:
	}
}

// insert takes what was typed or pasted; what is no character of a line is left
// out.
func (f *field) insert(runes []rune) {
	runes = slices.DeleteFunc(slices.Clone(runes), func(r rune) bool { return !unicode.IsPrint(r) })
	runes = runes[:min(len(runes), max(longestInput-len(f.runes), 0))]
	f.runes = slices.Insert(f.runes, f.at, runes...)
	f.at += len(runes)
}

func (f *field) cut(from, to int) {
	f.runes = slices.Delete(f.runes, from, to)
	f.at = from
}

// view draws the field in exactly width cells: the place where the next
// character goes is in sight, and marked.
func (f *field) view(l look.Look, width int) string {
	under, behind := " ", ""
	if f.at < len(f.runes) {
		under, behind = text.Terminal(string(f.runes[f.at])), text.Terminal(string(f.runes[f.at+1:]))
	}
	from := 0
	before := text.Terminal(string(f.runes[:f.at]))
	for from < f.at && text.Width(before)+text.Width(under) > width {
		from++
		before = text.Terminal(string(f.runes[from:f.at]))
	}
	line := before + l.Paint(look.Selected, under)
	return text.Left(line+text.Left(behind, width-text.Width(line)), width)
}
