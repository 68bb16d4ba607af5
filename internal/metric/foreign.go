package metric

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// document reads single values of a JSON object that any program may have
// written. What is absent or null has no value; what makes no sense has none
// either and is remembered as an error.
type document struct {
	fields map[string]json.RawMessage
	errs   []error
}

func newDocument(b []byte) (*document, error) {
	d := &document{}
	if err := json.Unmarshal(b, &d.fields); err != nil {
		return nil, fieldError("aggregated_values", string(b), "a JSON object")
	}
	return d, nil
}

func (d *document) err() error { return errors.Join(d.errs...) }

func (d *document) bad(name, value, allowed string) {
	d.errs = append(d.errs, fieldError("aggregated_values."+name, value, allowed))
}

// value returns the first of the names that is there, as text: numbers may
// come as strings, which is how many libraries write decimals.
func (d *document) value(names ...string) (name, text string, ok bool) {
	for _, name := range names {
		raw := bytes.TrimSpace(d.fields[name])
		if len(raw) > 0 && string(raw) != "null" {
			return name, strings.Trim(string(raw), `"`), true
		}
	}
	return "", "", false
}

// number returns a finite number that is not negative.
func (d *document) number(names ...string) (n float64, ok bool) {
	name, text, ok := d.value(names...)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0) || math.IsInf(n, 1) {
		d.bad(name, text, "a number from 0")
		return 0, false
	}
	return n, true
}

// count returns a whole number, or otherwise when there is none.
func (d *document) count(otherwise int64, names ...string) int64 {
	name, text, ok := d.value(names...)
	if !ok {
		return otherwise
	}
	n, err := wholeNumber(text)
	if err != nil {
		d.bad(name, text, "a whole number from 0")
		return otherwise
	}
	return n
}

func wholeNumber(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64) // 3.0, 1e3
	if err != nil || !(f >= 0) || f != math.Trunc(f) || f >= math.MaxInt64 {
		return 0, errors.New("not a whole number")
	}
	return int64(f), nil
}

// counts returns an object of whole numbers.
func (d *document) counts(names ...string) map[string]int64 {
	for _, name := range names {
		raw := d.fields[name]
		if len(raw) == 0 || string(raw) == "null" {
			continue
		}
		inner, err := newDocument(raw)
		if err != nil {
			d.bad(name, string(raw), "an object of whole numbers")
			continue
		}
		counts := make(map[string]int64, len(inner.fields))
		for key := range inner.fields {
			if n := inner.count(0, key); n > 0 {
				counts[key] = n
			}
		}
		d.errs = append(d.errs, inner.errs...)
		return counts
	}
	return nil
}

// time returns a time in UTC, or the zero time.
func (d *document) time(name string) time.Time {
	name, text, ok := d.value(name)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		d.bad(name, text, "a time in RFC 3339")
		return time.Time{}
	}
	return t.UTC()
}

// sumNS returns the sum of all response times in nanoseconds: as such, or from
// the sum or the average in milliseconds.
func (d *document) sumNS(count int64) int64 {
	if ns := d.count(-1, "sum_ns"); ns >= 0 {
		return ns
	}
	if sum, ok := d.number("sum"); ok {
		return Nanoseconds(sum)
	}
	avg, _ := d.number("avg")
	return Nanoseconds(avg * float64(count))
}
