// Package table draws rows as cells of a terminal and keeps what the reader
// does with them: order, filter, selection, scrolling. It refuses to know what
// the rows are about.
package table

import (
	"slices"
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Column is one column of a table.
type Column struct {
	Title      string
	Right      bool // aligned to the right: numbers
	Min, Max   int  // widths in cells; 0: what the cells take
	Weight     int  // its part of the room that is left over, and of what is missing; 0: none
	Priority   int  // the lowest leaves first where room is short; the first column never does
	Descending bool // the direction of its first sort: numbers worth a look are large
	Fixed      bool // not sorted by: sparklines
}

// Cell is one cell of a row.
type Cell struct {
	Text     string // safe (text.Terminal), without escape sequences
	Role     look.Role
	Number   float64 // what the row is sorted by, when IsNumber; NaN comes last
	IsNumber bool
	Middle   bool // cut in the middle, not at the end: paths
}

// Row is one row; Key tells it from all others, across calls of SetRows.
type Row struct {
	Key   string
	Cells []Cell
}

// Hit says what a click met.
type Hit int

// What a click can meet.
const (
	Nothing Hit = iota
	OnHead      // a title: the table is now sorted by it
	OnRow       // a row, now selected
)

// Table is a table and the state of its reader. The zero value is an empty
// table. It is not safe for concurrent use.
type Table struct {
	Empty   string // said where there are no rows; safe text
	Blurred bool   // the selected row is not shown as such: keys go elsewhere
	Follow  bool   // while the first row is selected, whichever is first stays so

	columns    []Column
	rows       []Row
	order      []int
	filter     string
	sorted     int // column, -1 for the order of rows
	descending bool
	at, offset int
}

// New returns an empty table.
func New(columns ...Column) *Table {
	return &Table{columns: columns, sorted: -1}
}

// SetColumns replaces the columns; the order of rows is theirs again.
func (t *Table) SetColumns(columns []Column) { t.columns, t.sorted = columns, -1 }

// SetRows replaces the rows, which belong to the table from now on. The same
// key stays selected; when it is gone, the same place.
func (t *Table) SetRows(rows []Row) {
	t.rows = rows
	t.order = nil
	for i := range rows {
		t.order = append(t.order, i)
	}
	t.Move(0)
}

// Sort orders by a column; -1 gives the rows back their own order.
func (t *Table) Sort(column int, descending bool) { t.sorted, t.descending = column, descending }

// Sorted returns the column and the direction that rows are ordered by.
func (t *Table) Sorted() (column int, descending bool) { return t.sorted, t.descending }

// SortNext orders by the next column on show, in its first direction.
func (t *Table) SortNext() {}

// Reverse turns the order around.
func (t *Table) Reverse() { t.descending = !t.descending }

// Filter keeps the rows of which a text cell contains words, whatever their
// case; all rows without words.
func (t *Table) Filter(words string) { t.filter = words }

// Find selects the next row, or with a negative direction the previous one,
// of which a text cell contains words, and starts over at the end. It reports
// whether there is one.
func (t *Table) Find(words string, direction int) bool { return false }

// Move moves the selection by n rows.
func (t *Table) Move(n int) { t.at = max(min(t.at+n, len(t.order)-1), 0) }

// Page moves the selection by n heights of the table.
func (t *Table) Page(n int) { t.Move(10 * n) }

// Top selects the first row.
func (t *Table) Top() { t.at = 0 }

// Bottom selects the last row.
func (t *Table) Bottom() { t.at = max(len(t.order)-1, 0) }

// Select selects the row of a key and reports whether there is one on show.
func (t *Table) Select(key string) bool {
	i := slices.IndexFunc(t.order, func(i int) bool { return t.rows[i].Key == key })
	if i >= 0 {
		t.at = i
	}
	return i >= 0
}

// Selected returns the selected row; none when no row is on show.
func (t *Table) Selected() (Row, bool) {
	if t.at >= len(t.order) {
		return Row{}, false
	}
	return t.rows[t.order[t.at]], true
}

// Len returns how many rows are on show, and how many there are.
func (t *Table) Len() (shown, all int) { return len(t.order), len(t.rows) }

// Shown returns the rows on show in their order, such as for an export. They
// belong to the table.
func (t *Table) Shown() []Row {
	list := make([]Row, 0, len(t.order))
	for _, i := range t.order {
		list = append(list, t.rows[i])
	}
	return list
}

// Columns returns all columns, those without room included.
func (t *Table) Columns() []Column { return t.columns }

// Click selects the row, or sorts by the column, at a place of the last View.
func (t *Table) Click(x, y int) Hit { return Nothing }

// Wheel scrolls by n rows; the selection stays in sight.
func (t *Table) Wheel(n int) { t.Move(n) }

// View returns the titles and the rows around the selection, as height lines
// of width cells.
func (t *Table) View(l look.Look, width, height int) []string {
	list := make([]string, 0, max(height, 0))
	for i := range height {
		line := ""
		if n := t.at + i - 1; i > 0 && n < len(t.order) {
			var cells []string
			for _, c := range t.rows[t.order[n]].Cells {
				cells = append(cells, c.Text)
			}
			line = strings.Join(cells, "  ")
		}
		list = append(list, text.Left(line, max(width, 0)))
	}
	return list
}

// Footer says where the selection is: "12 of 200", or with a filter
// "3 of 17 (200)".
func (t *Table) Footer() string {
	return text.Count(int64(min(t.at+1, len(t.order)))) + " of " + text.Count(int64(len(t.order)))
}
