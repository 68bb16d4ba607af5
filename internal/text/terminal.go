package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
	"github.com/rivo/uniseg"
)

// maxMarks is how many combining marks one character may carry. Vietnamese,
// Thai, Hebrew and Hindi need three at most; towers of them paint over the
// lines above.
const maxMarks = 4

// Terminal is THE sanitiser of untrusted text on its way to a terminal or a
// log line. The result is one line of printable characters: whatever could
// move the cursor, change colours, reverse or hide text (C0 and C1 controls,
// escape sequences, bidirectional and zero-width characters, line and paragraph
// separators, spaces other than U+0020, private and unassigned code points,
// invalid UTF-8) is shown escaped as in Go: \x1b, \n, \u202e. Letters, marks,
// digits, punctuation and symbols of every script stay as they are, unless
// programs disagree about their width: then they are escaped too, so that
// [Width] of the result is what every terminal draws. Sanitising twice
// changes nothing.
func Terminal(s string) string {
	if plainASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for state := -1; s != ""; {
		var cluster string
		var width int
		cluster, s, width, state = uniseg.FirstGraphemeClusterInString(s, state)
		writeCluster(&b, cluster, width)
	}
	return b.String()
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// writeCluster writes what a reader sees as one character. Of a cluster that is
// not safe as a whole, a rune stays when it is safe alone and stands first or
// behind an escaped one: neighbours could merge anew.
func writeCluster(b *strings.Builder, cluster string, width int) {
	if steady(cluster, width) {
		b.WriteString(cluster)
		return
	}
	alone := true
	for i, r := range cluster {
		_, size := utf8.DecodeRuneInString(cluster[i:])
		one := cluster[i : i+size]
		if alone && steady(one, uniseg.StringWidth(one)) && !joins(r) {
			b.WriteString(one)
			alone = false
			continue
		}
		writeEscaped(b, r, one)
		alone = true
	}
}

// steady reports whether every rune of a cluster is visible and whether
// counting cells by character and by code point comes to the same.
func steady(cluster string, width int) bool {
	sum, marks := 0, 0
	for i, r := range cluster {
		if !visible(r) || r == utf8.RuneError && !strings.HasPrefix(cluster[i:], "\uFFFD") {
			return false
		}
		cells := runeWidth(r)
		if cells == 0 {
			marks++
		}
		sum += cells
	}
	return sum == width && width > 0 && marks <= maxMarks && runeWidth(first(cluster)) > 0
}

// joins reports whether a rune would merge with the ASCII text after it.
func joins(r rune) bool {
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(string(r)+`\`, -1)
	return cluster != string(r)
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// visible reports whether a rune shows itself: printable, not one of the
// letters and marks that Unicode calls default ignorable, and not a vowel or
// final consonant of a Korean syllable spelt out, which terminals draw in no
// cell, one or two.
func visible(r rune) bool {
	spelt := r >= 0x1160 && r <= 0x11FF || r >= 0xD7B0 && r <= 0xD7FF
	return unicode.IsPrint(r) && !spelt &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		!unicode.Is(unicode.Variation_Selector, r)
}

// runeWidth is wcwidth with ambiguous characters narrow, whatever the locale.
func runeWidth(r rune) int {
	narrow := runewidth.Condition{}
	return narrow.RuneWidth(r)
}

// writeEscaped writes a rune, whose bytes are one, as Go would in a string.
func writeEscaped(b *strings.Builder, r rune, one string) {
	switch {
	case r == utf8.RuneError && len(one) == 1:
		fmt.Fprintf(b, `\x%02x`, one[0])
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < utf8.RuneSelf:
		fmt.Fprintf(b, `\x%02x`, r)
	case r <= 0xFFFF:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}
