package table

// Hit says what a click met.
type Hit int

// What a click can meet.
const (
	Nothing Hit = iota
	OnHead      // a title: the rows are now ordered by it
	OnRow       // a row, now selected
)

// unseen is how many lines a page is before the first View.
const unseen = 10

// Selected returns the selected row; none when no row is on show. Its cells
// belong to the table.
func (t *Table) Selected() (Row, bool) {
	if t.at >= len(t.order) {
		return Row{}, false
	}
	return t.rows[t.order[t.at]], true
}

// Select selects the row of a key and reports whether it is on show.
func (t *Table) Select(key string) bool {
	at := t.find(key)
	if at >= 0 {
		t.goTo(at)
	}
	return at >= 0
}

// Move moves the selection by n rows, as far as there are any.
func (t *Table) Move(n int) {
	n = max(min(n, len(t.order)), -len(t.order))
	t.goTo(t.at + n)
}

// Page moves the selection by n heights of the table.
func (t *Table) Page(n int) { t.Move(n * t.lines()) }

// Top selects the first row.
func (t *Table) Top() { t.goTo(0) }

// AtTop reports whether the first row is selected, or none is on show.
func (t *Table) AtTop() bool { return t.at == 0 }

// Bottom selects the last row.
func (t *Table) Bottom() { t.goTo(len(t.order) - 1) }

// Wheel scrolls by n rows; the selection stays in sight.
func (t *Table) Wheel(n int) {
	lines := t.lines()
	n = max(min(n, len(t.order)), -len(t.order))
	t.offset = max(min(t.offset+n, len(t.order)-lines), 0)
	t.goTo(max(min(t.at, t.offset+lines-1), t.offset))
}

// Click selects the row, or orders by the title, at a place of the last View,
// whose upper left corner is 0, 0.
func (t *Table) Click(x, y int) Hit {
	if y == 0 {
		return t.clickHead(x)
	}
	if at := t.offset + y - 1; y > 0 && y <= t.height && at < len(t.order) {
		t.goTo(at)
		return OnRow
	}
	return Nothing
}

func (t *Table) clickHead(x int) Hit {
	for _, s := range t.spans {
		if x < s.from || x >= s.to || t.columns[s.column].Fixed {
			continue
		}
		if s.column == t.by-1 {
			t.Reverse()
		} else {
			t.Sort(s.column, t.columns[s.column].Descending)
		}
		return OnHead
	}
	return Nothing
}

// goTo selects the row at a place, or the nearest that there is, and scrolls
// to it.
func (t *Table) goTo(at int) {
	t.at = max(min(at, len(t.order)-1), 0)
	if row, some := t.Selected(); some {
		t.key = row.Key
	}
	t.scroll()
}

// scroll moves what is in sight as little as shows the selected row.
func (t *Table) scroll() {
	lines := t.lines()
	t.offset = max(min(t.offset, len(t.order)-lines), 0)
	t.offset = max(min(t.offset, t.at), t.at-lines+1)
}

func (t *Table) lines() int {
	if t.height <= 0 {
		return unseen
	}
	return t.height
}
