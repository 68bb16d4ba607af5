package tui

import "slices"

// lazy asks questions that nobody waits for: a few at a time, so that they are
// in nobody's way, and none that is no longer of interest.
type lazy struct {
	most  int // how many are under way at the same time
	asked []question
}

// pick returns which of the wanted questions to ask now: first those without any
// answer, in their order, so that loads that follow each other do not begin with
// the same ones again and again. It gives up those under way that are no longer
// wanted.
func (l *lazy) pick(f *feed, wanted []question) []question {
	l.giveUp(f, wanted)
	l.asked = l.asked[:0]
	var missing, outdated []question
	for _, q := range wanted {
		switch {
		case f.underWay(q.key), f.waits(q.key):
			l.asked = append(l.asked, q)
		case !f.lacks(q.key):
		case f.entries[q.key] == nil || f.entries[q.key].value == nil:
			missing = append(missing, q)
		default:
			outdated = append(outdated, q)
		}
	}
	under := 0
	for _, q := range l.asked {
		if f.underWay(q.key) {
			under++
		}
	}
	next := slices.Concat(missing, outdated)
	l.asked = append(l.asked, next[:min(len(next), max(l.most-under, 0))]...)
	return l.asked
}

func (l *lazy) giveUp(f *feed, wanted []question) {
	keys := make(map[any]bool, len(wanted))
	for _, q := range wanted {
		keys[q.key] = true
	}
	for _, q := range l.asked {
		if !keys[q.key] {
			f.drop(q.key)
		}
	}
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
	return e == nil || e.asked != f.load || f.due(e)
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
