package metric

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// metadata checks an event's metadata: nothing at all, or a JSON object within
// MaxMetadataBytes and MaxMetadataDepth that PostgreSQL's jsonb accepts as
// well as SQLite does.
func metadata(raw json.RawMessage) error {
	const field = "metadata"
	switch {
	case len(raw) == 0:
		return nil
	case len(raw) > MaxMetadataBytes:
		return fieldError(field, fmt.Sprintf("%d bytes", len(raw)), fmt.Sprintf("at most %d bytes", MaxMetadataBytes))
	case !utf8.Valid(raw):
		return fieldError(field, string(raw), "valid UTF-8")
	case !json.Valid(raw) || bytes.TrimLeft(raw, " \t\r\n")[0] != '{':
		return fieldError(field, string(raw), "a JSON object")
	}
	return storable(field, raw)
}

// storable walks through valid JSON and returns a *FieldError for what jsonb
// refuses: the character NUL and halves of surrogate pairs, which can only be
// written as escapes, and numbers out of its range. Exponents are held to three
// digits, since jsonb writes numbers out in full.
func storable(field string, raw []byte) error {
	level, quoted, exponent := 0, false, 0
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if exponent > 0 && c >= '0' && c <= '9' {
			if exponent++; exponent > 4 {
				return fieldError(field, "a number beyond 1e999", "exponents of at most three digits")
			}
			continue
		}
		if exponent == 1 && (c == '+' || c == '-') {
			continue
		}
		exponent = 0
		switch {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			n := escapeLen(raw[i:])
			if n == 0 {
				return fieldError(field, string(raw[i:i+6]), "no NUL characters and no halves of surrogate pairs")
			}
			i += n - 1
		case quoted:
		case (c == 'e' || c == 'E') && i > 0 && raw[i-1] >= '0' && raw[i-1] <= '9':
			exponent = 1
		case c == '{' || c == '[':
			if level++; level > MaxMetadataDepth {
				return fieldError(field, "deeper nesting", fmt.Sprintf("at most %d levels", MaxMetadataDepth))
			}
		case c == '}' || c == ']':
			level--
		}
	}
	return nil
}

// escapeLen returns how long the escape at the beginning of b is, both halves
// of a surrogate pair together, or 0 when jsonb refuses it.
func escapeLen(b []byte) int {
	const short, long = len(`\n`), len(`\u0000`)
	unit, ok := unicodeEscape(b)
	switch {
	case !ok:
		return short
	case unit == 0:
		return 0
	case !utf16.IsSurrogate(unit):
		return long
	}
	if second, ok := unicodeEscape(b[long:]); ok && utf16.DecodeRune(unit, second) != utf8.RuneError {
		return 2 * long
	}
	return 0
}

// unicodeEscape reads the \uXXXX at the beginning of b.
func unicodeEscape(b []byte) (unit rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}
