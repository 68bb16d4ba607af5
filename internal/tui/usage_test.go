package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	goldens(t, "usage", "3")
}

func TestUsageCompared(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		d := drive(t, filled, size[0], size[1])
		d.press("3", "c")
		golden(t, "usage", "compared", d)
	}
}

// TestUsageOnTheSmallestTerminal shows the lists, and the charts once they take
// the keys.
func TestUsageOnTheSmallestTerminal(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, leastWidth, leastHeight)
	d.press("3")
	d.wantSeen("● Events by type", "button_click")
	golden(t, "usage", filled, d)
	d.press("up")
	d.wantSeen("● Events over time", "events ")
	d.wantUnseen("button_click")
}

func TestUsageRead(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24, colours)
	d.press("3", "up", "left", "left", "left")
	coloured(t, "usage", "read", d)
}

// part is what takes the keys: a list, or the charts.
func (d *driver) part() string {
	x := d.screens[2].(*usage)
	if x.charted {
		return "charts"
	}
	return x.lists[x.at].title
}

// TestUsageArrows goes from part to part, and never to none.
func TestUsageArrows(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24)
	d.press("3")
	tests := []struct{ key, want string }{
		{"left", "Events by type"},
		{"right", "Page views"},
		{"l", "Elements"},
		{"right", "Elements"},
		{"down", "Elements"},
		{"up", "Elements"},
		{"up", "charts"},
		{"left", "charts"},
		{"up", "charts"},
		{"down", "Elements"},
		{"h", "Page views"},
		{"k", "charts"},
		{"esc", "Page views"},
		{"left", "Events by type"},
	}
	for i, test := range tests {
		d.press(test.key)
		if got := d.part(); got != test.want {
			t.Fatalf("press %d, %s: %s has the keys, want %s", i, test.key, got, test.want)
		}
		if test.want != "charts" {
			d.wantSeen("● " + test.want)
		}
	}
}

// TestUsageReadsValues moves the cursor of both charts.
func TestUsageReadsValues(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.press("3", "up")
	x := d.screens[2].(*usage)
	points := x.points(&d.shared)
	for _, test := range []struct {
		key  string
		want int
	}{{"left", len(points) - 2}, {"g", 0}, {"left", 0}, {"right", 1}, {"pgdown", 1 + len(points)/4}, {"G", len(points) - 1}, {"right", len(points) - 1}} {
		if d.press(test.key); x.cursor != test.want {
			t.Errorf("%s leads to point %d, want %d", test.key, x.cursor, test.want)
		}
	}
	content := x.sheet(&d.shared)
	if len(content.Rows) != len(points) || content.Selected != d.stamp(points[len(points)-1].Timestamp) {
		t.Errorf("exports %d rows, copies %q", len(content.Rows), content.Selected)
	}
	d.wantSeen("events "+fmt.Sprint(points[len(points)-1].TotalEvents), "active "+fmt.Sprint(points[len(points)-1].ActiveUsers))
}

// TestUsageElementsOfAPage narrows the elements to those of a page.
func TestUsageElementsOfAPage(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24)
	d.press("3", "right", "enter")
	d.wantSeen("● Elements of /orders", "filter-open")
	d.wantUnseen("add-to-cart")
	content := d.screen().sheet(&d.shared)
	if len(content.Rows) == 0 || slices.ContainsFunc(content.Rows, func(row []any) bool { return row[1] != "/orders" }) {
		t.Errorf("exports %v", content.Rows)
	}
	if content.Selected != "filter-open" {
		t.Errorf("copies %q", content.Selected)
	}
	d.press("esc")
	d.wantSeen("● Elements ", "add-to-cart")
	d.press("left", "down", "down", "enter")
	d.wantSeen("● Elements of / ", "none on this page")
}

// TestUsageFilter filters all lists by the same words.
func TestUsageFilter(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 200, 60)
	d.press("3", "/", "e", "x", "p", "o", "r", "t", "enter")
	d.wantSeen("export_triggered", "1 of 1, 9 hidden", "/reports")
	d.wantUnseen("page_view ", "add-to-cart")
	d.press("esc")
	d.wantSeen("page_view ", "add-to-cart")
}

func TestUsageSort(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 200, 60)
	d.press("3", "r")
	if got := d.screen().sheet(&d.shared).Rows[0][0]; got != "preference_changed" {
		t.Errorf("r shows %v first", got)
	}
	d.press("s", "s")
	if got := d.screen().sheet(&d.shared).Rows[0][0]; got != "button_click" {
		t.Errorf("by name, %v is first", got)
	}
}

func TestUsageByMouse(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 200, 60)
	d.press("3")
	at := func(words string) (x, y int) {
		t.Helper()
		for y, line := range strings.Split(d.View(), "\n") {
			if x, _, found := strings.Cut(line, words); found {
				return len([]rune(x)), y
			}
		}
		t.Fatalf("no %q in\n%s", words, d.View())
		return 0, 0
	}
	press := func(x, y int, button tea.MouseButton) {
		d.send(tea.MouseMsg{X: x, Y: y, Button: button, Action: tea.MouseActionPress})
		d.run()
		d.View()
	}
	x, y := at("checkout  ")
	press(x, y, tea.MouseButtonLeft)
	if content := d.screen().sheet(&d.shared); d.part() != "Elements" || content.Selected != "checkout" {
		t.Errorf("a click selects %q of %s", content.Selected, d.part())
	}
	x, y = at("Share")
	press(x, y, tea.MouseButtonLeft)
	if d.part() != "Events by type" {
		t.Errorf("a click on a title leads to %s", d.part())
	}
	press(x, y+3, tea.MouseButtonWheelDown)
	x, y = at("Events over time")
	press(x+40, y+4, tea.MouseButtonLeft)
	if cursor := d.screens[2].(*usage).cursor; d.part() != "charts" || cursor < 5 || cursor > 20 {
		t.Errorf("a click on a chart leads to point %d of %s", cursor, d.part())
	}
	press(0, 0, tea.MouseButtonRight)
}
