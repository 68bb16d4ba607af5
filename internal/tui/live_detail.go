package tui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// detail is one arrival in full.
type detail struct {
	arrival *arrival
	fields  []labelled
	offset  int
	most    int // how large offset may become, as of the last view
	page    int // lines in the last view
	closed  bool
}

// labelled is a field; its value is safe text, of one line or more.
type labelled struct {
	label, value string
	role         look.Role
}

func newDetail(s *shared, a *arrival) *detail {
	d := &detail{arrival: a}
	add := func(label, value string) {
		if value == "" {
			value = text.None
		}
		d.fields = append(d.fields, labelled{label: label, value: value})
	}
	stamp := a.at().In(s.scope.zone).Format("2006-01-02 15:04:05.000000") + " " + text.Terminal(a.at().In(s.scope.zone).Format("MST"))
	if r := a.request; r != nil {
		add("Began", stamp)
		add("Request", text.Terminal(r.Method+" "+r.Endpoint))
		add("Status", strconv.Itoa(r.StatusCode))
		d.fields[len(d.fields)-1].role = statusCell(s, r.StatusCode, r.ErrorType).Role
		add("Error type", text.Terminal(r.ErrorType))
		add("Time taken", text.Duration(r.ResponseTimeMS))
		add("User", text.Terminal(r.UserID))
		add("App", text.Terminal(r.App))
		add("Correlation id", text.Terminal(r.CorrelationID))
		add("Id", r.ID.String())
		return d
	}
	e := a.event
	add("Happened", stamp)
	add("Event", text.Terminal(e.EventType))
	outcome := "ok"
	if !e.Success {
		outcome = s.look.Marks().Alert + " failed"
	}
	add("Outcome", outcome)
	add("Page", text.Terminal(e.PageName))
	add("Element", text.Terminal(e.ElementID))
	add("User", text.Terminal(e.UserID))
	add("App", text.Terminal(e.App))
	add("Correlation id", text.Terminal(e.CorrelationID))
	add("Id", e.ID.String())
	add("Metadata", metadataWords(e.Metadata))
	return d
}

// metadataWords writes a JSON object over several lines, each of them safe.
func metadataWords(object json.RawMessage) string {
	var b bytes.Buffer
	if len(object) == 0 {
		return ""
	}
	if json.Indent(&b, object, "", "  ") != nil {
		return text.Terminal(string(object))
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, text.Terminal(strings.TrimSuffix(line, "\n")))
	}
	return strings.Join(lines, "\n")
}

// copied is what a copy of the arrival takes: where to look for it in logs.
func (a *arrival) copied() string {
	id := a.id().String()
	if a.request != nil && a.request.CorrelationID != "" {
		return a.request.CorrelationID
	}
	if a.event != nil && a.event.CorrelationID != "" {
		return a.event.CorrelationID
	}
	return id
}

func (d *detail) press(msg tea.KeyMsg, k *keymap) {
	switch {
	case key.Matches(msg, k.Back, k.Open):
		d.closed = true
	case key.Matches(msg, k.Up):
		d.scroll(-1)
	case key.Matches(msg, k.Down):
		d.scroll(1)
	case key.Matches(msg, k.PageUp):
		d.scroll(-d.page)
	case key.Matches(msg, k.PageDown):
		d.scroll(d.page)
	case key.Matches(msg, k.Top):
		d.scroll(-d.most)
	case key.Matches(msg, k.Bottom):
		d.scroll(d.most)
	}
}

func (d *detail) scroll(n int) { d.offset = max(min(d.offset+n, d.most), 0) }

// fieldWidth is the width of the labels of a detail.
const fieldWidth = 16

func (d *detail) view(s *shared, width, height int) []string {
	var body []string
	room := max(width-4-fieldWidth, 1)
	for _, f := range d.fields {
		label := f.label
		for value := range strings.SplitSeq(f.value, "\n") {
			for _, line := range pieces(value, room) {
				body = append(body, s.look.Paint(look.Dim, text.Left(label, fieldWidth))+s.look.Paint(f.role, line))
				label = ""
			}
		}
	}
	title := "Request"
	if d.arrival.event != nil {
		title = "Event"
	}
	d.page = max(height-2, 1)
	d.most = max(len(body)-d.page, 0)
	d.scroll(0)
	note := ago(s.now().Sub(d.arrival.at()))
	return s.look.Box(title, note, body[d.offset:], width, height)
}

// pieces cuts safe text into lines of a width, so that nothing of it is lost.
func pieces(words string, width int) []string {
	var list []string
	for text.Width(words) > width {
		n := 0
		for i, r := range words {
			if text.Width(words[:i]+string(r)) > width {
				break
			}
			n = i + len(string(r))
		}
		if n == 0 {
			break
		}
		list, words = append(list, words[:n]), words[n:]
	}
	return append(list, words)
}

// ago says how long something is past.
func ago(d time.Duration) string {
	switch {
	case d < time.Second:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	}
	return fmt.Sprintf("%d h ago", d/time.Hour)
}
