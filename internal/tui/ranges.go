package tui

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// rangeWords says how long a range with a name is.
func rangeWords(name string) string {
	return "last " + strings.NewReplacer("h", " hours", "d", " days").Replace(name)
}

// newRanges is the overlay in which the time range is chosen.
func newRanges(m *model) overlay {
	names := metric.RangeNames()
	c := &choice{title: "Time range", at: slices.Index(names, m.scope.rng.Name), pick: func(m *model, i int) tea.Cmd {
		if i == len(names) {
			m.overlay = newDates(m)
			return nil
		}
		m.rescope(func(c *scope) { c.rng = metric.Range{Name: names[i]} })
		return nil
	}}
	for _, name := range names {
		c.items = append(c.items, rangeWords(name))
	}
	c.items = append(c.items, "custom…")
	if c.at < 0 {
		c.at = len(names)
	}
	return c
}

// dates is the overlay in which the two ends of a custom range are typed.
type dates struct {
	ends    [2]*field
	at      int
	problem string // why the range cannot be shown; safe text
}

var endNames = [...]string{"From", "To"}

func newDates(m *model) *dates {
	r := m.scope.rng
	return &dates{ends: [...]*field{
		newField(r.Start.UTC().Format(time.RFC3339)), newField(r.End.UTC().Format(time.RFC3339)),
	}}
}

func (d *dates) update(msg tea.Msg, m *model) tea.Cmd {
	press, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	switch {
	case key.Matches(press, m.keys.Back):
		m.overlay = nil
	case key.Matches(press, m.keys.Open):
		d.apply(m)
	case key.Matches(press, m.keys.Next, m.keys.Previous), press.Type == tea.KeyUp, press.Type == tea.KeyDown:
		d.at = 1 - d.at
	default:
		d.problem = ""
		d.ends[d.at].update(press)
	}
	return nil
}

func (d *dates) apply(m *model) {
	from, to := strings.TrimSpace(d.ends[0].value()), strings.TrimSpace(d.ends[1].value())
	if from == "" || to == "" {
		d.problem = "Both ends are needed"
		return
	}
	r, err := metric.ParseRange("", from, to, m.now())
	if err != nil {
		d.problem = text.Terminal(rangeProblem(err))
		return
	}
	m.overlay = nil
	m.rescope(func(c *scope) { c.rng = r })
}

// rangeProblem words an error for who typed the range.
func rangeProblem(err error) string {
	if e := (*metric.FieldError)(nil); errors.As(err, &e) {
		name := strings.NewReplacer("start_time", endNames[0], "end_time", endNames[1]).Replace(e.Field)
		return name + ": not a time"
	}
	return err.Error()
}

func (d *dates) box(s *shared, width, _ int) []string {
	inner := min(80, width-8)
	lines := []string{""}
	for i, f := range d.ends {
		role, words := look.Dim, text.Left(f.value(), inner-6)
		if i == d.at {
			role, words = look.Accent, f.view(s.look, inner-6)
		}
		lines = append(lines, s.look.Paint(role, text.Left(endNames[i], 6))+words)
	}
	lines = append(lines, "",
		s.look.Paint(look.Dim, text.Cut("such as 2025-10-18T12:00:00Z, or a date (midnight UTC)", inner)), "")
	if d.problem != "" {
		for _, line := range wrap(s.look.Marks().Alert+" "+d.problem, inner) {
			lines = append(lines, s.look.Paint(look.Bad, line))
		}
	} else {
		lines = append(lines, "")
	}
	lines = append(lines, "", hints(s, inner, relabel(s.keys.Open, "show"), relabel(s.keys.Next, "other end"), s.keys.Back))
	return s.look.Box("Custom range", "", lines, inner+4, len(lines)+2)
}

// wrap breaks words into lines of at most width cells.
func wrap(words string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(words) {
		switch next := line + " " + word; {
		case line == "":
			line = word
		case text.Width(next) <= width:
			line = next
		default:
			lines, line = append(lines, text.Cut(line, width)), word
		}
	}
	return append(lines, text.Cut(line, width))
}
