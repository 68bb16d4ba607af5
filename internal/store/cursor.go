package store

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// DefaultLimit is how many rows a page holds when its filter does not say.
const DefaultLimit = 100

// Cursor marks the end of a page: pass it as Before to ask for the next one.
// Its text is opaque, and stays valid for as long as the rows do.
type Cursor string

// position is where a page ended: rows are ordered by time and then id, both
// descending.
type position struct {
	at time.Time
	id string // as the database holds it
}

func (p position) cursor() *Cursor {
	text := strconv.FormatInt(p.at.UnixMicro(), 10) + " " + p.id
	c := Cursor(base64.RawURLEncoding.EncodeToString([]byte(text)))
	return &c
}

// latest is the last time that a row can have, in microseconds since 1970: the
// tables refuse others, and PostgreSQL does not even compare with some.
const latest = 253402300799999999

func (c Cursor) position() (position, error) {
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return position{}, fmt.Errorf("%w: %q", ErrCursor, c)
	}
	at, id, found := strings.Cut(string(text), " ")
	micros, err := strconv.ParseInt(at, 10, 64)
	if !found || err != nil || micros < 0 || micros > latest || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return position{}, fmt.Errorf("%w: %q", ErrCursor, c)
	}
	return position{at: time.UnixMicro(micros).UTC(), id: id}, nil
}

// before adds the condition that rows come after the cursor's page.
func (s *Store) before(f *filter, c Cursor) error {
	if c == "" {
		return nil
	}
	p, err := c.position()
	if err != nil {
		return err
	}
	at := s.engine.time(p.at)
	f.where("{timestamp} <= %s AND ({timestamp} < %s OR {id} < %s)", at, at, p.id)
	return nil
}

// identifier reads an id as text. Other programs may have written anything
// there on SQLite; what is no UUID becomes one that is always the same.
func identifier(text string) uuid.UUID {
	if id, err := uuid.Parse(text); err == nil {
		return id
	}
	return uuid.NewSHA1(uuid.Nil, []byte(text))
}

// limit returns how many rows a page holds, and how many to ask for: one more,
// to know whether another page follows.
func limit(n int) (page, ask int) {
	if n <= 0 {
		n = DefaultLimit
	}
	return n, n + 1
}
