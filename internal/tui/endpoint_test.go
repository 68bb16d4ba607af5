package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// openEndpoint shows the view of one endpoint.
func openEndpoint(d *driver, name endpointName, state string) {
	d.current = 1
	d.endpoints().opened = newEndpoint(name)
	d.send(tickMsg{})
	if state != slow {
		d.run()
	}
	d.View()
}

var orders = endpointName{"GET", "/orders/{id}"}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, state := range []string{filled, empty, slow, broken} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s_%dx%d", state, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				d := drive(t, state, size[0], size[1])
				openEndpoint(d, orders, state)
				golden(t, "endpoint", state, d)
			})
		}
	}
}

func TestEndpointCompared(t *testing.T) {
	t.Parallel()
	for _, size := range sizes {
		d := drive(t, filled, size[0], size[1], colours, func(o *Options) { o.Compare = true })
		openEndpoint(d, orders, filled)
		d.press("right", "left", "left")
		coloured(t, "endpoint", "compared", d)
	}
}

func TestEndpointInASCII(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40, func(o *Options) { o.Look.Plain = true })
	openEndpoint(d, orders, filled)
	d.press("left", "left")
	golden(t, "endpoint", "plain", d)
}

// The parts that a terminal of 80 columns shows one after the other.
func TestEndpointPartByPart(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24)
	openEndpoint(d, orders, filled)
	for _, part := range []string{"distribution", "failing", "slowest", "errors"} {
		d.press("tab")
		golden(t, "endpoint", part, d)
	}
	d.press("tab")
	golden(t, "endpoint", filled, d)
}

func TestEndpointFindsTheRequests(t *testing.T) {
	t.Parallel()
	var requests []metric.Request
	for i := range 2000 { // the slowest are the oldest
		requests = append(requests, orderAt(time.Duration(i+1)*time.Second, 10+float64(i%7), 200, "ada", "quick"))
	}
	requests = append(requests,
		orderAt(2*time.Hour, 900, 200, "", "slow-1"), orderAt(3*time.Hour, 950, 503, "bob", "slow-2"),
		orderAt(4*time.Hour, 20, 404, "", ""), orderAt(time.Minute, 30, 404, "eve", "lost-1"), orderAt(5*time.Hour, 40, 503, "bob", "broken-2"),
	)
	d := drive(t, filled, 120, 40, holding(t, requests...))
	openEndpoint(d, orders, filled)
	failures := d.listOf(onFailing)
	want := [][]string{
		{"Mar 10 12:33:56", "404", "30.0 ms", "eve", "lost-1", "CLIENT_ERROR_404"},
		{"Mar 10 09:34:56", "503", "950 ms", "bob", "slow-2", "SERVER_ERROR_503"},
		{"Mar 10 08:34:56", "404", "20.0 ms", "anonymous", "–", "CLIENT_ERROR_404"},
		{"Mar 10 07:34:56", "503", "40.0 ms", "bob", "broken-2", "SERVER_ERROR_503"},
	}
	if fmt.Sprint(failures) != fmt.Sprint(want) {
		t.Errorf("failing requests: %q", failures)
	}
	slow := d.listOf(onSlowest)
	if len(slow) != listed || fmt.Sprint(slow[:2]) != fmt.Sprint([][]string{
		{"Mar 10 09:34:56", "503", "950 ms", "bob", "slow-2", "SERVER_ERROR_503"}, {"Mar 10 10:34:56", "200", "900 ms", "anonymous", "slow-1", ""},
	}) || slow[2][2] != "40.0 ms" || slow[listed-1][2] != "16.0 ms" {
		t.Errorf("slowest requests: %q", slow)
	}
	kinds := d.listOf(onKinds)
	if fmt.Sprint(kinds) != fmt.Sprint([][]string{
		{"CLIENT_ERROR_404", "2", "1", "Mar 10 08:34:56", "Mar 10 12:33:56"}, {"SERVER_ERROR_503", "2", "1", "Mar 10 07:34:56", "Mar 10 09:34:56"},
	}) {
		t.Errorf("errors: %q", kinds)
	}
}

func TestEndpointCopiesAndExportsTheListInFocus(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40, holding(t,
		orderAt(time.Minute, 30, 404, "eve", "lost-1"), orderAt(time.Hour, 99, 200, "eve", "slow-1"), orderAt(2*time.Hour, 20, 500, "", ""),
	))
	openEndpoint(d, orders, filled)
	check := func(keys []string, name string, rows int, copied string) {
		t.Helper()
		d.press(keys...)
		content := d.endpoints().sheet(&d.shared)
		if content.Name != name || len(content.Rows) != rows || content.Selected != copied {
			t.Errorf("after %v: %s with %d rows, %q selected; want %s, %d, %q", keys, content.Name, len(content.Rows), content.Selected, name, rows, copied)
		}
		for _, row := range content.Rows {
			if len(row) != len(content.Columns) {
				t.Errorf("%s: %d cells in %d columns", name, len(row), len(content.Columns))
			}
		}
	}
	check(nil, "endpoint", 25, "")
	check([]string{"left", "left"}, "endpoint", 25, "2026-03-10T11:00:00Z")
	check([]string{"down"}, "failing-requests", 2, "lost-1")
	check([]string{"down"}, "failing-requests", 2, "") // that has none
	check([]string{"right"}, "slowest-requests", 3, "slow-1")
	check([]string{"tab"}, "errors", 2, "CLIENT_ERROR_404")
	check([]string{"tab"}, "endpoint", 25, "2026-03-10T11:00:00Z")
	d.press("shift+tab", "left", "y")
	if d.toast != "Copied slow-1" {
		t.Errorf("y: %s", d.toast)
	}
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.View()
	check([]string{"tab", "tab", "tab"}, "histogram", 3, "")
}

