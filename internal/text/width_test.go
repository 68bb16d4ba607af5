package text_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/text"
)

func TestCells(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, got, want string }{
		{"cut", text.Cut("/orders/items", 8), "/orders…"},
		{"cut nothing", text.Cut("/orders", 7), "/orders"},
		{"cut wide", text.Cut("日本語", 4), "日…"},
		{"cut to nothing", text.Cut("x", 0), ""},
		{"cut keeps styles", text.Cut("\x1b[1mbold\x1b[0m", 3), "\x1b[1mbo…\x1b[0m"},
		{"middle", text.CutMiddle("/api/v1/orders/{id}", 11), "/api/…/{id}"},
		{"middle wide", text.CutMiddle("日本語日本語", 6), "日…語"},
		{"middle of one", text.CutMiddle("abc", 1), "…"},
		{"left", text.Left("ab", 4), "ab  "},
		{"left wide", text.Left("日本語", 4), "日… "},
		{"right", text.Right("12 ms", 7), "  12 ms"},
		{"right cut", text.Right("12345", 3), "12…"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", test.name, test.got, test.want)
		}
	}
}

// What is counted without looking anything up counts the same.
func TestWidthOfDrawings(t *testing.T) {
	t.Parallel()
	parts := []string{
		"a", " ", "~", "│", "╭", "█", "▏", "⣿", "⠀", "·", "…", "–", "←", "▲", "▼", "●", "\x1b[1m", "\x1b[38;5;12m", "\x1b[0m", "\x1b[m",
		"\x1b", "\x1b[2J", "\x1b]0;m", "m", "日", "e\u0301", "\u0301", "\ufe0f", "\u200d", "👩", "🇩", "\x00", "\xff", "\n",
	}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 12).Draw(t, "parts"), "")
		if got, want := text.Width(s), ansi.StringWidth(s); got != want {
			t.Fatalf("%q takes %d cells, want %d", s, got, want)
		}
		width := rapid.IntRange(0, 15).Draw(t, "width")
		if got, want := text.Cut(s, width), ansi.Truncate(s, width, "…"); got != want && width > 0 {
			t.Fatalf("%q in %d cells is %q, want %q", s, width, got, want)
		}
	})
}

func FuzzCells(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		s, width = text.Terminal(s), width%100
		for name, cell := range map[string]string{"left": text.Left(s, width), "right": text.Right(s, width)} {
			if got := text.Width(cell); got != max(width, 0) {
				t.Fatalf("%s of %q in %d cells takes %d: %q", name, s, width, got, cell)
			}
		}
		if cut := text.CutMiddle(s, width); text.Width(cut) > max(width, 0) {
			t.Fatalf("middle of %q in %d cells: %q", s, width, cut)
		}
	})
}
