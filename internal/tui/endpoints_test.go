package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/appmetrics/appmetrics/internal/text"
)

// listEndpoints shows the screen, its sparklines included.
func listEndpoints(d *driver, state string) {
	d.send(keyOf("2"))
	if state == slow {
		return
	}
	d.run()
	d.View() // from now on it is known which rows are in sight
	d.send(tickMsg{})
	d.run()
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for _, state := range []string{filled, empty, slow, broken} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s_%dx%d", state, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				d := drive(t, state, size[0], size[1])
				listEndpoints(d, state)
				golden(t, "endpoints", state, d)
			})
		}
	}
}

func TestEndpointsCompared(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		d := drive(t, filled, size[0], size[1], colours, func(o *Options) { o.Compare = true })
		listEndpoints(d, filled)
		coloured(t, "endpoints", "compared", d)
	}
}

func TestEndpointsInASCII(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24, func(o *Options) { o.Look.Plain = true })
	listEndpoints(d, filled)
	golden(t, "endpoints", "plain", d)
}

func TestEndpointsOnTheSmallestTerminal(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, leastWidth, leastHeight)
	listEndpoints(d, filled)
	golden(t, "endpoints", filled, d)
}

// order returns the shown names, from top to bottom.
func (d *driver) order() []string {
	var names []string
	for _, row := range d.endpoints().table.Shown() {
		names = append(names, row.Key)
	}
	return names
}

func (d *driver) endpoints() *endpoints { return d.screens[1].(*endpoints) }

func (d *driver) selected() string {
	row, _ := d.endpoints().table.Selected()
	return row.Key
}

func TestEndpointsAreSortedByEveryColumn(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 200, 60)
	listEndpoints(d, filled)
	slowestFirst := d.order()
	if slowestFirst[0] != "GET /reports/{id}" || !d.sees("Average, highest first") {
		t.Errorf("the slowest is %s", slowestFirst[0])
	}
	d.press("G", "r")
	if got := d.order(); !slices.Equal(got, reversed(slowestFirst)) {
		t.Errorf("reversed: %q", got)
	}
	if got := d.selected(); got != slowestFirst[len(slowestFirst)-1] {
		t.Errorf("%s is selected after another order", got)
	}
	titles := map[string]bool{}
	for range 20 {
		d.press("s")
		by, _ := d.endpoints().table.Sorted()
		titles[d.endpoints().table.Columns()[by].Title] = true
	}
	if len(titles) != 13 || titles["Trend"] {
		t.Errorf("sorted by %d columns: %v", len(titles), titles)
	}
	d.click("Requests")
	if got := d.order()[0]; got != "GET /orders" {
		t.Errorf("most requests has %s", got)
	}
	d.click("Requests")
	if got := d.order()[0]; got != "DELETE /orders/{id}" {
		t.Errorf("fewest requests has %s", got)
	}
}

func reversed(list []string) []string {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// click clicks on the first place where words stand.
func (d *driver) click(words string) {
	d.t.Helper()
	for y, line := range strings.Split(ansi.Strip(d.View()), "\n") {
		if before, _, found := strings.Cut(line, words); found {
			d.send(tea.MouseMsg{X: text.Width(before), Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
			d.run()
			return
		}
	}
	d.t.Fatalf("%q is not on the screen:\n%s", words, d.View())
}

func TestEndpointsAreFilteredAndFound(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	listEndpoints(d, filled)
	d.press("/", "O", "R", "D", "e", "r", "s", "enter")
	if got := d.order(); len(got) != 6 {
		t.Errorf("orders: %q", got)
	}
	d.wantSeen("1 of 6, 24 hidden")
	list := d.order()
	for i := range 2 * len(list) {
		if got := d.selected(); got != list[i%len(list)] {
			t.Errorf("%s is found, want %s", got, list[i%len(list)])
		}
		d.press("n")
	}
	d.press("N")
	if got := d.selected(); got != list[len(list)-1] {
		t.Errorf("%s is found before the first", got)
	}
	d.press("enter")
	d.wantSeen("Esc back")
	d.press("esc")
	if got := d.order(); len(got) != 6 {
		t.Errorf("%d rows after Esc from one of them", len(got))
	}
	d.press("esc")
	if got := len(d.order()); got != 30 || d.selected() != list[len(list)-1] {
		t.Errorf("%d rows after the filter, %s selected", got, d.selected())
	}
}

func TestTheSelectionStaysByName(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	listEndpoints(d, filled)
	d.press("j", "j", "j", "j", "j", "j")
	chosen := d.selected()
	d.press("enter")
	if d.endpoints().opened == nil || d.endpoints().opened.name.String() != chosen {
		t.Fatalf("Enter on %s opened %v", chosen, d.endpoints().opened)
	}
	d.press("esc")
	if d.endpoints().opened != nil || d.selected() != chosen {
		t.Errorf("Esc leads to %s", d.selected())
	}
	d.press("R", "r", "c")
	if d.selected() != chosen {
		t.Errorf("%s is selected after new answers, want %s", d.selected(), chosen)
	}
	d.press("y")
	if name := strings.TrimPrefix(chosen, "POST "); d.toast != "Copied "+name {
		t.Errorf("y: %s", d.toast)
	}
	d.click("/invoices/{id}/pdf")
	if d.selected() != "GET /invoices/{id}/pdf" || d.endpoints().opened != nil {
		t.Errorf("a click selected %s", d.selected())
	}
	d.click("/invoices/{id}/pdf")
	if d.endpoints().opened == nil {
		t.Error("a click on the selected row did not open it")
	}
}

func TestEndpointsAreExportedAsShown(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24)
	listEndpoints(d, filled)
	d.press("/", "r", "e", "p", "o", "r", "t", "enter", "r")
	content := d.endpoints().sheet(&d.shared)
	if len(content.Rows) != 3 || content.Rows[2][0] != "/reports/{id}" || len(content.Columns) != len(content.Rows[0]) {
		t.Errorf("exported: %v", content)
	}
}
