package tui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// status is the screen Status: how healthy the data is, line by line, and what
// to do about what is not.
type status struct {
	offset int // lines out of sight above
	most   int // how large it may become, as of the last view
	page   int // lines in the last view
}

func (*status) title() string { return "Status" }

func (*status) keys(k *keymap) []key.Binding { return []key.Binding{k.Up, k.Down} }

func (*status) asks(*shared) []question { return []question{askStatus()} }

func (x *status) update(msg tea.Msg, s *shared) tea.Cmd {
	to := x.offset
	switch msg := msg.(type) {
	case tea.MouseMsg:
		to += wheel(msg)
	case tea.KeyMsg:
		switch k := s.keys; {
		case key.Matches(msg, k.Up):
			to--
		case key.Matches(msg, k.Down):
			to++
		case key.Matches(msg, k.PageUp):
			to -= x.page
		case key.Matches(msg, k.PageDown):
			to += x.page
		case key.Matches(msg, k.Top):
			to = 0
		case key.Matches(msg, k.Bottom):
			to = x.most
		}
	}
	x.offset = max(min(to, x.most), 0)
	return nil
}

// wheel returns how many rows a mouse message scrolls.
func wheel(msg tea.MouseMsg) int {
	switch msg.Button {
	case tea.MouseButtonWheelUp:
		return -wheelRows
	case tea.MouseButtonWheelDown:
		return wheelRows
	default:
		return 0
	}
}

func (x *status) view(s *shared, width, height int) []string {
	a := answerTo[query.Status](s.feed, askStatus())
	return pane(s, a, width, height, func(p *query.Status) []string {
		all := vitals(s, p, a.At)
		lines := append([]string{verdictLine(s, all, width)}, sections(s, all, width)...)
		x.page, x.most = height, max(len(lines)-height, 0)
		x.offset = min(x.offset, x.most)
		lines = lines[x.offset:]
		if below := len(lines) - height; below > 0 && height > 1 {
			words := s.look.Marks().Down + " " + text.Count(int64(below+1)) + " more lines"
			lines[height-1] = text.Left("", standingWidth) + s.look.Paint(look.Dim, words)
		}
		return lines
	})
}

// twoColumns is from which width on sections stand side by side.
const twoColumns = 110

// sections draws the vitals under their titles: below one another, or in boxes
// side by side where there is room.
func sections(s *shared, all []vital, width int) []string {
	if width < twoColumns {
		var lines []string
		for _, title := range sectionTitles {
			if part := of(all, title); len(part) > 0 {
				lines = append(lines, heading(s, title, width))
				lines = append(lines, vitalLines(s, part, width-1)...)
			}
		}
		return lines
	}
	left := boxes(s, all, width/2, sectionTitles[:2])
	right := boxes(s, all, width-width/2, sectionTitles[2:])
	height := max(len(left), len(right))
	return beside(fit(left, width/2, height), fit(right, width-width/2, height))
}

func boxes(s *shared, all []vital, width int, titles []string) []string {
	var lines []string
	for _, title := range titles {
		body := vitalLines(s, of(all, title), width-4)
		if len(body) == 0 {
			continue
		}
		lines = append(lines, s.look.Box(title, "", body, width, len(body)+2)...)
	}
	return lines
}

// heading is the title of what stands below it, with a rule up to the edge.
func heading(s *shared, title string, width int) string {
	rule := strings.Repeat(s.look.Marks().Horizontal, max(width-text.Width(title)-3, 0))
	return " " + s.look.Paint(look.Head, title) + " " + s.look.Paint(look.Border, rule)
}

// The widths of a line of Status: mark, label and, where there is one, gauge.
const (
	standingWidth = 3
	labelWidth    = 16
	gaugeWidth    = 24
	leastGauge    = 12
)

// vitalLines draws a line for each vital, and below those that are not in order
// what to do.
func vitalLines(s *shared, list []vital, width int) []string {
	var lines []string
	for _, v := range list {
		mark := s.look.Paint(v.standing.role(), text.Right(v.standing.mark(s.look)+" ", standingWidth))
		before := mark + s.look.Paint(look.Dim, text.Left(v.label, labelWidth))
		for _, line := range v.valueLines(s, max(width-standingWidth-labelWidth, 1)) {
			lines = append(lines, before+line)
			before = text.Left("", standingWidth+labelWidth)
		}
	}
	return lines
}

// valueLines draws the value and below it what to do, in lines of at most
// width cells.
func (v vital) valueLines(s *shared, width int) []string {
	role := look.Text
	if v.standing > inOrder {
		role = v.standing.role()
	}
	var lines []string
	for line := range strings.SplitSeq(ansi.Wrap(v.value, width, ""), "\n") {
		lines = append(lines, s.look.Paint(role, line))
	}
	if v.gauge != nil {
		if room := min(width-text.Width(v.value)-2, gaugeWidth); room >= leastGauge {
			lines = []string{v.gauge.draw(s.look, v.standing, room) + "  " + s.look.Paint(role, v.value)}
		} else {
			lines = append(lines, v.gauge.draw(s.look, v.standing, min(width, gaugeWidth)))
		}
	}
	if v.advice != "" {
		arrow := arrows(s)[1] + " "
		for line := range strings.SplitSeq(ansi.Wrap(v.advice, max(width-len(" >"), 1), ""), "\n") {
			lines = append(lines, s.look.Paint(look.Dim, arrow)+line)
			arrow = "  "
		}
	}
	return lines
}

// verdict says in one line whether all is well, and what is not.
func verdict(all []vital) (standing, string) {
	worst, names, idle := inOrder, []string(nil), false
	for _, v := range all {
		if v.standing > inOrder {
			worst, names = max(worst, v.standing), append(names, strings.ToLower(v.label))
		}
		idle = idle || v.standing == unjudged && v.advice != ""
	}
	switch {
	case len(names) == 0 && idle:
		return unjudged, "Nothing was recorded yet"
	case len(names) == 0:
		return worst, "Everything is in order"
	case len(names) == 1:
		return worst, "1 thing needs attention: " + names[0]
	}
	return worst, text.Count(int64(len(names))) + " things need attention: " + strings.Join(names, ", ")
}

func verdictLine(s *shared, all []vital, width int) string {
	worst, words := verdict(all)
	mark := text.Right(worst.mark(s.look)+" ", standingWidth)
	return s.look.Paint(worst.role(), mark) + s.look.Paint(look.Strong, text.Cut(words, width-standingWidth-1))
}

// sheet is every line; what is copied is the verdict with its reasons.
func (*status) sheet(s *shared) sheet {
	out := sheet{Name: "status", Columns: []string{"field", "value", "status", "advice"}}
	a := answerTo[query.Status](s.feed, askStatus())
	if a.Value == nil {
		return out
	}
	all := vitals(s, a.Value, a.At)
	_, out.Selected = verdict(all)
	for _, v := range all {
		out.Rows = append(out.Rows, []any{v.field, v.raw, v.standing.String(), v.advice})
		for _, f := range v.also {
			out.Rows = append(out.Rows, []any{f.field, f.raw, "", ""})
		}
		if v.standing > inOrder {
			out.Selected += "; " + v.label + ": " + v.value
		}
	}
	return out
}

func (*status) filter(string) {}

func (*status) find(int) {}
