package doctor

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/appmetrics/appmetrics/internal/text"
)

// Format is a way to write a report.
type Format string

// The formats of a report.
const (
	Table Format = "table"
	JSON  Format = "json"
)

// Formats lists all formats, the default first.
func Formats() []Format { return []Format{Table, JSON} }

// RenderOptions say how to draw. The zero value draws without colours, as wide
// as the content wants.
type RenderOptions struct {
	// Color allows the table to use the colours of a terminal.
	Color bool
	// Width is the number of cells that lines are wrapped at; 0 for no limit.
	Width int
}

// Render writes a report. Every byte that comes from outside passes through
// the sanitiser of its format.
func Render(w io.Writer, r Report, format Format, o RenderOptions) error {
	buffered := bufio.NewWriter(w)
	switch format {
	case Table:
		writeTable(buffered, r, o)
	case JSON:
		document, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return fmt.Errorf("encode report: %w", err)
		}
		_, _ = buffered.Write(append(text.JSON(document), '\n')) // Flush returns its error
	default:
		return fmt.Errorf("unknown format %q; one of %s", string(format), slices.Sorted(slices.Values(Formats())))
	}
	return buffered.Flush()
}

// marks say how a check ended, by shape and by word: colour comes on top.
var marks = map[Status]string{Pass: "✓ pass", Fail: "✗ FAIL", Skip: text.None + " skip"}

// writeTable writes a line for each check, the mend under those that failed.
func writeTable(w *bufio.Writer, r Report, o RenderOptions) {
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.Ascii)
	if o.Color {
		renderer.SetColorProfile(termenv.ANSI)
	}
	plain := renderer.NewStyle()
	heading := plain.Foreground(lipgloss.Color("6")).Bold(true)
	styles := map[Status]lipgloss.Style{
		Pass: plain.Foreground(lipgloss.Color("2")),
		Fail: plain.Foreground(lipgloss.Color("1")).Bold(true),
		Skip: plain.Faint(true),
	}
	names := 0
	for _, c := range r.Checks {
		names = max(names, text.Width(c.Name))
	}
	const margin, gap, arrow = "  ", "  ", "→ "
	const least = 20 // cells of a message: narrower terminals break lines themselves
	indent := len(margin) + text.Width(marks[Pass]) + len(gap) + names + len(gap)
	room := 0
	if o.Width > 0 {
		room = max(o.Width-indent, least)
	}
	write := func(words ...string) { _, _ = w.WriteString(strings.Join(words, "")) } // Flush returns its error
	group := ""
	for i, c := range r.Checks {
		if c.group != group {
			if i > 0 {
				write("\n")
			}
			group = c.group
			write(heading.Render(group), "\n")
		}
		message := plain
		if c.Status == Skip {
			message = styles[Skip]
		}
		lead := margin + styles[c.Status].Render(marks[c.Status]) + gap + text.Left(c.Name, names) + gap
		for _, line := range wrap(text.Terminal(c.Message), room) {
			write(lead, message.Render(line), "\n")
			lead = strings.Repeat(" ", indent)
		}
		if c.Mend == "" {
			continue
		}
		lead = strings.Repeat(" ", indent) + arrow
		for _, line := range wrap(text.Terminal(c.Mend), max(room-text.Width(arrow), 0)) {
			write(lead, line, "\n")
			lead = strings.Repeat(" ", indent+text.Width(arrow))
		}
	}
	write("\n", plain.Bold(true).Render(counts(r)), "\n")
}

// wrap breaks words into lines of that many cells, between words only, so that
// what is to be copied stays whole; 0 for one line.
func wrap(words string, room int) []string {
	if room == 0 {
		return []string{words}
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(words) {
		switch {
		case line == "":
			line = word
		case text.Width(line)+1+text.Width(word) <= room:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return strings.Split(ansi.Hardwrap(strings.Join(append(lines, line), "\n"), room, true), "\n")
}

func counts(r Report) string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", r.Count(Pass), r.Count(Fail), r.Count(Skip))
}
