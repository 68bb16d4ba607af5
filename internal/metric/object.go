package metric

import (
	"encoding/json"
	"strings"
)

// member is one member of a JSON object, its value as it is written.
type member struct{ name, value string }

// splitObject returns the members of a JSON object, as parts of text. It leaves
// it to the database that text is JSON, which both engines check for the
// column, and so reads it in a third of the time that encoding/json takes; on
// anything else it returns false, or values that mean nothing.
func splitObject(text string) (members []member, ok bool) {
	const usual = 16 // as many as Values writes, about
	s := scanner{text: text}
	if !s.next('{') {
		return nil, false
	}
	members = make([]member, 0, usual)
	for !s.next('}') {
		if len(members) > 0 && !s.next(',') {
			return nil, false
		}
		name := s.value()
		if !strings.HasPrefix(name, `"`) || !s.next(':') {
			return nil, false
		}
		value := s.value()
		if value == "" {
			return nil, false
		}
		members = append(members, member{unquote(name), value})
	}
	s.skipBlanks()
	return members, s.at == len(text)
}

type scanner struct {
	text string
	at   int
}

func (s *scanner) skipBlanks() {
	for s.at < len(s.text) && isBlank(s.text[s.at]) {
		s.at++
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// next skips blanks, and c if that comes next.
func (s *scanner) next(c byte) bool {
	s.skipBlanks()
	if s.at == len(s.text) || s.text[s.at] != c {
		return false
	}
	s.at++
	return true
}

// value returns the next value of an object that has not ended, or "".
func (s *scanner) value() string {
	s.skipBlanks()
	level, quoted := 0, false
	for i := s.at; i < len(s.text); i++ {
		c := s.text[i]
		switch {
		case c == '\\':
			i++ // only strings hold one
		case c == '"':
			if quoted = !quoted; !quoted && level == 0 {
				return s.cut(i + 1)
			}
		case quoted:
		case c == '{' || c == '[':
			level++
		case level == 0 && (c == ',' || c == ':' || c == '}' || isBlank(c)):
			return s.cut(i) // after a number or a word
		case c == '}' || c == ']':
			if level--; level == 0 {
				return s.cut(i + 1)
			}
		}
	}
	return ""
}

func (s *scanner) cut(end int) string {
	value := s.text[s.at:end]
	s.at = end
	return value
}

// unquote returns what a JSON string says; other values stay as they are.
func unquote(value string) string {
	if !strings.HasPrefix(value, `"`) {
		return value
	}
	if strings.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1]
	}
	var s string
	if err := json.Unmarshal([]byte(value), &s); err != nil {
		return value
	}
	return s
}
