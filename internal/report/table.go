package report

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/appmetrics/appmetrics/internal/text"
)

// widestSpark keeps sparklines in sight where the width is not limited.
const widestSpark = 96

// palette is the styles of the table. Its colours are the 16 of the terminal,
// so they follow the reader's own theme. A style is a large value, and every
// cell has one: hence the pointers.
type palette struct {
	title, heading, header, faint, good, warn, bad, plain *lipgloss.Style
}

func newPalette(color bool) palette {
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.Ascii)
	if color {
		renderer.SetColorProfile(termenv.ANSI)
	}
	plain := renderer.NewStyle()
	faint := plain.Faint(true)
	style := func(s lipgloss.Style) *lipgloss.Style { return &s }
	foreground := func(code string) lipgloss.Style { return plain.Foreground(lipgloss.Color(code)) }
	return palette{
		title: style(plain.Bold(true)), heading: style(foreground("6").Bold(true)),
		header: &faint, faint: &faint, plain: &plain,
		good: style(foreground("2")), warn: style(foreground("3")), bad: style(foreground("1").Bold(true)),
	}
}

// terminal draws a report as lines of text.
type terminal struct {
	strings.Builder
	view    *view
	width   int
	palette palette
}

func renderTable(w io.Writer, r *Report, o Options) error {
	t := &terminal{view: newView(r), width: o.Width, palette: newPalette(o.Color)}
	t.header()
	if r.Empty() {
		t.empty()
	} else {
		t.cards()
		t.sparklines()
		t.endpoints()
		t.errors()
		t.events()
		t.pages()
		t.elements()
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// line writes one line, cut to the width.
func (t *terminal) line(style *lipgloss.Style, words string) {
	if t.width > 0 {
		words = text.Cut(words, t.width)
	}
	t.WriteString(style.Render(words))
	t.WriteByte('\n')
}

// list writes a label and items beside each other, on as many lines as they
// take.
func (t *terminal) list(style *lipgloss.Style, label string, items []string) {
	words := label
	for i, item := range items {
		if i < len(items)-1 {
			item += ","
		}
		if next := words + " " + item; t.width <= 0 || i == 0 || text.Width(next) <= t.width {
			words = next
			continue
		}
		t.line(style, words)
		words = strings.Repeat(" ", gap) + item
	}
	t.line(style, words)
}

func (t *terminal) heading(words string) {
	t.WriteByte('\n')
	t.line(t.palette.heading, words)
}

func (t *terminal) header() {
	v := t.view
	t.line(t.palette.title, text.Terminal(v.App)+" · "+rangeName(v.Performance.Period))
	t.line(t.palette.faint, v.Period)
	if v.Params.Endpoint != "" {
		t.line(t.palette.faint, "endpoint "+text.Terminal(v.Params.Endpoint))
	}
	for _, note := range []string{v.Complete, v.Anonymous} {
		if note != "" {
			t.line(t.palette.faint, note)
		}
	}
}

func (t *terminal) empty() {
	t.heading("No data available")
	for _, h := range advice(t.view.Report) {
		t.line(t.palette.plain, "  "+h.quoted(""))
	}
}

// cards writes the summary as columns of label, figure and change, as many
// beside each other as fit.
func (t *terminal) cards() {
	rest := t.view.Cards
	for len(rest) > 0 {
		n := t.cardsThatFit(rest)
		t.WriteByte('\n')
		g := grid{Header: t.palette.faint}
		for _, c := range rest[:n] {
			col := &column{Title: c.Label}
			col.add(c.noted(c.Value), t.palette.title)
			if c.Change != "" {
				col.add(c.Change, t.trend(c.Trend))
			}
			g.Columns = append(g.Columns, col)
		}
		g.write(&t.Builder, t.width)
		rest = rest[n:]
	}
	if t.view.Params.Compare {
		t.line(t.palette.faint, comparedWith(t.view.Report))
	}
}

func (t *terminal) cardsThatFit(cards []card) int {
	if t.width <= 0 {
		return len(cards)
	}
	used := -gap
	for i, c := range cards {
		used += gap + max(text.Width(c.Label), text.Width(c.noted(c.Value)), text.Width(c.Change))
		if used > t.width {
			return max(i, 1)
		}
	}
	return len(cards)
}

// comparedWith names the period that changes are against.
func comparedWith(r *Report) string {
	previous := r.Performance.Previous
	if previous == nil {
		return "no previous period to compare with"
	}
	words := "change against " + period(previous.StartTime, previous.EndTime)
	if !previous.Complete {
		words += ", which is not wholly inside the retention"
	}
	return words
}

func (t *terminal) trend(of trend) *lipgloss.Style {
	switch of {
	case better:
		return t.palette.good
	case worse:
		return t.palette.bad
	default:
		return t.palette.faint
	}
}
