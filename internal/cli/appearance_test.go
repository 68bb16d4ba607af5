package cli

import (
	"io"
	"testing"

	"github.com/muesli/termenv"
)

func TestAppearanceByTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		name              string
		env               map[string]string
		noColor, plain    bool
		theme             string
		profile           termenv.Profile
		dark, ascii, asks bool
	}{
		{name: "truecolor", env: map[string]string{"TERM": "xterm-256color", "COLORTERM": "truecolor"}, profile: termenv.TrueColor, dark: true, asks: true},
		{name: "256 colours", env: map[string]string{"TERM": "tmux-256color"}, profile: termenv.ANSI256, dark: true, asks: true},
		{name: "16 colours", env: map[string]string{"TERM": "xterm"}, profile: termenv.ANSI, dark: true, asks: true},
		{name: "a bare console", env: map[string]string{"TERM": "linux"}, profile: termenv.ANSI, dark: true, ascii: true},
		{name: "a dumb terminal", env: map[string]string{"TERM": "dumb", "COLORTERM": "truecolor"}, profile: termenv.Ascii, dark: true, ascii: true},
		{name: "NO_COLOR", env: map[string]string{"TERM": "xterm-256color", "NO_COLOR": "1"}, profile: termenv.Ascii, dark: true},
		{name: "--no-color", env: map[string]string{"TERM": "xterm-256color"}, noColor: true, profile: termenv.Ascii, dark: true},
		{name: "CI has terminals, too", env: map[string]string{"TERM": "xterm-256color", "CI": "true"}, profile: termenv.ANSI256, dark: true, asks: true},
		{name: "a light one that says so", env: map[string]string{"TERM": "xterm-256color", "COLORFGBG": "0;15"}, profile: termenv.ANSI256, asks: true},
		{name: "a dark one that says so", env: map[string]string{"TERM": "xterm-256color", "COLORFGBG": "15;default;0"}, profile: termenv.ANSI256, dark: true, asks: true},
		{name: "--theme light", env: map[string]string{"TERM": "xterm-256color", "COLORFGBG": "15;0"}, theme: themeLight, profile: termenv.ANSI256},
		{name: "--theme dark", env: map[string]string{"TERM": "xterm-256color", "COLORFGBG": "0;15"}, theme: themeDark, profile: termenv.ANSI256, dark: true},
		{name: "--no-braille", env: map[string]string{"TERM": "xterm-256color"}, plain: true, profile: termenv.ANSI256, dark: true, ascii: true, asks: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"TERM", "COLORTERM", "COLORFGBG", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "GOOGLE_CLOUD_SHELL"} {
				t.Setenv(name, c.env[name])
			}
			if c.theme == "" {
				c.theme = themeAuto
			}
			r := &run{Streams: Streams{Out: io.Discard}, noColor: c.noColor}
			got, asks := r.appearance(c.theme, c.plain)
			if got.Profile != c.profile || got.Dark != c.dark || got.Plain != c.ascii || asks != c.asks {
				t.Errorf("got %+v, asks %v; want %v, dark %v, plain %v, asks %v", got, asks, c.profile, c.dark, c.ascii, c.asks)
			}
		})
	}
}
