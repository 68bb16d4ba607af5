package metric

import (
	"errors"
	"math"
	"strconv"
	"time"
)

// maxCount is the largest count that is believed. It leaves room to add
// thousands of them up.
const maxCount = 1e15

// document reads single values of a JSON object that any program may have
// written. What is absent or null has no value; what makes no sense has none
// either and is remembered as an error.
//
// Every question decodes one document for each rollup it reads, hundreds of
// thousands of them, so the members are parts of the text and not a map.
type document struct {
	path    string // where the object is, for errors
	members []member
	errs    []error
}

// newDocument returns a *FieldError when b is not a JSON object.
func newDocument(path string, b []byte) (*document, error) {
	text := string(b)
	members, ok := splitObject(text)
	if !ok {
		return nil, fieldError(path, text, "a JSON object")
	}
	return &document{path: path, members: members}, nil
}

func (d *document) err() error { return errors.Join(d.errs...) }

func (d *document) bad(m member, allowed string) {
	d.errs = append(d.errs, fieldError(d.path+"."+m.name, m.value, allowed))
}

// member returns the first of the names that has a value. Of members with the
// same name the last one counts, as in jsonb.
func (d *document) member(names ...string) (m member, ok bool) {
	for _, name := range names {
		for i := len(d.members) - 1; i >= 0; i-- {
			if m := d.members[i]; m.name == name {
				if m.value != "null" {
					return m, true
				}
				break
			}
		}
	}
	return member{}, false
}

// number returns a finite number that is not negative. Numbers may come as
// strings, which is how many libraries write decimals.
func (d *document) number(name string) (n float64, ok bool) {
	m, ok := d.member(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseFloat(unquote(m.value), 64)
	if err != nil || !(n >= 0) || math.IsInf(n, 1) {
		d.bad(m, "a number from 0")
		return 0, false
	}
	return n, true
}

// count returns a whole number up to maxCount, or otherwise when there is none.
func (d *document) count(otherwise int64, name string) int64 {
	m, ok := d.member(name)
	if !ok {
		return otherwise
	}
	n, ok := wholeNumber(unquote(m.value))
	if !ok || n > maxCount {
		d.bad(m, "a whole number from 0")
		return otherwise
	}
	return n
}

func wholeNumber(text string) (n int64, ok bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, n >= 0
	}
	f, err := strconv.ParseFloat(text, 64) // 3.0, 1e3
	if err != nil || !(f >= 0) || f != math.Trunc(f) || f >= math.MaxInt64 {
		return 0, false
	}
	return int64(f), true
}

// counts calls each with the names and counts of an object of whole numbers,
// except those that are zero.
func (d *document) counts(each func(name string, n int64), names ...string) {
	m, ok := d.member(names...)
	if !ok {
		return
	}
	members, ok := splitObject(m.value)
	if !ok {
		d.bad(m, "an object of whole numbers")
		return
	}
	inner := document{path: d.path + "." + m.name, members: members}
	for _, m := range inner.members {
		if n := inner.count(0, m.name); n > 0 {
			each(m.name, n)
		}
	}
	d.errs = append(d.errs, inner.errs...)
}

// time returns a time in UTC, or the zero time.
func (d *document) time(name string) time.Time {
	m, ok := d.member(name)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, unquote(m.value))
	if err != nil {
		d.bad(m, "a time in RFC 3339")
		return time.Time{}
	}
	return t.UTC()
}

// sumNS returns the sum of count response times in nanoseconds: as such, or
// from the sum or the average in milliseconds.
func (d *document) sumNS(count int64) int64 {
	if m, ok := d.member("sum_ns"); ok {
		if ns, ok := wholeNumber(unquote(m.value)); ok {
			return ns
		}
		d.bad(m, "a whole number from 0")
	}
	if sum, ok := d.number("sum"); ok {
		return Nanoseconds(sum)
	}
	avg, _ := d.number("avg")
	return Nanoseconds(avg * float64(count))
}
