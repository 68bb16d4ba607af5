package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/appmetrics/appmetrics/internal/text"
)

var update = flag.Bool("update", false, "write the golden panes anew")

// sizes are the terminals that every screen is drawn on.
var sizes = [...][2]int{{80, 24}, {120, 40}, {200, 60}}

// golden compares what a dashboard shows with
// testdata/SCREEN_STATE_WIDTHxHEIGHT.txt, which -update writes. The files leave
// out styles, and the spaces at the ends of lines.
func golden(t *testing.T, screen, state string, d *driver) {
	t.Helper()
	compare(t, d, fmt.Sprintf("%s_%s_%dx%d.txt", screen, state, d.width, d.height), ansi.Strip)
}

// coloured is golden with the styles that the dashboard draws with, in
// testdata/SCREEN_STATE_WIDTHxHEIGHT.ansi: cat shows it as a reader sees it.
func coloured(t *testing.T, screen, state string, d *driver) {
	t.Helper()
	compare(t, d, fmt.Sprintf("%s_%s_%dx%d.ansi", screen, state, d.width, d.height), func(s string) string { return s })
}

func compare(t *testing.T, d *driver, name string, style func(string) string) {
	t.Helper()
	var lines []string
	for i, line := range strings.Split(d.View(), "\n") {
		if w := text.Width(line); w != d.width {
			t.Errorf("line %d is %d cells wide, want %d: %q", i, w, d.width, line)
		}
		lines = append(lines, strings.TrimRight(style(line), " "))
	}
	if len(lines) != d.height {
		t.Errorf("%d lines, want %d", len(lines), d.height)
	}
	got := strings.Join(lines, "\n") + "\n"
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", path, got, want)
	}
}

// goldens draws a screen, by the key that leads to it, in every state and size.
func goldens(t *testing.T, screen, number string) {
	t.Helper()
	for _, state := range []string{filled, empty, slow, broken} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s_%dx%d", state, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				d := drive(t, state, size[0], size[1])
				d.send(keyOf(number))
				if state != slow {
					d.run()
				}
				golden(t, screen, state, d)
			})
		}
	}
}
