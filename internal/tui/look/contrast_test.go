package look_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"github.com/appmetrics/appmetrics/internal/tui/look"
)

var update = flag.Bool("update", false, "write docs/palette-terminal.md anew")

// page is where the contrasts are published.
const page = "../../../docs/palette-terminal.md"

// The grounds that colours are measured on: black or white, what most terminals
// begin with, and a well-known theme that leaves less room.
var grounds = map[bool][]string{
	true:  {"#000000", "#1e1e1e", "#282c34"},
	false: {"#ffffff", "#fdf6e3", "#eff1f5"},
}

// Least contrasts, by WCAG 2.2, of text and of graphics.
const leastText, leastGraphics = 4.5, 3.0

type measured struct {
	name  string
	role  look.Role
	least float64
}

var measuredRoles = []measured{
	{"Dim, Head", look.Dim, leastText}, {"Accent, Key", look.Accent, leastText}, {"Good", look.Good, leastText},
	{"Warn", look.Warn, leastText}, {"Bad", look.Bad, leastText}, {"Border", look.Border, leastGraphics},
	{"Series 0, teal", look.Series(0), leastGraphics}, {"Series 1, blue", look.Series(1), leastGraphics},
	{"Series 2, orange", look.Series(2), leastGraphics}, {"Series 3, steel", look.Series(3), leastGraphics},
	{"Series 4, red", look.Series(4), leastGraphics}, {"Series 5, violet", look.Series(5), leastGraphics},
}

type rgb [3]float64

func fromHex(hex string) rgb {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 24)
	if err != nil {
		panic(err)
	}
	return rgb{float64(n >> 16), float64(n >> 8 & 0xff), float64(n & 0xff)}
}

// of256 is one of the colours that terminals agree on: the cube and the greys.
func of256(i int) rgb {
	if i >= 232 {
		grey := float64(8 + 10*(i-232))
		return rgb{grey, grey, grey}
	}
	level := func(n int) float64 { return []float64{0, 95, 135, 175, 215, 255}[n%6] }
	return rgb{level((i - 16) / 36), level((i - 16) / 6), level(i - 16)}
}

// luminance and contrast are those of WCAG 2.2.
func (c rgb) luminance() float64 {
	linear := func(v float64) float64 {
		if v /= 255; v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// sent returns the colours that a painted text asks for: of itself and of its
// ground, as the terminal gets them.
func sent(t *testing.T, painted string) (words, ground *rgb, names [2]string) {
	t.Helper()
	parameters, _, _ := strings.Cut(strings.TrimPrefix(painted, "\x1b["), "m")
	p := strings.Split(parameters, ";")
	for i := 0; i < len(p); i++ {
		if p[i] != "38" && p[i] != "48" {
			continue
		}
		number := func(k int) int {
			n, err := strconv.Atoi(p[i+k])
			if err != nil {
				t.Fatalf("%q: %v", painted, err)
			}
			return n
		}
		var c rgb
		var name string
		kind := p[i]
		if number(1) == 5 {
			if number(2) < 16 {
				t.Errorf("%q: terminals disagree on the first 16", painted)
			}
			c, name = of256(number(2)), p[i+2]
			i += 2
		} else {
			c = rgb{float64(number(2)), float64(number(3)), float64(number(4))}
			name = fmt.Sprintf("#%02x%02x%02x", number(2), number(3), number(4))
			i += 4
		}
		if kind == "38" {
			words, names[0] = &c, name
		} else {
			ground, names[1] = &c, name
		}
	}
	return words, ground, names
}

func TestFormula(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]string{
		{"#000000", "#ffffff"}: "21.00", {"#777777", "#ffffff"}: "4.48", {"#ffffff", "#ffffff"}: "1.00",
	} {
		if got := fmt.Sprintf("%.2f", contrast(fromHex(pair[0]), fromHex(pair[1]))); got != want {
			t.Errorf("%v: %s, want %s", pair, got, want)
		}
	}
	if got := of256(111); got != fromHex("#87afff") {
		t.Errorf("111 is %v", got)
	}
}

// TestContrast measures what is sent, and holds the page that says so against
// it.
func TestContrast(t *testing.T) {
	t.Parallel()
	var doc strings.Builder
	doc.WriteString(`# Palette of the terminal dashboard

Contrast ratios as WCAG 2.2 defines them, computed from what [` + "`look`" + `](../internal/tui/look) sends to a terminal by its tests, which fail below 4.5 for text and 3.0 for graphics, and when this page is not what they compute (` + "`go test ./internal/tui/look -update`" + ` writes it anew). The colours are those of the [dashboard in the browser](palette.md), and their nearest neighbours among the 256.

Text as such has the colour that the terminal writes with, whatever it is. With 16 colours, all are those of the reader's theme and cannot be measured. With ` + "`NO_COLOR`" + ` there are none. In every case lines differ by dashes, changes by sign, errors by their words, and the selected row by its ground or by reverse video, so that nothing is said by colour alone.
`)
	for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256} {
		for _, dark := range []bool{true, false} {
			l := look.New(look.Options{Profile: profile, Dark: dark})
			ground := "light"
			if dark {
				ground = "dark"
			}
			colours := "16 million colours"
			if profile == termenv.ANSI256 {
				colours = "256 colours"
			}
			fmt.Fprintf(&doc, "\n## %s, %s\n\n", colours, ground)
			measure(t, &doc, l, grounds[dark])
		}
	}
	if *update {
		if err := os.WriteFile(page, []byte(doc.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if doc.String() != string(want) {
		t.Errorf("%s says something else; -update writes it anew", page)
	}
}

func measure(t *testing.T, doc *strings.Builder, l look.Look, on []string) {
	t.Helper()
	_, selected, names := sent(t, l.Paint(look.Selected, "x"))
	if selected == nil {
		t.Fatal("what is selected has no ground")
	}
	fmt.Fprintf(doc, "| role | least | colour | on %s | on selected %s |\n| --- | ---: | --- |%s\n",
		strings.Join(on, " | on "), names[1], strings.Repeat(" ---: |", len(on)+1))
	line := func(name string, least float64, colour string, ratios []float64) {
		fmt.Fprintf(doc, "| %s | %.1f | %s |", name, least, colour)
		for _, ratio := range ratios {
			if math.IsNaN(ratio) {
				doc.WriteString(" |")
				continue
			}
			fmt.Fprintf(doc, " %.2f |", ratio)
			if ratio < least {
				t.Errorf("%s %s: contrast %.2f, least %.1f", name, colour, ratio, least)
			}
		}
		doc.WriteByte('\n')
	}
	words, _, of := sent(t, l.Paint(look.Selected, "x"))
	line("Text, Strong", leastText, of[0], []float64{math.NaN(), math.NaN(), math.NaN(), contrast(*words, *selected)})
	for _, m := range measuredRoles {
		words, _, of := sent(t, l.Paint(m.role, "x"))
		over, _, _ := sent(t, l.Paint(m.role|look.Selected, "x"))
		var ratios []float64
		for _, hex := range on {
			ratios = append(ratios, contrast(*words, fromHex(hex)))
		}
		line(m.name, m.least, of[0], append(ratios, contrast(*over, *selected)))
	}
}
