package text

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

const ellipsis = "…"

// Width returns how many cells of a terminal s takes. Wide characters take
// two, combining marks none, and so do the escape sequences of styles.
func Width(s string) int {
	if cells, ok := drawn(s); ok {
		return cells
	}
	return ansi.StringWidth(s)
}

// drawn counts the cells of what charts and tables are drawn with: ASCII,
// lines, blocks, braille and styles. Each is a character of its own beside any
// other of them, so that they need not be looked up: a frame of a dashboard is
// hardly anything else.
func drawn(s string) (cells int, ok bool) {
	for i := 0; i < len(s); {
		switch b := s[i]; {
		case b >= ' ' && b <= '~':
			cells, i = cells+1, i+1
		case b == '\x1b':
			end := strings.IndexByte(s[i:], 'm')
			if end < 0 || strings.Trim(s[i:i+end], "\x1b[0123456789;") != "" || !strings.HasPrefix(s[i:], "\x1b[") {
				return 0, false
			}
			i += end + 1
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			if !line(r) {
				return 0, false
			}
			cells, i = cells+1, i+size
		}
	}
	return cells, true
}

// line reports whether a rune is one of those that drawings consist of: box
// drawing and blocks, braille, arrows and triangles, dots and dashes.
func line(r rune) bool {
	return r >= '\u2500' && r <= '\u259f' || r >= '\u2800' && r <= '\u28ff' || strings.ContainsRune("·…–←↑→↓▲▼●", r)
}

// Widest returns the width of the widest of list; 0 when it is empty.
func Widest(list ...string) int {
	most := 0
	for _, s := range list {
		most = max(most, Width(s))
	}
	return most
}

// Cut returns s when it fits into width cells, else its beginning with an
// ellipsis in the last cell. Escape sequences of styles stay whole. The result
// may be one cell short, where a wide character would have been halved.
func Cut(s string, width int) string {
	if width <= 0 {
		return ""
	}
	if cells, ok := drawn(s); ok && cells <= width {
		return s
	}
	return ansi.Truncate(s, width, ellipsis)
}

// CutMiddle is Cut with the ellipsis in the middle, for paths, whose two ends
// both tell them apart. s must not hold escape sequences.
func CutMiddle(s string, width int) string {
	if width <= 0 {
		return ""
	}
	total := Width(s)
	if total <= width {
		return s
	}
	tail := (width - 1) / 2
	head := width - 1 - tail
	end := ""
	// A wide character across the cut makes TruncateLeft keep one cell more
	// than asked for, so the cut moves on until the end fits.
	for from := total - tail; tail > 0 && from <= total; from++ {
		if end = ansi.TruncateLeft(s, from, ""); Width(end) <= tail {
			break
		}
	}
	return ansi.Truncate(s, head, "") + ellipsis + end
}

// Left returns s in exactly width cells, cut or padded, starting at the left:
// the cell of a column of words.
func Left(s string, width int) string {
	if w := Width(s); width > 0 && w <= width {
		return s + spaces(width-w)
	}
	s = Cut(s, width)
	return s + spaces(width-Width(s))
}

// Right returns s in exactly width cells, cut or padded, ending at the right:
// the cell of a column of numbers.
func Right(s string, width int) string {
	if w := Width(s); width > 0 && w <= width {
		return spaces(width-w) + s
	}
	s = Cut(s, width)
	return spaces(width-Width(s)) + s
}

func spaces(n int) string { return strings.Repeat(" ", max(n, 0)) }
