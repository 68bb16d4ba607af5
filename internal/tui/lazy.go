package tui

// lazy asks questions that nobody waits for: a few at a time, so that they are
// in nobody's way, and none that is no longer of interest.
type lazy struct {
	most  int // how many are under way at the same time
	asked []question
}

// pick returns which of the wanted questions to ask now, the first ones first,
// and gives up those under way that are no longer wanted.
func (l *lazy) pick(f *feed, wanted []question) []question {
	keys := make(map[any]bool, len(wanted))
	under := 0
	for _, q := range wanted {
		keys[q.key] = true
		if f.underWay(q.key) {
			under++
		}
	}
	for _, q := range l.asked {
		if !keys[q.key] {
			f.drop(q.key)
		}
	}
	l.asked = l.asked[:0]
	for _, q := range wanted {
		switch {
		case f.underWay(q.key), f.waits(q.key):
			l.asked = append(l.asked, q)
		case f.lacks(q.key) && under < l.most:
			l.asked = append(l.asked, q)
			under++
		}
	}
	return l.asked
}

// underWay reports whether a question is being asked.
func (f *feed) underWay(key any) bool {
	e := f.entries[key]
	return e != nil && !e.since.IsZero()
}

// waits reports whether a question failed and its next try is not due yet.
func (f *feed) waits(key any) bool {
	e := f.entries[key]
	return e != nil && e.asked == f.load && f.now().Before(e.next)
}

// lacks reports whether need would ask a question.
func (f *feed) lacks(key any) bool {
	e := f.entries[key]
	return e == nil || e.asked != f.load || e.since.IsZero() && e.err != nil && !e.next.IsZero() && !f.now().Before(e.next)
}

// drop gives up a question that is being asked. It may be asked again.
func (f *feed) drop(key any) {
	e := f.entries[key]
	if e == nil || e.since.IsZero() {
		return
	}
	e.giveUp()
	e.asked = e.load
	if e.value == nil {
		delete(f.entries, key)
	}
}
