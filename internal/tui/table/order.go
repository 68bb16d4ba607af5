package table

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Sort orders by a column; -1 gives the rows back their own order. Rows that
// are equal, and those without a number, keep that; the latter come last.
func (t *Table) Sort(column int, descending bool) {
	if column < 0 || column >= len(t.columns) {
		column, descending = -1, false
	}
	t.by, t.descending = column+1, descending
	t.arrange(true)
}

// Sorted returns the column and the direction that rows are ordered by; -1
// when the order is their own.
func (t *Table) Sorted() (column int, descending bool) { return t.by - 1, t.descending }

// SortNext orders by the next column on show, in its first direction.
func (t *Table) SortNext() {
	var next []int
	for _, s := range t.spans {
		next = append(next, s.column)
	}
	if len(next) == 0 { // never drawn
		for i := range t.columns {
			next = append(next, i)
		}
	}
	after := slices.Index(next, t.by-1)
	for i := range next {
		column := next[(after+1+i)%len(next)]
		if c := t.columns[column]; !c.Fixed {
			t.Sort(column, c.Descending)
			return
		}
	}
}

// Reverse turns the order around; rows in their own order stay.
func (t *Table) Reverse() { t.Sort(t.by-1, !t.descending) }

// Filter keeps the rows of which a text cell contains words, whatever their
// case; all rows without words.
func (t *Table) Filter(words string) {
	t.filter = words
	t.arrange(true)
}

// Find selects the next row, or with a negative direction the previous one, of
// which a text cell contains words, and starts over at the end. It reports
// whether there is one.
func (t *Table) Find(words string, direction int) bool {
	step, words := 1, strings.ToLower(words)
	if direction < 0 {
		step = -1
	}
	n := len(t.order)
	for i := range n {
		at := ((t.at+step*(i+1))%n + n) % n
		if words != "" && t.matches(t.order[at], words) {
			t.goTo(at)
			return true
		}
	}
	return false
}

// arrange filters and orders the rows and finds the selected one among them.
// With top, whoever stands on the first row stays there.
func (t *Table) arrange(top bool) {
	top = top && t.at == 0 && len(t.order) > 0
	filter := strings.ToLower(t.filter)
	t.order = t.order[:0]
	for i := range t.rows {
		if filter == "" || t.matches(i, filter) {
			t.order = append(t.order, i)
		}
	}
	if t.by > 0 {
		t.sort(t.by - 1)
	}
	t.goTo(t.place(top))
}

// place returns where the selected key is now; its old place when it is gone.
func (t *Table) place(top bool) int {
	if top {
		return 0
	}
	at := min(t.at, len(t.order)-1)
	if at >= 0 && t.rows[t.order[at]].Key == t.key {
		return at
	}
	if i := t.find(t.key); i >= 0 {
		return i
	}
	return at
}

// find returns the place of a key on show; -1 when there is none.
func (t *Table) find(key string) int {
	return slices.IndexFunc(t.order, func(i int) bool { return t.rows[i].Key == key })
}

// rank is what a row is ordered by.
type rank struct {
	number float64
	words  string
	last   bool // no number, where others have one
}

func (t *Table) sort(column int) {
	ranks, numbers := make([]rank, len(t.rows)), false
	for _, i := range t.order {
		numbers = numbers || t.rows[i].cell(column).IsNumber
	}
	for _, i := range t.order {
		switch c := t.rows[i].cell(column); {
		case !numbers:
			ranks[i].words = strings.ToLower(c.Text)
		case !c.IsNumber || math.IsNaN(c.Number):
			ranks[i].last = true
		default:
			ranks[i].number = c.Number
		}
	}
	slices.SortStableFunc(t.order, func(i, j int) int {
		a, b := &ranks[i], &ranks[j]
		if a.last != b.last {
			if a.last {
				return 1
			}
			return -1
		}
		order := cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.words, b.words))
		if t.descending {
			return -order
		}
		return order
	})
}
