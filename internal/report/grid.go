package report

import (
	"slices"
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
	columns, widths := slices.Clone(g.Columns), natural(g.Columns)
	for {
		flexible := slices.IndexFunc(columns, func(c *column) bool { return c.Flexible })
		over := g.Indent + gap*max(len(columns)-1, 0) - width
		for _, w := range widths {
			over += w
		}
		if width <= 0 || over <= 0 {
			return columns, widths
		}
		spare := 0
		if flexible >= 0 {
			spare = widths[flexible] - min(widths[flexible], minFlexible)
		}
		if over <= spare {
			widths[flexible] -= over
			return columns, widths
		}
		next := droppable(columns)
		if next < 0 {
			return columns, squeeze(widths, flexible, over)
		}
		columns, widths = slices.Delete(columns, next, next+1), slices.Delete(widths, next, next+1)
	}
}

// natural returns the widths that the columns' cells want.
func natural(columns []*column) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = text.Width(c.Title)
		for _, one := range c.Cells {
			widths[i] = max(widths[i], text.Width(one.Text))
		}
	}
	return widths
}

// droppable returns the column that goes next, -1 when all must stay.
func droppable(columns []*column) int {
	next := -1
	for i, c := range columns {
		if c.Drop > 0 && (next < 0 || c.Drop < columns[next].Drop) {
			next = i
		}
	}
	return next
}

// squeeze takes what is too much from the flexible column and then, on a
// terminal of a few cells, from all others, the last first.
func squeeze(widths []int, flexible, over int) []int {
	take := func(i int) {
		n := min(over, max(widths[i]-1, 0))
		widths[i], over = widths[i]-n, over-n
	}
	if flexible >= 0 {
		take(flexible)
	}
	for i := len(widths) - 1; i >= 0; i-- {
		take(i)
	}
	return widths
}
