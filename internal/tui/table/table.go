// Package table draws rows as cells of a terminal and keeps what the reader
// does with them: order, filter, selection, scrolling. It refuses to know what
// the rows are about.
package table

import (
	"strings"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// Column is one column of a table.
type Column struct {
	Title      string
	Right      bool // aligned to the right: numbers
	Min, Max   int  // bounds of the width in cells; 0: what the cells take
	Weight     int  // its part of the room that is left over, or missing; 0: none
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

// Row is one row. Key tells it from all others, across calls of SetRows.
type Row struct {
	Key   string
	Cells []Cell
}

// Table is rows and the state of their reader. The zero value is an empty
// table. It is not safe for concurrent use.
type Table struct {
	Empty   string // said where there are no rows; safe text
	Blurred bool   // the selected row does not stand out: keys go elsewhere
	Follow  bool   // while the first row is selected, whichever is first stays so

	columns []Column
	rows    []Row
	wants   []int    // widths that titles and cells take, by column; nil when stale
	words   []string // text of the rows in lower case, by row; nil when stale

	by         int // 1 + the column that rows are ordered by; 0 for none
	descending bool
	filter     string
	order      []int // rows on show; what is nil is stale

	key    string // of the selected row
	at     int    // its place in order
	offset int    // the place of the uppermost line

	height int // lines for rows in the last View
	spans  []span
}

// span is where a column stood in the last View.
type span struct{ column, from, to int }

// New returns an empty table.
func New(columns ...Column) *Table { return &Table{columns: columns} }

// SetColumns replaces the columns. The order of rows stays by the column of the
// same title and is their own without one.
func (t *Table) SetColumns(columns []Column) {
	title := ""
	if t.by > 0 {
		title = t.columns[t.by-1].Title
	}
	t.columns, t.wants, t.spans, t.by = columns, nil, nil, 0
	for i, c := range columns {
		if title != "" && c.Title == title {
			t.by = i + 1
		}
	}
	t.arrange(false)
}

// SetRows replaces the rows, which belong to the table from now on. The same
// key stays selected; where it is gone, the same place.
func (t *Table) SetRows(rows []Row) {
	t.rows, t.wants, t.words = rows, nil, nil
	t.arrange(t.Follow)
}

// Columns returns all columns, those without room included. They belong to the
// table.
func (t *Table) Columns() []Column { return t.columns }

// Len returns how many rows are on show, and how many there are.
func (t *Table) Len() (shown, all int) { return len(t.order), len(t.rows) }

// Shown returns the rows on show in their order, such as for an export. Their
// cells belong to the table.
func (t *Table) Shown() []Row {
	list := make([]Row, 0, len(t.order))
	for _, i := range t.order {
		list = append(list, t.rows[i])
	}
	return list
}

// Footer says where the selection is, "12 of 200", and how many rows a filter
// hides, "3 of 17, 183 hidden".
func (t *Table) Footer() string {
	shown, all := t.Len()
	words := text.Count(int64(min(t.at+1, shown))) + " of " + text.Count(int64(shown))
	if shown < all {
		words += ", " + text.Count(int64(all-shown)) + " hidden"
	}
	return words
}

// cell returns a cell of a row; an empty one where the row is too short.
func (r *Row) cell(column int) Cell {
	if column < len(r.Cells) {
		return r.Cells[column]
	}
	return Cell{}
}

// matches reports whether row i contains words, which are in lower case.
func (t *Table) matches(i int, words string) bool {
	if t.words == nil {
		t.words = make([]string, len(t.rows))
		for i := range t.rows {
			var all []string
			for _, c := range t.rows[i].Cells {
				if !c.IsNumber {
					all = append(all, strings.ToLower(c.Text))
				}
			}
			t.words[i] = strings.Join(all, "\n")
		}
	}
	return strings.Contains(t.words[i], words)
}
