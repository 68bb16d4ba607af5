package report

import (
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/appmetrics/appmetrics/internal/text"
)

// minFlexible is the least width of the column that gives way to the others.
const minFlexible = 20

// cell is one cell of a grid. Text has been sanitised.
type cell struct {
	Text  string
	Style *lipgloss.Style
}

// column is one column of a grid.
type column struct {
	Title string
	// Right aligns numbers by their last digit.
	Right bool
	// Flexible marks the one column of names, which is cut where room is
	// short, in the middle.
	Flexible bool
	// Drop orders the columns that go when room is short, 1 first; columns
	// with 0 stay.
	Drop  int
	Cells []cell
}

func (c *column) add(words string, style *lipgloss.Style) {
	c.Cells = append(c.Cells, cell{words, style})
}

// grid is a table of cells, aligned by display width. (lipgloss's own table
// narrows every column alike and wraps; here numbers stay whole and names give
// way.)
type grid struct {
	Columns []*column
	Header  *lipgloss.Style
	Indent  int
}

const gap = 2

// write writes the header and the rows, each exactly as wide as the others and
// no wider than width, unless width is 0.
func (g *grid) write(b *strings.Builder, width int) {
	columns, widths := g.fit(width)
	row := func(at func(c *column) cell) {
		var line strings.Builder
		line.WriteString(strings.Repeat(" ", g.Indent))
		for i, c := range columns {
			if i > 0 {
				line.WriteString(strings.Repeat(" ", gap))
			}
			one := at(c)
			line.WriteString(one.Style.Render(align(c, one.Text, widths[i])))
		}
		words := line.String()
		if width > 0 && text.Width(words) > width {
			words = text.Left(words, width) // a terminal of a few cells
		}
		b.WriteString(words)
		b.WriteByte('\n')
	}
	row(func(c *column) cell { return cell{c.Title, g.Header} })
	if len(columns) == 0 {
		return
	}
	for i := range columns[0].Cells {
		row(func(c *column) cell { return c.Cells[i] })
	}
}

func align(c *column, s string, width int) string {
	switch {
	case c.Flexible:
		return text.Left(text.CutMiddle(s, width), width)
	case c.Right:
		return text.Right(s, width)
	default:
		return text.Left(s, width)
	}
}

// fit chooses the columns that have room and their widths.
func (g *grid) fit(width int) ([]*column, []int) {
	if width > 0 {
		width = max(width-g.Indent, 1)
	}
	asked := make([]text.Column, len(g.Columns))
	for i, c := range g.Columns {
		asked[i] = c.room()
	}
	var (
		columns []*column
		widths  []int
	)
	for i, w := range text.Columns(asked, gap, width) {
		if w != text.Gone {
			columns, widths = append(columns, g.Columns[i]), append(widths, w)
		}
	}
	return columns, widths
}

// room returns what the column's cells want.
func (c *column) room() text.Column {
	room := text.Column{Want: text.Width(c.Title), Leave: c.Drop}
	for _, one := range c.Cells {
		room.Want = max(room.Want, text.Width(one.Text))
	}
	if c.Flexible {
		room.Weight, room.Least = 1, min(room.Want, minFlexible)
	}
	return room
}
