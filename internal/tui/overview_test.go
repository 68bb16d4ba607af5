package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

func TestOverview(t *testing.T) {
	t.Parallel()
	goldens(t, "overview", "1")
}

func TestOverviewCompared(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		d := drive(t, filled, size[0], size[1], colours)
		d.press("c")
		golden(t, "overview", "compared", d)
		d.press("left", "left", "left")
		coloured(t, "overview", "read", d)
	}
}

func TestOverviewWithoutBlocksAndBraille(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24, func(o *Options) { o.Look.Plain = true })
	golden(t, "overview", "plain", d)
	for _, r := range d.View() {
		if r > 0xff && !strings.ContainsRune("–…←→", r) {
			t.Errorf("%q is drawn", r)
		}
	}
}

func TestOneCursorReadsAllCharts(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.press("left")
	d.wantSeen("2026-03-10 12:00  p50 ", " requests  ", "Esc back")
	d.press("g")
	d.wantSeen("2026-03-09 12:00  p50 ")
	d.press("right", "right")
	d.wantSeen("2026-03-09 14:00  p50 ")
	d.press("h", "k", "pgdown", "pgup", "l")
	d.wantSeen("2026-03-09 13:00  p50 ")
	d.press("G", "right")
	d.wantSeen("2026-03-10 12:00  p50 ")
	d.press("esc")
	d.wantUnseen("2026-03-10 12:00  p50 ", "Esc back")
}

func TestChartsOverTheSameTimeStandInLine(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.View()
	drawn := d.screens[0].(*overview).drawn
	if len(drawn) != 3 {
		t.Fatalf("%d charts are drawn, want 3", len(drawn))
	}
	for x := range drawn[0].width {
		first := drawn[0].chart.Index(drawn[0].width, x)
		for _, other := range drawn[1:] {
			if got := other.chart.Index(other.width, x); got != first {
				t.Fatalf("column %d is point %d and point %d", x, first, got)
			}
		}
	}
}

func TestClicksMoveTheCursor(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.View()
	for _, p := range d.screens[0].(*overview).drawn {
		column := p.chart.Column(p.width, 5)
		d.send(tea.MouseMsg{X: p.left + column, Y: bodyTop + p.top + 2, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		d.wantSeen("2026-03-09 17:00  p50 ")
		d.press("esc")
		d.send(tea.MouseMsg{X: 0, Y: bodyTop + p.top + 2, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		d.wantUnseen("2026-03-09 17:00  p50 ")
	}
}

// Whoever does not see colours reads the same.
func TestOverviewSaysWithoutColourWhatItSaysWithIt(t *testing.T) {
	t.Parallel()
	plain, bright := drive(t, filled, 120, 40), drive(t, filled, 120, 40, colours)
	plain.press("c", "left")
	bright.press("c", "left")
	head := func(d *driver) string {
		return strings.Join(strings.Split(ansi.Strip(d.View()), "\n")[:bodyTop+4], "\n")
	}
	if head(plain) != head(bright) {
		t.Error("the words differ")
	}
	for change, want := range map[string]look.Role{
		"+12.5%": look.Bad, "-3.1%": look.Good, "0%": look.Dim, text.None: look.Dim, "new": look.Dim, ">+9,999%": look.Bad,
	} {
		if got := judge(change); got != want {
			t.Errorf("%s is judged %d, want %d", change, got, want)
		}
		if arrow := mark(&plain.shared, change); (arrow != "") != (want != look.Dim) {
			t.Errorf("%s has the mark %q", change, arrow)
		}
	}
}

func TestOverviewOfAnAppWithoutData(t *testing.T) {
	t.Parallel()
	d := drive(t, empty, 80, 24, func(o *Options) { o.App = "shop" })
	d.wantSeen("No data available", "look at every app: press a", "look further back: press t", "appmetrics serve --demo")
}
