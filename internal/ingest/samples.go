package ingest

import (
	"errors"
	"fmt"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// decodeList reads {"<list>": [sample, …]} into samples of wire type T, and
// says how many there are, also of those that it refuses. read reads the value
// of one field of a sample, and skips one that it does not know. Where several
// things are wrong, the error is about the first of these: JSON that cannot be
// read, too many samples, a value of the wrong type.
func decodeList[T any](body []byte, list string, read func(s *strict, field []byte, into *T) error) ([]T, int, error) {
	if err := checkUTF8(body, list); err != nil {
		return nil, 0, err
	}
	s := newStrict(body)
	d := listDecoder[T]{strict: s, list: list, read: read}
	err := d.object()
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, d.received, s.refusal(list, err)
	}
	switch {
	case d.received > metric.MaxBatch:
		return nil, d.received, &ErrTooMany{Max: metric.MaxBatch, Received: d.received}
	case d.wrong != nil:
		return nil, d.received, d.wrong
	case d.received == 0:
		return nil, 0, bodyError(list, "", fmt.Sprintf("required, an array of 1 to %d", metric.MaxBatch))
	}
	return d.samples, d.received, nil
}

type listDecoder[T any] struct {
	*strict
	list string
	read func(s *strict, field []byte, into *T) error

	samples  []T
	received int   // also those beyond metric.MaxBatch, which are only counted
	wrong    error // what is wrong with a sample: nothing of the rest is kept
}

func (d *listDecoder[T]) object() error {
	if kind := d.dec.PeekKind(); kind != '{' {
		if kind == 0 {
			return d.skip() // says what is broken
		}
		return bodyError("body", "", "must be a JSON object with "+d.list)
	}
	if err := d.open(); err != nil {
		return err
	}
	for {
		if more, err := d.more(); !more || err != nil {
			return err
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		if string(name) == d.list && d.dec.PeekKind() == '[' {
			err = d.array()
		} else {
			err = d.skip()
		}
		if err != nil {
			return err
		}
	}
}

func (d *listDecoder[T]) array() error {
	if err := d.open(); err != nil {
		return err
	}
	for {
		if more, err := d.more(); !more || err != nil {
			return err
		}
		var err error
		if d.wrong != nil || d.received >= metric.MaxBatch {
			err = d.skip()
		} else {
			err = d.sample()
		}
		if err != nil {
			return err
		}
		d.received++
	}
}

// sample reads one, and keeps what is wrong with its values in d.wrong.
func (d *listDecoder[T]) sample() error {
	if kind := d.dec.PeekKind(); kind != '{' {
		return d.note([]byte("sample"), d.unfit("a JSON object"))
	}
	if err := d.open(); err != nil {
		return err
	}
	var sample T
	for {
		if more, err := d.more(); err != nil {
			return err
		} else if !more {
			d.samples = append(d.samples, sample)
			return nil
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		if d.wrong != nil {
			err = d.skip()
		} else {
			err = d.note(name, d.read(d.strict, name, &sample))
		}
		if err != nil {
			return err
		}
	}
}

// note keeps an error of a value, with its place, and returns any other.
func (d *listDecoder[T]) note(field []byte, err error) error {
	if err == nil {
		return nil
	}
	var wrong *BodyError
	if !errors.As(err, &wrong) {
		return err
	}
	wrong.Index, wrong.Field = d.received, string(field)
	d.wrong = wrong
	return nil
}
