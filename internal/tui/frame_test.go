package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/text"
)

// wantBlock checks that a dashboard draws exactly its terminal.
func wantBlock(t interface{ Errorf(string, ...any) }, d *driver, after any) {
	lines := strings.Split(d.View(), "\n")
	if len(lines) != d.height {
		t.Errorf("%v: %d lines, want %d", after, len(lines), d.height)
	}
	for i, line := range lines {
		if w := text.Width(line); w != d.width {
			t.Errorf("%v: line %d is %d cells wide, want %d: %q", after, i, w, d.width, line)
			return
		}
	}
}

func TestEveryLineIsAsWideAsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, state := range []string{filled, empty, slow, broken} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				d := drive(t, state, 120, 40, colours)
				press := func(k string) {
					d.send(keyOf(k))
					if state != slow {
						d.run()
					}
				}
				press(fmt.Sprint(rapid.IntRange(1, 6).Draw(r, "screen")))
				for range rapid.IntRange(1, 4).Draw(r, "resizes") {
					keys := rapid.SliceOfN(rapid.SampledFrom([]string{
						"?", "t", "a", "e", "c", "i", "z", "esc", "enter", "left", "right", "up", "down", "g", "G", "s", "r", "/", "x", "pgdown",
					}), 0, 5).Draw(r, "keys")
					for _, k := range keys {
						press(k)
					}
					d.send(tea.WindowSizeMsg{
						Width: rapid.IntRange(leastWidth, 220).Draw(r, "width"), Height: rapid.IntRange(leastHeight, 70).Draw(r, "height"),
					})
					wantBlock(r, d, keys)
				}
			})
		})
	}
}

func TestTooSmall(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 40, 10)
	golden(t, "small", filled, d)
	d.wantSeen("Terminal too small:", "60 x 15 needed, this is 40 x 10")
	d.send(tea.WindowSizeMsg{Width: 59, Height: 14})
	d.wantSeen("Terminal too small: 60 x 15 needed, this is 59 x 14")
	for _, size := range [][2]int{{59, 15}, {60, 14}, {1, 1}, {3, 40}, {200, 1}} {
		d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		wantBlock(t, d, size)
	}
	d.send(tea.WindowSizeMsg{Width: 60, Height: 15})
	d.wantSeen("1 Overview 2 Endpoints 3 Usage 4 Errors 5 Live 6 Status")
}

func TestTheFirstFrameNeedsNoSource(t *testing.T) {
	t.Parallel()
	d := &driver{t: t, clock: noon}
	d.model = newModel(t.Context(), Options{Where: "far\x1b[2J away"})
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	wantBlock(t, d, "open")
	d.wantSeen("1 Overview", "Response time", `opening far\x1b[2J away`)
}

func TestTheFooterNamesWhatTheScreenDoes(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 200, 60)
	for i := range d.screens {
		d.press(fmt.Sprint(i + 1))
		for _, b := range slices.Concat(d.screen().keys(d.keys), d.keys.everywhere()) {
			d.wantSeen(b.Help().Key + " " + b.Help().Desc)
		}
	}
}
