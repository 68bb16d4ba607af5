package tui_test

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
	"github.com/muesli/termenv"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/chart"
	"github.com/appmetrics/appmetrics/internal/tui/look"
	"github.com/appmetrics/appmetrics/internal/tui/table"
)

// looked is a look and the sequences that it may send.
type looked struct {
	look.Look
	own map[string]bool
}

func everyLook() []looked {
	roles := []look.Role{
		look.Text, look.Dim, look.Strong, look.Accent, look.Good, look.Warn, look.Bad, look.Head, look.Key, look.Border,
	}
	for i := range 6 {
		roles = append(roles, look.Series(i))
	}
	var all []looked
	for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI, termenv.Ascii} {
		for _, plain := range []bool{false, true} {
			l := looked{look.New(look.Options{Profile: profile, Dark: plain, Plain: plain}), map[string]bool{}}
			for _, role := range roles {
				for _, painted := range []string{l.Paint(role, "x"), l.Paint(role|look.Selected, "x"), l.PaintOn(look.Text, role, "x")} {
					before, after, _ := strings.Cut(painted, "x")
					l.own[before], l.own[after] = true, true
				}
			}
			all = append(all, l)
		}
	}
	return all
}

// bare returns a line without the sequences that the look sends; any other
// stays.
func (l looked) bare(line string) string {
	var out strings.Builder
	for line != "" {
		before, sequence, found := strings.Cut(line, "\x1b[")
		out.WriteString(before)
		if !found {
			break
		}
		parameters, after, _ := strings.Cut(sequence, "m")
		if !l.own["\x1b["+parameters+"m"] {
			out.WriteString("\x1b[")
			line = sequence
			continue
		}
		line = after
	}
	return out.String()
}

// check fails unless a pane has its size and holds nothing but printable
// characters, whose width nobody disagrees about, and sequences of the look.
func (l looked) check(t *testing.T, what string, pane []string, width, height int) {
	t.Helper()
	if len(pane) != height {
		t.Fatalf("%s: %d lines of %d", what, len(pane), height)
	}
	for _, line := range pane {
		bare, sum := l.bare(line), 0
		if !utf8.ValidString(bare) {
			t.Fatalf("%s: %q is not UTF-8", what, line)
		}
		for _, r := range bare {
			if !unicode.IsPrint(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Bidi_Control,
				unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
				t.Fatalf("%s: %q holds %U", what, line, r)
			}
			sum += (&runewidth.Condition{}).RuneWidth(r)
		}
		if got := text.Width(line); got != width || sum != width {
			t.Fatalf("%s: %q takes %d cells, %d by code point, of %d", what, line, got, sum, width)
		}
	}
}

// FuzzParts: whatever names, types and people are called, a terminal gets
// printable characters and our own styling, line by line in exactly its width.
func FuzzParts(f *testing.F) {
	looks := everyLook()
	for i, s := range []string{
		"/orders/{id}", "\x1b[2J\x1b]0;x\a", "a\u009b31mb\x9b", "\u202e\u2066gpj.exe\u200b\u200d", "日本語のページ", "👩\u200d👩\u200d👧🇩🇪🇩",
		"e\u0301\u0302\u0303\u0304\u0305", "\u0600a\U000111c2\x1b", "a\r\nb\tc\x00\x7f", "\xff\xfe\xed\xa0\x80", "\u1100\u1161\u11a8\u0d4e",
		strings.Repeat("長", 90), "\ufeff=1+1;|`<b>", "\x1b[0m", "[1;31m",
	} {
		for pick := range looks {
			f.Add(s, "GET", uint8(80-i), uint8(12), uint8(pick), 12.5)
		}
	}
	f.Add("x", "\u0301", uint8(1), uint8(1), uint8(0), math.NaN())
	f.Add("x", "y", uint8(5), uint8(3), uint8(1), math.Inf(1))
	f.Fuzz(func(t *testing.T, a, b string, w, h, pick uint8, v float64) {
		width, height, l := int(w)%132, int(h)%24, looks[int(pick)%len(looks)]
		one, other := text.Terminal(a), text.Terminal(b)
		list := table.New(table.Column{Title: one, Weight: 1}, table.Column{Title: other, Right: true}, table.Column{Title: "p95"})
		list.Empty = other
		list.SetRows([]table.Row{
			{Key: a, Cells: []table.Cell{{Text: one, Middle: true}, {Text: other, Role: look.Bad}, {Number: v, IsNumber: true}}},
			{Key: b, Cells: []table.Cell{{Text: other}, {Text: one}}},
		})
		list.Sort(0, true)
		l.check(t, "table", list.View(l.Look, width, height), width, height)
		list.Filter(a + b)
		l.check(t, "filtered table", list.View(l.Look, width, height), width, height)

		values := []float64{v, 1, math.NaN(), -v, 3}
		lines := []chart.Line{{Name: one, Values: values}, {Name: other, Values: values, Series: 4}, {Name: text.Terminal(a + b), Values: values[1:]}}
		for cursor := -1; cursor < 2; cursor++ {
			drawn := chart.Time{Start: time.Unix(0, 0), Step: time.Hour, Lines: lines, Cursor: cursor, Bars: cursor == 0, Unit: text.Duration}
			l.check(t, "chart", drawn.Draw(l.Look, width, height), width, height)
		}
		l.check(t, "histogram", chart.Histogram{
			Buckets: []chart.Bucket{{Low: 0, High: 1, Count: 3}, {Low: 1, High: v, Count: 5}, {Low: v, High: 2 * v, Count: 1}},
			Marks:   []chart.Mark{{Name: one, Value: v}, {Name: other, Value: 1, Series: 1}},
		}.Draw(l.Look, width, height), width, height)
		l.check(t, "ranking", chart.Ranking{Shares: []chart.Share{{Label: one, Value: v}, {Label: other, Value: 1}}}.Draw(l.Look, width, height), width, height)
		l.check(t, "box", l.Box(one, other, []string{one, l.Paint(look.Warn, other)}, width, height), width, height)
	})
}
