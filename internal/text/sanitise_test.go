package text_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/appmetrics/appmetrics/internal/text"
)

func TestTerminal(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "/orders/{id}", "/orders/{id}"},
		{"backslash stays", `C:\temp`, `C:\temp`},
		{"escape sequence", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"title by OSC and bell", "\x1b]0;pwned\a", `\x1b]0;pwned\x07`},
		{"C1 CSI", "a\u009b31mb", `a\u009b31mb`},
		{"C1 as a bare byte", "a\x9b31mb", `a\x9b31mb`},
		{"line breaks", "a\r\nb\tc", `a\r\nb\tc`},
		{"NUL and DEL", "\x00\x7f", `\x00\x7f`},
		{"bidi override", "/a\u202egpj.exe", `/a\u202egpj.exe`},
		{"bidi isolates", "\u2066x\u2069", `\u2066x\u2069`},
		{"right-to-left mark", "x\u200fy", `x\u200fy`},
		{"zero-width space and joiner", "a\u200bb\u200dc", `a\u200bb\u200dc`},
		{"byte order mark", "\ufeffx", `\ufeffx`},
		{"soft hyphen", "a\u00adb", `a\u00adb`},
		{"line separators", "a\u2028b\u2029c", `a\u2028b\u2029c`},
		{"no-break space", "a\u00a0b", `a\u00a0b`},
		{"tag characters", "x\U000e0041", `x\U000e0041`},
		{"variation selector", "❤\ufe0f", `❤\ufe0f`},
		{"Hangul filler", "a\u3164b", `a\u3164b`},
		{"Korean syllable spelt out", "\u1112\u1161\u11ab", "\u1112" + `\u1161\u11ab`},
		{"Korean vowel and final alone", "a\u1160\u11a8\ud7b0b", `a\u1160\u11a8\ud7b0b`},
		{"private use", "\ue000", `\ue000`},
		{"unassigned", "\u0378", `\u0378`},
		{"invalid UTF-8", "a\xffb\xc3", `a\xffb\xc3`},
		{"replacement character", "a\ufffdb", "a\ufffdb"},
		{"surrogate bytes", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"leading combining mark", "\u0301x", `\u0301x`},
		{"accent", "e\u0301", "e\u0301"},
		{"tower of marks", "e\u0301\u0302\u0303\u0304\u0305", `e\u0301\u0302\u0303\u0304\u0305`},
		{"scripts", "日本語 हिन्दी ไทย 한글 שלום Ελλάδα", "日本語 हिन्दी ไทย 한글 שלום Ελλάδα"},
		{"flag", "🇩🇪", "🇩🇪"},
		{"emoji family", "👩\u200d👩", `👩\u200d👩`},
		{"skin tone", "👍🏽", `👍\U0001f3fd`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := text.Terminal(test.in); got != test.want {
				t.Errorf("Terminal(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

// checkPrintable fails unless s is one line of printable characters on whose
// width all ways of counting agree.
func checkPrintable(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("%q is not UTF-8", s)
	}
	sum := 0
	for _, r := range s {
		if !unicode.IsPrint(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Bidi_Control,
			unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			t.Fatalf("%q holds %U", s, r)
		}
		sum += (&runewidth.Condition{}).RuneWidth(r)
	}
	if got := text.Width(s); got != sum {
		t.Fatalf("%q: %d cells by character, %d by code point", s, got, sum)
	}
}

var hostile = []string{
	"", "/orders", "\x1b[2J", "=HYPERLINK(\"http://x\")", " =1", "/a; =1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1",
	"\u202e\u2066", "a|b\\|c", "`x`", "<script>", "日本語", "👩\u200d👩\u200d👧", "🇩🇪🇩", "e\u0301\u0302",
	"\xff\xfe", "\u0d4e\u1100\u1161", "ＡＢ＝", "www.example.org", "\u0600a", "a\u0600", "\U000111c2\x1b",
	strings.Repeat("長", 300),
}

func FuzzTerminal(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := text.Terminal(s)
		checkPrintable(t, got)
		if again := text.Terminal(got); again != got {
			t.Fatalf("%q, sanitised again: %q", got, again)
		}
	})
}

