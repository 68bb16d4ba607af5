package api

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// checkParameters returns a *metric.FieldError for the first parameter of a
// query string that an operation does not know, that comes twice, or whose
// value the document does not allow.
func checkParameters(known []parameter, rawQuery string) error {
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return refuse("query string", rawQuery, "name=value pairs, percent-encoded and joined by &")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(known, func(p parameter) bool { return p.Name == name }) {
			return refuse("parameter", name, knownNames(known))
		}
		if len(values[name]) > 1 {
			return refuse(name, strings.Join(values[name], ", "), "one value")
		}
	}
	for _, p := range known {
		if allowed := p.refusal(values.Get(p.Name), values.Has(p.Name)); allowed != "" {
			return refuse(p.Name, values.Get(p.Name), allowed)
		}
	}
	return nil
}

func knownNames(known []parameter) string {
	if len(known) == 0 {
		return "this operation has no parameters"
	}
	names := make([]string, len(known))
	for i, p := range known {
		names[i] = p.Name
	}
	return "one of " + strings.Join(names, ", ")
}

// refusal returns what is allowed when value is not, else "".
func (p parameter) refusal(value string, given bool) string {
	s := p.Schema
	switch {
	case value == "" && p.Required:
		return "required; " + s.allowed()
	case !given:
		return ""
	case !s.allows(value):
		return s.allowed()
	}
	return ""
}

// allows covers what the parameters of this document use. Status filters and
// cursors are read, and refused, by their owner.
func (s *schema) allows(value string) bool {
	switch s.Type {
	case "boolean":
		return value == "true" || value == "false"
	case "integer":
		n, err := strconv.Atoi(value)
		return err == nil && s.within(float64(n))
	case "number":
		x, err := strconv.ParseFloat(value, 64)
		return err == nil && !math.IsInf(x, 0) && s.within(x)
	}
	switch {
	case len(s.Enum) > 0:
		return slices.Contains(s.Enum, value)
	case s.Format == "date-time":
		return new(time.Time).UnmarshalText([]byte(value)) == nil // stricter than time.Parse
	case s.Pattern != "" && value == "":
		return false
	}
	return utf8.ValidString(value) && !strings.ContainsRune(value, 0) &&
		(s.MaxLength == 0 || utf8.RuneCountInString(value) <= s.MaxLength)
}

func (s *schema) within(x float64) bool {
	return !math.IsNaN(x) && (s.Minimum == nil || x >= *s.Minimum) && (s.Maximum == nil || x <= *s.Maximum)
}

func (s *schema) allowed() string {
	switch {
	case s.Type == "boolean":
		return "true or false"
	case s.Minimum != nil && s.Maximum != nil:
		return fmt.Sprintf("%v to %v", *s.Minimum, *s.Maximum)
	case s.Minimum != nil:
		return fmt.Sprintf("a number, at least %v", *s.Minimum)
	case len(s.Enum) > 0:
		return "one of " + strings.Join(s.Enum, ", ")
	case s.Format == "date-time":
		return "RFC 3339, such as 2025-10-18T00:00:00Z"
	case s.Pattern != "":
		return "text that matches " + s.Pattern
	}
	return fmt.Sprintf("text of at most %d characters", s.MaxLength)
}

// refuse returns a *metric.FieldError whose value is quoted and cut to a
// readable length.
func refuse(field, value, allowed string) *metric.FieldError {
	const most = 80
	if utf8.RuneCountInString(value) > most {
		value = string([]rune(value)[:most]) + "…"
	}
	return &metric.FieldError{Field: field, Value: strconv.Quote(value), Allowed: allowed}
}
