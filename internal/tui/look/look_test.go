package look_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/muesli/termenv"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

var (
	profiles = []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI, termenv.Ascii}
	// sequence is what a text begins with and what it ends with; nothing else is
	// ever sent.
	sequence = regexp.MustCompile(`\x1b\[[0-9;]*m`)
)

// every returns the looks of all terminals.
func every() map[string]look.Look {
	all := map[string]look.Look{"zero": {}}
	for _, profile := range profiles {
		for _, dark := range []bool{false, true} {
			for _, plain := range []bool{false, true} {
				o := look.Options{Profile: profile, Dark: dark, Plain: plain}
				all[fmt.Sprint(profile.Name(), dark, plain)] = look.New(o)
			}
		}
	}
	return all
}

func roles() []look.Role {
	list := []look.Role{
		look.Text, look.Dim, look.Strong, look.Accent, look.Good, look.Warn, look.Bad, look.Head, look.Key, look.Border,
	}
	for i := range 6 {
		list = append(list, look.Series(i))
	}
	return list
}

func TestPaint(t *testing.T) {
	t.Parallel()
	for name, l := range every() {
		for _, role := range roles() {
			for _, role := range []look.Role{role, role | look.Selected} {
				for _, ground := range roles() {
					for _, got := range []string{l.Paint(role, "12 ms"), l.PaintOn(role, ground, "12 ms")} {
						if bare := sequence.ReplaceAllString(got, ""); bare != "12 ms" {
							t.Errorf("%s: role %d: %q", name, role, got)
						}
						if strings.Contains(got, "\x1b") && !strings.HasSuffix(got, "\x1b[0m") {
							t.Errorf("%s: role %d stays: %q", name, role, got)
						}
					}
				}
				if got := l.Paint(role, ""); got != "" {
					t.Errorf("%s: role %d of nothing: %q", name, role, got)
				}
			}
		}
	}
}

// TestNoColour: NO_COLOR permits bold and reverse, and nothing else is sent.
func TestNoColour(t *testing.T) {
	t.Parallel()
	l := look.New(look.Options{Profile: termenv.Ascii, Dark: true})
	want := map[look.Role]string{
		look.Text: "", look.Dim: "", look.Good: "", look.Warn: "", look.Border: "", look.Accent: "", look.Series(1): "",
		look.Strong: "\x1b[1m", look.Bad: "\x1b[1m", look.Head: "\x1b[1m", look.Key: "\x1b[1m",
		look.Selected: "\x1b[7m", look.Selected | look.Bad: "\x1b[1;7m",
	}
	for role, begins := range want {
		got, _, _ := strings.Cut(l.Paint(role, "x"), "x")
		if got != begins {
			t.Errorf("role %d begins with %q, want %q", role, got, begins)
		}
	}
	if l.Colours() {
		t.Error("says that it has colours")
	}
}

// TestDepths: what is sent at each depth of colour.
func TestDepths(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		profile termenv.Profile
		dark    bool
		role    look.Role
		want    string
	}{
		{termenv.TrueColor, true, look.Good, "\x1b[38;2;111;210;150m"},
		{termenv.TrueColor, false, look.Bad | look.Selected, "\x1b[1;38;2;179;33;26;48;2;219;230;250m"},
		{termenv.ANSI256, true, look.Good, "\x1b[38;5;78m"},
		{termenv.ANSI256, true, look.Selected, "\x1b[38;5;255;48;5;237m"},
		{termenv.ANSI, true, look.Good, "\x1b[92m"},
		{termenv.ANSI, false, look.Good, "\x1b[32m"},
		{termenv.ANSI, false, look.Bad | look.Selected, "\x1b[1;7m"},
		{termenv.ANSI, true, look.Dim, ""},
	} {
		got, _, _ := strings.Cut(look.New(look.Options{Profile: test.profile, Dark: test.dark}).Paint(test.role, "x"), "x")
		if got != test.want {
			t.Errorf("%s, role %d: %q, want %q", test.profile.Name(), test.role, got, test.want)
		}
	}
	l := look.New(look.Options{Profile: termenv.ANSI})
	if got, want := l.PaintOn(look.Series(4), look.Series(3), "▃"), "\x1b[44m\x1b[31m▃\x1b[0m"; got != want {
		t.Errorf("two series in a cell: %q, want %q", got, want)
	}
}

