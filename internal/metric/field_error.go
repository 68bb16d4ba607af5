package metric

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FieldError says which field of a sample is wrong, what it holds and what is
// allowed. Value is cut to a printable length.
type FieldError struct {
	Field   string
	Value   string
	Allowed string
}

// Error is one line that can be shown to the sender.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s is not allowed; %s", e.Field, e.Value, e.Allowed)
}

func fieldError(field string, value any, allowed string) error {
	const most = 80
	text := fmt.Sprint(value)
	if s, ok := value.(string); ok {
		text = strconv.Quote(s)
	}
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return &FieldError{Field: field, Value: text, Allowed: allowed}
}

// text checks a text field: least to most characters of UTF-8 without NUL,
// which PostgreSQL cannot store.
func text(field, value string, least, most int) error {
	switch n := utf8.RuneCountInString(value); {
	case n < least:
		return fieldError(field, value, "required")
	case n > most:
		return fieldError(field, value, fmt.Sprintf("at most %d characters", most))
	case !utf8.ValidString(value):
		return fieldError(field, value, "valid UTF-8")
	case strings.ContainsRune(value, 0):
		return fieldError(field, value, "no NUL characters")
	}
	return nil
}
