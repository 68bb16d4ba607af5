package tui

import (
	"os"
	"strings"
	"testing"

	"github.com/muesli/termenv"
)

// What was typed arrives as it was typed, whatever the terminal answers
// meanwhile, in one piece or in several.
func TestTheAnswerAboutTheGroundIsNoKey(t *testing.T) {
	t.Parallel()
	const light, dark = "light", "dark"
	for _, c := range []struct {
		name  string
		reads []string
		typed string
		found string
	}{
		{"none", []string{"q"}, "q", ""},
		{"dark", []string{"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\"}, "", dark},
		{"light, ended by BEL", []string{"\x1b]11;rgb:ffff/ffff/ffff\a"}, "", light},
		{"short digits", []string{"\x1b]11;rgb:f/f/e\a"}, "", light},
		{"with alpha", []string{"\x1b]11;rgba:0000/0000/0000/ffff\a"}, "", dark},
		{"between keys", []string{"1\x1b]11;rgb:00/00/00\a2"}, "12", dark},
		{"in two reads", []string{"j\x1b]11;rgb:00", "/00/00\x1b\\k"}, "jk", dark},
		{"cut in its beginning", []string{"\x1b]", "11;rgb:00/00/00\a"}, "", dark},
		{"cut in its end", []string{"\x1b]11;rgb:00/00/00\x1b", "\\G"}, "G", dark},
		{"Esc alone is a key", []string{"\x1b"}, "\x1b", ""},
		{"an arrow", []string{"\x1b[A"}, "\x1b[A", ""},
		{"not a colour", []string{"\x1b]11;what?\aj"}, "j", ""},
		{"no end", []string{"\x1b]11;" + strings.Repeat("j", 100)}, "\x1b]11;" + strings.Repeat("j", 100), ""},
		{"only the first", []string{"\x1b]11;rgb:00/00/00\a", "\x1b]11;"}, "\x1b]11;", dark},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in, terminal, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			defer terminal.Close()
			found := ""
			k := keyboardOf(in, func(isDark bool) {
				if found = light; isDark {
					found = dark
				}
			})
			typed := ""
			for _, read := range c.reads {
				if _, err := terminal.WriteString(read); err != nil {
					t.Fatal(err)
				}
				var p [256]byte
				n, err := k.Read(p[:])
				if err != nil {
					t.Fatal(err)
				}
				typed += string(p[:n])
			}
			if typed != c.typed || found != c.found {
				t.Errorf("typed %q and found %q, want %q and %q", typed, found, c.typed, c.found)
			}
		})
	}
}

func TestColoursSuitTheGroundThatIsFound(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40, func(o *Options) { o.Look.Profile = termenv.TrueColor })
	dark := d.View()
	d.send(groundMsg{dark: false})
	light := d.View()
	d.send(groundMsg{dark: true})
	if light == dark || d.View() != dark {
		t.Error("the colours are the same on dark and on light ground")
	}
}
