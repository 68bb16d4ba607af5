package store

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

func FuzzCursor(f *testing.F) {
	f.Add(string(*position{at: time.UnixMicro(1773998100123456), id: uuid.NewString()}.cursor()))
	f.Add("")
	f.Add("MTIgAA")
	f.Add("MTIg_w")                       // 12 and the byte 0xff
	f.Add("LTkwMDAwMDAwMDAwMDAwMDAwMCBh") // -900000000000000000 a
	f.Add("MjUzNDAyMzAwODAwMDAwMDAwIGE")  // 253402300800000000 a, in the year 10000
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Cursor(text).position()
		if err != nil {
			if !errors.Is(err, ErrCursor) {
				t.Errorf("got %v, want ErrCursor", err)
			}
			return
		}
		if !utf8.ValidString(p.id) || p.at.Year() < 1970 || p.at.Year() > 9999 {
			t.Errorf("%q: got %+v, which no row can have and PostgreSQL refuses", text, p)
		}
		again, err := p.cursor().position()
		if err != nil || again != p {
			t.Errorf("got %+v, %v after a round trip of %+v", again, err, p)
		}
	})
}

func TestIdentifier(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	if got := identifier(id.String()); got != id {
		t.Errorf("got %s, want %s", got, id)
	}
	odd := identifier("row 17")
	if odd == uuid.Nil || odd != identifier("row 17") || odd == identifier("row 18") {
		t.Errorf("got %s, want one that is always the same", odd)
	}
}

func TestOlder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version string
		want    bool
	}{
		{"3.51.2", true}, {"3.9.9", true}, {"2.99.99", true}, {"3.51", true},
		{"3.51.3", false}, {"3.51.10", false}, {"3.52.0", false}, {"4.0.0", false},
	} {
		if got := older(c.version, oldestSQLite); got != c.want {
			t.Errorf("%s: got older %v, want %v", c.version, got, c.want)
		}
	}
}
