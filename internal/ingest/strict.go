package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// strict reads the JSON of a body once, from left to right. It refuses what two
// programs may read differently, so that nobody can show one thing to a filter
// and another to us: a name twice in an object, bytes that are no UTF-8, more
// after the end. Names count as they are written, letter by letter. Nothing is
// nested deeper than metadata may be.
//
// Errors of its methods are those of the decoder, errDeep or, when only the
// value is wrong, a *BodyError that does not say where yet.
type strict struct {
	body []byte
	dec  *jsontext.Decoder
}

// errDeep is a value that is nested deeper than metric.MaxMetadataDepth.
var errDeep = errors.New("nested too deep")

func newStrict(body []byte) *strict {
	// Halves of surrogate pairs are allowed, which scripts make when they cut a
	// text; what else is no UTF-8 the caller looks for.
	return &strict{body: body, dec: jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true))}
}

// open goes into an object or array.
func (s *strict) open() error {
	_, err := s.dec.ReadToken()
	return err
}

// more says whether the object or array has another entry, and leaves it when
// it has not. What is broken counts as another one, which reading it tells.
func (s *strict) more() (bool, error) {
	if kind := s.dec.PeekKind(); kind != '}' && kind != ']' {
		return true, nil
	}
	_, err := s.dec.ReadToken()
	return false, err
}

// name reads the name before a value. It stays right as long as the body does.
func (s *strict) name() ([]byte, error) {
	value, err := s.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	return unquoted(value), nil
}

// text reads a string; null leaves into as it is.
func (s *strict) text(into *string) error {
	value, err := s.value('"', "a JSON string")
	if err != nil || value == nil {
		return err
	}
	*into = string(unquoted(value))
	return nil
}

// flag reads true or false; null leaves into as it is.
func (s *strict) flag(into **bool) error {
	kind := s.dec.PeekKind()
	if kind != 't' && kind != 'f' && kind != 'n' {
		return s.unfit("a JSON boolean")
	}
	if err := s.skip(); err != nil || kind == 'n' {
		return err
	}
	isTrue := kind == 't'
	*into = &isTrue
	return nil
}

// integer reads a whole number; null leaves into as it is.
func (s *strict) integer(into **int) error {
	const allowed = "a whole number"
	value, err := s.value('0', allowed)
	if err != nil || value == nil {
		return err
	}
	n, err := strconv.Atoi(string(value))
	if err != nil {
		return &BodyError{Value: cut("number " + string(value)), Allowed: allowed}
	}
	*into = &n
	return nil
}

// number reads a number; null leaves into as it is.
func (s *strict) number(into **float64) error {
	const allowed = "a JSON number"
	value, err := s.value('0', allowed)
	if err != nil || value == nil {
		return err
	}
	x, err := strconv.ParseFloat(string(value), 64)
	if err != nil {
		return &BodyError{Value: cut("number " + string(value)), Allowed: allowed}
	}
	*into = &x
	return nil
}

// raw reads a value as it is written, into a copy; null leaves into as it is.
func (s *strict) raw(into *json.RawMessage) error {
	kind, before := s.dec.PeekKind(), s.dec.InputOffset()
	if err := s.skip(); err != nil || kind == 'n' {
		return err
	}
	*into = bytes.Clone(bytes.TrimLeft(s.body[before:s.dec.InputOffset()], ": \t\r\n"))
	return nil
}

// value reads a value of a kind without structure; nil means null.
func (s *strict) value(kind jsontext.Kind, allowed string) (jsontext.Value, error) {
	next := s.dec.PeekKind()
	if next == kind {
		return s.dec.ReadValue()
	}
	if next == 'n' {
		return nil, s.skip()
	}
	return nil, s.unfit(allowed)
}

// unfit skips a value of the wrong kind and says so.
func (s *strict) unfit(allowed string) error {
	kind := s.dec.PeekKind()
	if err := s.skip(); err != nil {
		return err
	}
	return &BodyError{Value: kindNames[kind], Allowed: allowed}
}

