package table

import (
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

const (
	gap = 2
	// edge is the room at the right: for the mark of an order by the last
	// column, and for the scroll bar.
	edge = 2
	// least is the width below which names do not give way any more.
	least = 12
)

// View returns the titles and the rows around the selection, as height lines of
// exactly width cells. Its cost is that of the rows in sight.
func (t *Table) View(l look.Look, width, height int) []string {
	width, t.height = max(width, 0), max(height-1, 0)
	t.scroll()
	if height <= 0 {
		return nil
	}
	room, bar := width, func(int) string { return "" }
	if width > edge {
		room, bar = width-edge, t.scrollBar(l)
	}
	t.layOut(room)
	list := append(make([]string, 0, height), l.Paint(look.Head, text.Left(t.head(l), width)))
	for i := range t.height {
		line := text.Left("", room)
		switch at := t.offset + i; {
		case at < len(t.order):
			line = t.row(l, at, room)
		case i == 0:
			line = l.Paint(look.Dim, text.Left(t.nothing(), room))
		}
		list = append(list, line+bar(i))
	}
	return list
}

// InSight returns the rows that the last View showed, as far as they still
// stand there. Their cells belong to the table.
func (t *Table) InSight() []Row {
	var list []Row
	for _, i := range t.order[t.offset:min(t.offset+t.lines(), len(t.order))] {
		list = append(list, t.rows[i])
	}
	return list
}

// nothing says why there are no rows.
func (t *Table) nothing() string {
	if t.filter != "" && len(t.rows) > 0 {
		return "nothing matches " + text.Terminal(t.filter)
	}
	return t.Empty
}

// layOut decides where columns stand in some room.
func (t *Table) layOut(room int) {
	if t.wants == nil {
		t.measure()
	}
	asked := make([]text.Column, len(t.columns))
	for i, c := range t.columns {
		asked[i] = c.asks(t.wants[i], room)
		if i > 0 {
			asked[i].Leave = max(c.Priority, 0) + 1
		}
	}
	t.spans = t.spans[:0]
	x := 0
	for i, w := range text.Columns(asked, gap, max(room, 1)) {
		if w = min(w, room-x); w > 0 {
			t.spans = append(t.spans, span{i, x, x + w})
			x += w + gap
		}
	}
}

// asks returns the room for a column whose title and cells take want.
func (c Column) asks(want, room int) text.Column {
	want = max(want, c.Min)
	if c.Max > 0 {
		want = min(want, c.Max)
	}
	if c.Weight <= 0 {
		return text.Column{Want: want}
	}
	most := c.Max
	if most <= 0 {
		most = room
	}
	return text.Column{Want: want, Least: min(max(c.Min, least), want), Most: most, Weight: c.Weight}
}

// measure finds the widths that titles and cells take.
func (t *Table) measure() {
	t.wants = make([]int, len(t.columns))
	for i, c := range t.columns {
		t.wants[i] = text.Width(c.Title)
	}
	for i := range t.rows {
		for j, c := range t.rows[i].Cells {
			// No character is wider than its bytes are many.
			if j < len(t.wants) && len(c.Text) > t.wants[j] && (t.columns[j].Max <= 0 || t.wants[j] < t.columns[j].Max) {
				t.wants[j] = max(t.wants[j], text.Width(c.Text))
			}
		}
	}
}

// head returns the titles. The mark of the order stands in the gap behind its
// title, so that ordering moves nothing.
func (t *Table) head(l look.Look) string {
	mark := l.Marks().Up
	if t.descending {
		mark = l.Marks().Down
	}
	var line strings.Builder
	for _, s := range t.spans {
		c, w := t.columns[s.column], s.to-s.from
		switch ordered := s.column == t.by-1; {
		case !ordered:
			line.WriteString(text.Left(align(c.Right, c.Title, w), w+gap))
		case c.Right:
			line.WriteString(text.Left(text.Right(c.Title, w)+mark, w+gap))
		case text.Width(c.Title)+1 < w:
			line.WriteString(text.Left(c.Title+" "+mark, w+gap))
		default:
			line.WriteString(text.Left(text.Cut(c.Title, w)+mark, w+gap))
		}
	}
	return line.String()
}

// row draws the row at a place in exactly width cells.
func (t *Table) row(l look.Look, at, width int) string {
	row, ground := &t.rows[t.order[at]], look.Text
	if at == t.at && !t.Blurred {
		ground = look.Selected
	}
	var line strings.Builder
	x, pending := 0, "" // what is on the ground alone, not painted yet
	for _, s := range t.spans {
		cell, w := row.cell(s.column), s.to-s.from
		if cell.Middle {
			cell.Text = text.CutMiddle(cell.Text, w)
		}
		pending += text.Left("", s.from-x)
		x = s.to
		words := align(t.columns[s.column].Right, cell.Text, w)
		if cell.Role == look.Text {
			pending += words
			continue
		}
		line.WriteString(l.Paint(ground, pending) + l.Paint(ground|cell.Role, words))
		pending = ""
	}
	line.WriteString(l.Paint(ground, pending+text.Left("", width-x)))
	return line.String()
}

func align(right bool, s string, width int) string {
	if right {
		return text.Right(s, width)
	}
	return text.Left(s, width)
}

// scrollBar returns what stands at the right edge of each line: where rows are
// out of sight, a bar that shows which part of them is not.
func (t *Table) scrollBar(l look.Look) func(line int) string {
	none := strings.Repeat(" ", edge)
	if hidden := len(t.order) - t.height; hidden > 0 && t.height > 0 {
		size := max(t.height*t.height/len(t.order), 1)
		from := t.offset * (t.height - size) / hidden
		bar := strings.Repeat(" ", edge-1) + l.Paint(look.Border, l.Marks().Bar)
		return func(line int) string {
			if line >= from && line < from+size {
				return bar
			}
			return none
		}
	}
	return func(int) string { return none }
}
