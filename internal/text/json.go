package text

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON is THE sanitiser of encoded JSON on its way to a terminal: characters
// that [Terminal] would not show as they are become \u escapes, which mean the
// same to every JSON decoder, and so do bytes that are not UTF-8, which
// decoders read as U+FFFD. document must be valid JSON; since outside of strings
// it holds nothing but ASCII, only strings change.
func JSON(document []byte) []byte {
	out := make([]byte, 0, len(document)+len(document)/16)
	for i := 0; i < len(document); {
		r, size := utf8.DecodeRune(document[i:])
		switch {
		case r == '\n' || r >= ' ' && r <= '~':
			out = append(out, document[i])
		case r >= utf8.RuneSelf && size > 1 && visible(r) && runeWidth(r) > 0:
			out = append(out, document[i:i+size]...)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		case r < ' ':
			// Outside of strings: a tab or a carriage return is white space.
			out = append(out, ' ')
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		i += size
	}
	return out
}
