package text

import "slices"

// Gone is the width of a column that has no room.
const Gone = -1

// Column is the room that one column of a table asks for, in cells.
type Column struct {
	Want   int // what its widest cell takes
	Least  int // what it gives way to; Want when it has no Weight
	Most   int // what it grows to where room is left over; Want when less
	Weight int // its part of the room that is missing or left over
	Leave  int // columns leave in this order where room is short, 1 first; those with 0 stay
}

// Columns shares width cells among columns that are gap cells apart and returns
// the width of each, [Gone] for those that leave. Numbers stay whole: columns
// with a weight give way first, then columns leave. Only when all that are left
// must stay, all are cut. Without a width everybody gets what it wants.
func Columns(columns []Column, gap, width int) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = max(c.Want, 0)
	}
	for width > 0 {
		over := -gap - width
		for _, w := range widths {
			if w != Gone {
				over += gap + w
			}
		}
		if over <= 0 {
			spread(columns, widths, -over)
			return widths
		}
		spare := 0
		for i, c := range columns {
			spare += c.spare(widths[i])
		}
		if over <= spare {
			yield(columns, widths, over)
			return widths
		}
		next := leaving(columns, widths)
		if next < 0 {
			yield(columns, widths, spare)
			squeeze(columns, widths, over-spare)
			return widths
		}
		widths[next] = Gone
	}
	return widths
}

// spare is how many cells a column of some width can give.
func (c Column) spare(width int) int {
	if width == Gone || c.Weight <= 0 {
		return 0
	}
	return max(width-max(c.Least, 0), 0)
}

// leaving returns the column that leaves next, the last of equals; -1 when all
// must stay.
func leaving(columns []Column, widths []int) int {
	next := -1
	for i, c := range columns {
		if c.Leave > 0 && widths[i] != Gone && (next < 0 || c.Leave <= columns[next].Leave) {
			next = i
		}
	}
	return next
}

// spread adds n cells to the columns, by weight, as far as they grow.
func spread(columns []Column, widths []int, n int) {
	share(columns, n, func(i int) int {
		if widths[i] == Gone || columns[i].Weight <= 0 {
			return 0
		}
		return max(columns[i].Most-widths[i], 0)
	}, func(i, cells int) { widths[i] += cells })
}

// yield takes n cells from the columns, by weight.
func yield(columns []Column, widths []int, n int) {
	share(columns, n, func(i int) int { return columns[i].spare(widths[i]) }, func(i, cells int) { widths[i] -= cells })
}

// share deals n cells out by weight, no more to a column than it takes, until
// all are dealt or no column takes any.
func share(columns []Column, n int, takes func(i int) int, deal func(i, cells int)) {
	for n > 0 {
		weights := 0
		for i, c := range columns {
			if takes(i) > 0 {
				weights += c.Weight
			}
		}
		if weights == 0 {
			return
		}
		left := n
		for i, c := range columns {
			if most := takes(i); most > 0 {
				cells := min(left*c.Weight/weights, most)
				deal(i, cells)
				n -= cells
			}
		}
		if n < left {
			continue
		}
		// Fewer cells than columns: one each, from the left.
		for i := range columns {
			if n > 0 && takes(i) > 0 {
				deal(i, 1)
				n--
			}
		}
	}
}

// squeeze takes n cells on a terminal of a few: from columns with a weight
// first, then from all others, the last first, and leaves one cell to each.
func squeeze(columns []Column, widths []int, n int) {
	take := func(weighted bool) {
		for i, w := range slices.Backward(widths) {
			if (columns[i].Weight > 0) == weighted {
				cells := max(min(n, w-1), 0)
				widths[i], n = w-cells, n-cells
			}
		}
	}
	take(true)
	take(false)
}