func TestRequestsThatWereAggregatedAreMissedInWords(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 200, 60, holding(t, orderAt(20*24*time.Hour, 30, 404, "eve", "lost-1"), orderAt(21*24*time.Hour, 30, 200, "", "")),
		func(o *Options) { o.Range = metric.Range{Name: "30d"}; o.Range = scope{rng: o.Range}.at(noon).rng })
	openEndpoint(d, orders, filled)
	golden(t, "endpoint", "aggregated", d)
	if n := strings.Count(d.View(), tooOld); n != 2 {
		t.Errorf("%d lists say that their requests are too old, want 2", n)
	}
	d = drive(t, filled, 200, 60, holding(t, orderAt(time.Hour, 30, 200, "eve", "")))
	openEndpoint(d, orders, filled)
	d.wantSeen("No request failed")
	d.wantUnseen(tooOld)
}

func TestListsSayWhichRequestsTheyHold(t *testing.T) {
	t.Parallel()
	requests := []metric.Request{orderAt(20*24*time.Hour, 30, 404, "eve", "")}
	for i := range 120 {
		requests = append(requests, orderAt(time.Duration(i)*time.Minute, 30, 404, "eve", ""))
	}
	d := drive(t, filled, 120, 40, holding(t, requests...), func(o *Options) { o.Range = scope{rng: metric.Range{Name: "30d"}}.at(noon).rng })
	openEndpoint(d, orders, filled)
	d.wantSeen("1 of 100 · the newest 100")
	d.press("down", "right")
	d.wantSeen("1 of 100 · of the last 7 days")
}

func TestEndpointKeys(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 200, 60)
	openEndpoint(d, orders, filled)
	focus := func() section { return d.endpoints().opened.focus }
	for _, step := range []struct {
		key  string
		want section
	}{
		{"tab", onKinds}, {"tab", onFailing}, {"right", onSlowest}, {"right", onSlowest}, {"tab", onCourse}, {"shift+tab", onSlowest},
		{"left", onFailing}, {"left", onKinds}, {"left", onCourse}, {"left", onCourse}, {"down", onKinds},
	} {
		if d.press(step.key); focus() != step.want {
			t.Fatalf("%s leads to %s, want %s", step.key, partTitles[focus()], partTitles[step.want])
		}
	}
	d.press("left", "esc", "tab")
	if d.current != 2 {
		t.Errorf("Tab in the list leads to screen %d", d.current+1)
	}
}

func TestTheCursorReadsBothCharts(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	openEndpoint(d, orders, filled)
	d.press("left", "left", "left")
	if n := strings.Count(d.View(), "Mar 10 10:00"); n != 2 {
		t.Errorf("%d charts show the moment of the cursor, want 2:\n%s", n, d.View())
	}
	d.press("g", "left")
	if n := strings.Count(d.View(), "Mar 9 12:00"); n != 2 {
		t.Errorf("%d charts show the first moment:\n%s", n, d.View())
	}
	d.press("pgdown", "G")
	if got := d.endpoints().opened.cursor; got != 24 {
		t.Errorf("the last point is %d, want 24", got)
	}
}

func TestEndpointMouse(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	openEndpoint(d, orders, filled)
	d.click("Slowest 100")
	if got := d.endpoints().opened.focus; got != onSlowest {
		t.Errorf("a click on a tab leads to %s", partTitles[got])
	}
	d.click("Took")
	if by, descending := d.endpoints().opened.slowest.Sorted(); by != 2 || !descending {
		t.Errorf("a click on a title orders by %d", by)
	}
	d.click("Took")
	first, _ := d.endpoints().opened.slowest.Selected()
	d.send(tea.MouseMsg{X: 50, Y: 33, Button: tea.MouseButtonWheelDown, Action: tea.MouseActionPress})
	if row, _ := d.endpoints().opened.slowest.Selected(); row.Key == first.Key {
		t.Error("the wheel did not scroll the list")
	}
	d.send(tea.MouseMsg{X: 40, Y: 9, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	if e := d.endpoints().opened; !e.reading || e.focus != onCourse {
		t.Error("a click on a chart did not put the cursor there")
	}
	was := d.endpoints().opened.cursor
	d.send(tea.MouseMsg{X: 50, Y: 9, Button: tea.MouseButtonLeft, Action: tea.MouseActionMotion})
	if d.endpoints().opened.cursor <= was {
		t.Error("the cursor did not follow the mouse")
	}
}

func TestEndpointStaysOpenInAnotherRange(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	openEndpoint(d, orders, filled)
	d.press("t", "down", "enter")
	d.wantSeen("last 7 days", "GET /orders/{id}", "Slowest 100")
	d.wantUnseen("Loading")
}

func TestCorrelationIDsAreReadableWhereTheyAre(t *testing.T) {
	t.Parallel()
	var requests []metric.Request
	for i := range 12 {
		user := "somebody.with.a.long.name@example.com"
		requests = append(requests, orderAt(time.Duration(i)*time.Minute, float64(30+i), 404+99*(i%2), user[i%5:], fmt.Sprintf("7c1e0f9a-%04d-4b5e-9a51-3f0c2d7e8b61", i)))
	}
	for _, size := range sizes {
		d := drive(t, filled, size[0], size[1], holding(t, requests...))
		openEndpoint(d, orders, filled)
		d.press("down", "down")
		if size[0] == 80 {
			d.press("tab")
		}
		golden(t, "endpoint", "ids", d)
	}
}