func TestCSVCell(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"/orders", "/orders"},
		{"=1+1", "'=1+1"},
		{"+1", "'+1"},
		{"-1", "'-1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", `'\t=1`},
		{"\r=1", `'\r=1`},
		{"\n=1", `'\n=1`},
		{"  =1", "'  =1"},
		{"＝1", "'＝1"},
		{"a=1", "a=1"},
		{"/a;=1+1", "/a;'=1+1"},
		{"=1; +2;b;c=3;", "'=1;' +2;b;c=3;"},
		{"a\x1b[m", `a\x1b[m`},
	}
	for _, test := range tests {
		if got := text.CSVCell(test.in); got != test.want {
			t.Errorf("CSVCell(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func FuzzCSVCell(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := text.CSVCell(s)
		checkPrintable(t, got)
		for part := range strings.SplitSeq(got, ";") {
			if start := strings.TrimLeft(part, " "); start != "" && strings.ContainsAny(start[:1], "=+-@\t\r") {
				t.Fatalf("CSVCell(%q) = %q starts a formula", s, got)
			}
		}
	})
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, text, code string }{
		{"endpoint", "/orders/{id}", "/orders/{id}", "`/orders/{id}`"},
		{"empty", "", "", ""},
		{"event", "page_view", `page\_view`, "`page_view`"},
		{"pipe", "a|b", `a\|b`, `a\|b`},
		{"backslash before a pipe", `a\|b`, `a&#92;\|b`, `a&#92;\|b`},
		{"backtick", "a`b", "a\\`b", "a\\`b"},
		{"link", "[x](http://y.z)", `\[x\]\(http\://y\.z\)`, "`[x](http://y.z)`"},
		{"tag", "<script>&amp;", "&lt;script&gt;&amp;amp;", "`<script>&amp;`"},
		{"address", "www.example.org", `www\.example\.org`, "`www.example.org`"},
		{"escape", "\x1b[m", `&#92;x1b\[m`, `&#92;x1b\[m`},
		{"line break", "a\n# b", `a&#92;n\# b`, `a&#92;n\# b`},
		{"outer spaces", " a ", " a ", " a "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := text.Markdown(test.in); got != test.text {
				t.Errorf("Markdown(%q) = %q, want %q", test.in, got, test.text)
			}
			if got := text.MarkdownCode(test.in); got != test.code {
				t.Errorf("MarkdownCode(%q) = %q, want %q", test.in, got, test.code)
			}
		})
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{text.Markdown(s), text.MarkdownCode(s)} {
			checkPrintable(t, got)
			if bare := strings.ReplaceAll(got, `\|`, ""); strings.Contains(bare, "|") {
				t.Fatalf("%q breaks a table", got)
			}
		}
		if got := text.Markdown(s); strings.ContainsAny(got, "<>") {
			t.Fatalf("%q holds a tag", got)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		document, err := json.MarshalIndent(map[string]any{s: []any{s, 1.5, nil}}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got := text.JSON(document)
		for _, r := range string(got) {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q holds %U", got, r)
			}
		}
		var before, after any
		if err := json.Unmarshal(document, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		if !reflect.DeepEqual(after, before) {
			t.Fatalf("%q means something else than %q", got, document)
		}
	})
}

// TestJSONOfStrayBytes: encoding/json takes strings that are not UTF-8, and
// passes raw messages on as they are. A terminal may read such a byte as a
// control sequence.
func TestJSONOfStrayBytes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"C1 as a bare byte", "\"a\x9b31mb\"", `"a\ufffd31mb"`},
		{"half a character", "\"\xe6\x97\"", `"\ufffd\ufffd"`},
		{"replacement character", "\"\ufffd\"", "\"\ufffd\""},
	}
	for _, test := range tests {
		if !json.Valid([]byte(test.in)) {
			t.Errorf("%s: %q is no JSON", test.name, test.in)
		}
		if got := string(text.JSON([]byte(test.in))); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func BenchmarkTerminal(b *testing.B) {
	for _, bench := range []struct{ name, in string }{
		{"plain", "/api/v1/orders/{id}/items"},
		{"hostile", "/api/\x1b[31m\u202e日本語/e\u0301"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				text.Terminal(bench.in)
			}
		})
	}
}
