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
// MaxMetadataBytes and MaxMetadataDepth that PostgreSQL's jsonb accepts too,
// which refuses the character NUL in any spelling.
func metadata(raw json.RawMessage) error {
	const field = "metadata"
	object := bytes.TrimLeft(raw, " \t\r\n")
	switch {
	case len(raw) == 0:
		return nil
	case len(raw) > MaxMetadataBytes:
		return fieldError(field, fmt.Sprintf("%d bytes", len(raw)), fmt.Sprintf("at most %d bytes", MaxMetadataBytes))
	case !utf8.Valid(raw):
		return fieldError(field, string(raw), "valid UTF-8")
	case !json.Valid(raw) || object[0] != '{':
		return fieldError(field, string(raw), "a JSON object")
	case depth(raw) > MaxMetadataDepth:
		return fieldError(field, fmt.Sprintf("%d levels", depth(raw)), fmt.Sprintf("at most %d levels deep", MaxMetadataDepth))
	}
	if bad := badEscape(raw); bad != "" {
		return fieldError(field, bad, "no NUL characters and no halves of surrogate pairs")
	}
	return nil
}

// depth returns how deep objects and arrays nest in valid JSON.
func depth(raw []byte) int {
	deepest, level, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && (c == '{' || c == '['):
			level++
			deepest = max(deepest, level)
		case !quoted && (c == '}' || c == ']'):
			level--
		}
	}
	return deepest
}

// badEscape returns the first \u escape of valid JSON that jsonb refuses:
// NUL, or one half of a surrogate pair without the other. It returns "" when
// there is none.
func badEscape(raw []byte) string {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++ // what is escaped, so that \\u0000 is not mistaken
		unit, ok := unicodeEscape(raw[i-1:])
		if !ok {
			continue
		}
		escape := string(raw[i-1 : i+5])
		if unit == 0 {
			return escape
		}
		if !utf16.IsSurrogate(unit) {
			continue
		}
		second, ok := unicodeEscape(raw[i+5:])
		if !ok || utf16.DecodeRune(unit, second) == utf8.RuneError {
			return escape
		}
		i += 10
	}
	return ""
}

// unicodeEscape reads the \uXXXX at the beginning of b.
func unicodeEscape(b []byte) (unit rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}
