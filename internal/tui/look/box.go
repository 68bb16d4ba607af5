package look

import (
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
)

// Box returns body inside a border, in exactly height lines of width cells.
// Title stands in the upper border at the left and note at the right, where
// there is room; both are safe text without escape sequences. Lines of body
// may be painted; they are cut or padded to width-4 cells, and those too many
// are left out.
func (l Look) Box(title, note string, body []string, width, height int) []string {
	if width < 5 || height < 2 {
		return blank(width, height)
	}
	m, inner := l.Marks(), width-4
	box := append(make([]string, 0, height), l.lid(title, note, width))
	side := l.Paint(Border, m.Vertical)
	for i := range height - 2 {
		line := ""
		if i < len(body) {
			line = body[i]
		}
		box = append(box, side+" "+text.Left(line, inner)+" "+side)
	}
	return append(box, l.Paint(Border, m.BottomLeft+strings.Repeat(m.Horizontal, width-2)+m.BottomRight))
}

// lid draws the upper border of a box: ╭ title ───── note ╮.
func (l Look) lid(title, note string, width int) string {
	m, room := l.Marks(), width-4
	if title = text.Cut(title, room-2); title != "" {
		title = " " + title + " "
	}
	if note != "" {
		note = " " + note + " "
	}
	if text.Width(title)+text.Width(note)+1 > room {
		note = ""
	}
	rule := strings.Repeat(m.Horizontal, max(room-text.Width(title)-text.Width(note), 0))
	return l.Paint(Border, m.TopLeft+m.Horizontal) + l.Paint(Head, title) + l.Paint(Border, rule) +
		l.Paint(Dim, note) + l.Paint(Border, m.Horizontal+m.TopRight)
}

func blank(width, height int) []string {
	list := make([]string, max(height, 0))
	for i := range list {
		list[i] = strings.Repeat(" ", max(width, 0))
	}
	return list
}