func TestSeries(t *testing.T) {
	t.Parallel()
	l := look.New(look.Options{Dark: true})
	seen := map[string]int{}
	for i := range 6 {
		painted := l.Paint(look.Series(i), "x")
		if other, same := seen[painted]; same {
			t.Errorf("series %d and %d look the same", other, i)
		}
		seen[painted] = i
	}
	for _, i := range []int{-6, 6, 600, math.MinInt, math.MaxInt} {
		if got := look.Series(i); got < look.Series(0) || got > look.Series(5) {
			t.Errorf("series %d has role %d", i, got)
		}
	}
	if look.Series(-1) != look.Series(5) {
		t.Error("series do not go around")
	}
}

// TestMarks: marks take one cell each, and are ASCII where only that can be
// drawn.
func TestMarks(t *testing.T) {
	t.Parallel()
	for name, l := range every() {
		m := *l.Marks()
		for i, mark := range []string{
			m.Horizontal, m.Vertical, m.TopLeft, m.TopRight, m.BottomLeft, m.BottomRight, m.TickLeft, m.TickBelow,
			m.Up, m.Down, m.Alert, m.Point, m.Bar, m.Between,
		} {
			if text.Width(mark) != 1 || text.Terminal(mark) != mark {
				t.Errorf("%s: mark %d is %q", name, i, mark)
			}
			if l.Plain() && mark[0] > unicode.MaxASCII {
				t.Errorf("%s: mark %d is not ASCII: %q", name, i, mark)
			}
		}
	}
}

func TestBox(t *testing.T) {
	t.Parallel()
	l := look.New(look.Options{Profile: termenv.Ascii})
	for _, test := range []struct {
		name, title, note string
		width, height     int
		want              string
	}{
		{"whole", "Traffic", "by hour", 30, 4, `
╭─[1m Traffic [0m──────── by hour ─╮
│ one                        │
│ two                        │
╰────────────────────────────╯`},
		{"no room for the note", "Traffic", "by hour", 18, 3, `
╭─[1m Traffic [0m──────╮
│ one            │
╰────────────────╯`},
		{"hardly any room", "Traffic", "by hour", 8, 2, "\n╭─[1m T… [0m─╮\n╰──────╯"},
		{"none", "Traffic", "", 4, 2, "\n    \n    "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			lines := l.Box(test.title, test.note, []string{"one", "two"}, test.width, test.height)
			want := strings.NewReplacer("[1m", "\x1b[1m", "[0m", "\x1b[0m").Replace(test.want)
			if got := "\n" + strings.Join(lines, "\n"); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

// TestBoxHolds: a box has its size, whatever is in it.
func TestBoxHolds(t *testing.T) {
	t.Parallel()
	all := every()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.Custom(func(t *rapid.T) string { return text.Terminal(rapid.String().Draw(t, "words")) })
		l := all[rapid.SampledFrom([]string{"zero", "Asciifalsetrue", "TrueColortruefalse"}).Draw(t, "look")]
		width, height := rapid.IntRange(-1, 80).Draw(t, "width"), rapid.IntRange(-1, 9).Draw(t, "height")
		body := rapid.SliceOfN(words, 0, 9).Draw(t, "body")
		for i := range body {
			body[i] = l.Paint(look.Bad, body[i])
		}
		lines := l.Box(words.Draw(t, "title"), words.Draw(t, "note"), body, width, height)
		if len(lines) != max(height, 0) {
			t.Fatalf("%d lines of %d", len(lines), height)
		}
		for _, line := range lines {
			if got := text.Width(line); got != max(width, 0) {
				t.Fatalf("%q takes %d cells of %d", line, got, width)
			}
		}
	})
}

func BenchmarkPaint(b *testing.B) {
	l := look.New(look.Options{Dark: true})
	b.ReportAllocs()
	for b.Loop() {
		l.Paint(look.Bad, "12.5%")
	}
}
