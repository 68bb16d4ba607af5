package tui

// reader reads values out of charts that share one axis of time, by a cursor
// that is hidden until it is moved for the first time.
type reader struct {
	reading bool // the cursor is shown
	cursor  int  // the point that is read
}

// move moves the cursor by n of a number of points; the first move shows it,
// on the newest.
func (r *reader) move(n, points int) {
	if !r.reading {
		r.put(points-1, points)
		return
	}
	r.put(r.cursor+n, points)
}

// put puts the cursor on point i, or on the nearest that there is.
func (r *reader) put(i, points int) {
	if points > 0 {
		r.reading, r.cursor = true, max(min(i, points-1), 0)
	}
}
