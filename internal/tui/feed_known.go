package tui

import (
	"slices"
	"time"
)

// busy reports whether any of the questions is under way; those that follow what
// happens do not count.
func (f *feed) busy(questions []question) bool {
	return slices.ContainsFunc(questions, func(q question) bool { return q.every() == 0 && f.underWay(q.key) })
}

// waiting reports whether any of the questions is under way or will be asked
// again, so that what is said of it changes with time.
func (f *feed) waiting(questions []question) bool {
	for _, q := range questions {
		if e := f.entries[q.key]; q.every() > 0 || e != nil && (!e.since.IsZero() || !e.next.IsZero()) {
			return true
		}
	}
	return false
}

// lost returns since when any of the questions has failed, and when the next
// try is due; zero when all is well.
func (f *feed) lost(questions []question) (since, next time.Time) {
	for _, q := range questions {
		e := f.entries[q.key]
		if e == nil || e.lostSince.IsZero() {
			continue
		}
		if since.IsZero() || e.lostSince.Before(since) {
			since = e.lostSince
		}
		if next.IsZero() || e.next.Before(next) {
			next = e.next
		}
	}
	return since, next
}

// loaded returns when the oldest of the answers came; zero while one of them is
// missing.
func (f *feed) loaded(questions []question) time.Time {
	var oldest time.Time
	for _, q := range questions {
		e := f.entries[q.key]
		if e == nil || e.value == nil {
			return time.Time{}
		}
		if oldest.IsZero() || e.at.Before(oldest) {
			oldest = e.at
		}
	}
	return oldest
}

// answerTo returns what is known of a question. T must be what it answers.
func answerTo[T any](f *feed, q question) asked[T] {
	e := f.entries[q.key]
	if e == nil {
		return asked[T]{}
	}
	value, _ := e.value.(*T)
	return asked[T]{
		Value: value, At: e.at, Since: e.since, Err: e.err, LostSince: e.lostSince, NextTry: e.next,
		Slow: !e.since.IsZero() && f.now().Sub(e.since) >= slowAfter,
		Old:  value != nil && e.load != f.load,
	}
}
