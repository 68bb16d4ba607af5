package tui

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/mattn/go-runewidth"
	"github.com/muesli/termenv"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// attacks are names that would move a cursor, change colours, hide or reverse
// text, or take another width than they seem to.
var attacks = []string{
	"\x1b[2J\x1b]0;x\a", "a\u009b31mb", "\u202e\u2066gpj.exe\u200b\u200d", "日本語のページ", "👩\u200d👩\u200d👧🇩🇪🇩", "e\u0301\u0302\u0303\u0304\u0305",
	"\u0600a\U000111c2\x1b", "a\r\nb\tc\x7f", "\u1100\u1161\u11a8\u0d4e", strings.Repeat("長", 80), "\ufeff=1+1;|`<b>", "\x1b[0m", "[1;31m", "\u0301x",
}

// attacked makes a database in which everything that can be named is an attack.
var attacked = sync.OnceValues(func() (query.Source, error) {
	now := func() time.Time { return noon }
	s, err := store.Open(context.Background(), store.Options{URL: "sqlite://" + filepath.Join(folder, "attacked.db"), Now: now})
	if err != nil {
		return nil, err
	}
	keepOpen(s)
	if _, err := s.MigrateUp(context.Background(), nil); err != nil {
		return nil, err
	}
	var b metric.Batch
	for i, name := range attacks {
		for j := range 3 {
			other := attacks[(i+j)%len(attacks)]
			b.Requests = append(b.Requests, metric.Request{
				Timestamp: noon.Add(-time.Duration(i+j) * time.Hour), App: "default", Endpoint: "/" + name, Method: "GET", StatusCode: 200 + 100*j,
				ResponseTimeMS: float64(i * j), UserID: other, ErrorType: other, CorrelationID: other,
			})
		}
	}
	if _, err := s.Append(context.Background(), b); err != nil {
		return nil, err
	}
	return &remembering{source: query.New(query.Options{Store: s, Now: now})}, nil
})

// styling is the only sequences that a pane may hold.
var styling = regexp.MustCompile("\x1b\\[[0-9;]*m")

// checkPane fails unless a pane has its size and holds nothing but printable
// characters and styling.
func checkPane(t interface{ Fatalf(string, ...any) }, what string, pane []string, width, height int) {
	if len(pane) != height {
		t.Fatalf("%s: %d lines", what, len(pane))
	}
	for _, line := range pane {
		bare, sum := styling.ReplaceAllString(line, ""), 0
		for _, c := range bare {
			if !unicode.IsPrint(c) || unicode.In(c, unicode.Cf, unicode.Bidi_Control, unicode.Variation_Selector) {
				t.Fatalf("%s: %q holds %U", what, line, c)
			}
			sum += (&runewidth.Condition{}).RuneWidth(c)
		}
		if sum != width || text.Width(line) != width {
			t.Fatalf("%s: %q takes %d cells, %d by code point", what, line, text.Width(line), sum)
		}
	}
}

func TestEndpointsSendNothingButPrintAndStyling(t *testing.T) {
	t.Parallel()
	source, err := attacked()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		d := drive(t, filled, 120, 40, func(o *Options) {
			o.Open = func(context.Context) (query.Source, func() error, error) { return source, nil, nil }
			o.Compare = rapid.Bool().Draw(r, "compare")
		})
		d.look = look.New(look.Options{
			Profile: rapid.SampledFrom([]termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI, termenv.Ascii}).Draw(r, "profile"),
			Plain:   rapid.Bool().Draw(r, "plain"),
		})
		d.press("2")
		for range rapid.IntRange(1, 3).Draw(r, "resizes") {
			width, height := rapid.IntRange(1, 230).Draw(r, "width"), rapid.IntRange(1, 80).Draw(r, "height")
			d.send(tea.WindowSizeMsg{Width: width, Height: height})
			for _, k := range rapid.SliceOfN(rapid.SampledFrom([]string{
				"enter", "esc", "tab", "left", "right", "up", "down", "g", "G", "s", "r", "pgdown", "pgup", "c", "n",
			}), 0, 6).Draw(r, "keys") {
				d.press(k)
				if d.current != 1 {
					d.press("2")
				}
				d.send(tea.MouseMsg{
					X: rapid.IntRange(0, width).Draw(r, "x"), Y: rapid.IntRange(bodyTop, height+bodyTop).Draw(r, "y"),
					Button: rapid.SampledFrom([]tea.MouseButton{tea.MouseButtonLeft, tea.MouseButtonRight, tea.MouseButtonWheelUp, tea.MouseButtonWheelDown}).Draw(r, "button"),
					Action: rapid.SampledFrom([]tea.MouseAction{tea.MouseActionPress, tea.MouseActionMotion, tea.MouseActionRelease}).Draw(r, "action"),
				})
				d.run()
				// The body alone, on any size: the frame asks for a least one.
				body := d.screen().view(&d.shared, width, height)
				checkPane(r, fmt.Sprintf("after %s, %d x %d", k, width, height), body, width, height)
			}
		}
	})
}

func TestEndpointsOfEverySizeInEveryState(t *testing.T) {
	t.Parallel()
	for _, state := range []string{filled, empty, slow, broken} {
		for _, opened := range []bool{false, true} {
			t.Run(fmt.Sprint(state, opened), func(t *testing.T) {
				t.Parallel()
				d := drive(t, state, 120, 40)
				d.current = 1
				if opened {
					openEndpoint(d, orders, state)
				} else {
					listEndpoints(d, state)
				}
				for width := 1; width < 230; width += 1 + width/9 {
					for height := 1; height < 80; height += 1 + height/9 {
						checkPane(t, fmt.Sprintf("%d x %d", width, height), d.screen().view(&d.shared, width, height), width, height)
					}
				}
			})
		}
	}
}