var kindNames = map[jsontext.Kind]string{
	'n': "null", 't': "boolean", 'f': "boolean", '"': "string", '0': "number", '{': "object", '[': "array",
}

// skip reads over a value.
func (s *strict) skip() error {
	outside := s.dec.StackDepth()
	for {
		if _, err := s.dec.ReadToken(); err != nil {
			return err
		}
		switch depth := s.dec.StackDepth() - outside; {
		case depth > metric.MaxMetadataDepth:
			return errDeep
		case depth <= 0:
			return nil
		}
	}
}

// end makes sure that nothing but blanks follows.
func (s *strict) end() error {
	switch _, err := s.dec.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return bodyError("body", "", fmt.Sprintf("not valid JSON at byte %d: more after the object", s.dec.InputOffset()))
}

// unquoted returns what a JSON string says, as part of it where that is
// possible.
func unquoted(value jsontext.Value) []byte {
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1]
	}
	text, err := jsontext.AppendUnquote(nil, value)
	if err != nil && !utf8.Valid(text) {
		return nil // cannot be: the decoder has read the value
	}
	return text // with U+FFFD for halves of surrogate pairs
}

// refusal puts an error of the decoder into the words of the contract. list is
// the field with the samples.
func (s *strict) refusal(list string, err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, new(*BodyError)), errors.As(err, new(*ErrTooMany)):
		return err
	case errors.Is(err, errDeep):
		return s.place(list, s.dec.StackPointer(), "deeper nesting", fmt.Sprintf("at most %d levels", metric.MaxMetadataDepth))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return bodyError("body", "", fmt.Sprintf("not valid JSON at byte %d: unexpected end of JSON input", len(s.body)))
	case !errors.As(err, &syntax):
		return fmt.Errorf("decode body: %w", err)
	case errors.Is(err, jsontext.ErrDuplicateName):
		return s.place(list, syntax.JSONPointer, "a second "+cut(strconv.Quote(syntax.JSONPointer.LastToken())), "each name once")
	}
	return bodyError("body", "", fmt.Sprintf("not valid JSON at byte %d: %v", syntax.ByteOffset+1, syntax.Err))
}

// checkUTF8 says which value of the body is no UTF-8.
func checkUTF8(body []byte, list string) error {
	if utf8.Valid(body) {
		return nil
	}
	at := 0
	for r, size := utf8.DecodeRune(body); r != utf8.RuneError || size != 1; r, size = utf8.DecodeRune(body[at:]) {
		at += size
	}
	s := newStrict(body)
	for s.dec.InputOffset() <= int64(at) {
		if _, err := s.dec.ReadToken(); err != nil {
			return s.refusal(list, err)
		}
		if s.dec.StackDepth() > 2*metric.MaxMetadataDepth {
			return s.refusal(list, errDeep)
		}
	}
	where := s.dec.StackPointer()
	if last := where.LastToken(); !utf8.ValidString(last) || bytes.ContainsRune([]byte(last), utf8.RuneError) {
		where = where.Parent() // the name itself
	}
	return s.place(list, where, fmt.Sprintf("a byte %#02x", body[at]), "valid UTF-8")
}

// place says which value of which sample is wrong, as far as it is in one.
func (s *strict) place(list string, where jsontext.Pointer, value, allowed string) error {
	names := slices.Collect(where.Tokens())
	if len(names) < 2 || names[0] != list {
		return bodyError("body", "", value+" is not allowed; "+allowed)
	}
	index, err := strconv.Atoi(names[1])
	if err != nil {
		return bodyError("body", "", value+" is not allowed; "+allowed)
	}
	const sampleDepth = 3 // the body, its list, the sample
	field := "sample"
	if kind, _ := s.dec.StackIndex(min(s.dec.StackDepth(), sampleDepth)); kind == '{' && len(names) > 2 {
		field = cut(names[2])
	}
	return &BodyError{Index: index, Field: field, Value: value, Allowed: allowed}
}
