package inject

import (
	"bytes"
	"io"
)

// page passes the content of a page on, and puts the tag into it on the way.
// What goes out lags behind what came in by one token of the head.
type page struct {
	content io.Reader
	head    *head         // nil once the outcome is known
	decided func(Outcome) // called then
	added   int           // bytes of the tag, when it is in pending or out
	pending []byte
}

// step reads one token of the head. Without patience it returns false when the
// application has to be waited for.
func (p *page) step(patient bool) bool {
	raw, verdict, why := p.head.next(patient)
	switch verdict {
	case wait:
		return false
	case hold:
		return true
	case pass:
		p.pending = append(p.pending, raw...)
		return true
	case refuse:
		p.pending = append(p.pending, raw...)
	case insert:
		// White space before text goes where it would go without the tag.
		text := bytes.TrimLeft(raw, " \t\n\f\r")
		nonce, _ := p.head.policies.nonce() // was asked at every policy: it is allowed
		tag := p.head.injector.tag(nonce)
		p.added, why = len(tag), Injected
		p.pending = append(p.pending, raw[:len(raw)-len(text)]...)
		p.pending = append(p.pending, tag...)
		p.pending = append(p.pending, text...)
	}
	p.pending = append(p.pending, p.head.rest()...)
	p.head = nil
	p.decided(why)
	return true
}

// Read reads the page.
func (p *page) Read(to []byte) (int, error) {
	// All that has come goes out together; only for the first of it is waited.
	for p.head != nil && p.step(len(p.pending) == 0) {
	}
	if len(p.pending) == 0 {
		return p.content.Read(to)
	}
	n := copy(to, p.pending)
	if p.pending = p.pending[n:]; len(p.pending) == 0 {
		p.pending = nil
	}
	return n, nil
}
