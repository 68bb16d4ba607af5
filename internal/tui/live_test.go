package tui

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/uuid"
	"github.com/muesli/termenv"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/text"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

func TestLivePanes(t *testing.T) {
	t.Parallel()
	goldens(t, "live", "5")
}

// stream is a dashboard on Live over a database of its own, to which a test
// appends.
type stream struct {
	*driver
	store *store.Store
	n     int
}

func streaming(t *testing.T, width, height int, change ...func(*Options)) *stream {
	t.Helper()
	x := &stream{store: atNoon(t)}
	x.driver = drive(t, empty, width, height, append(change, func(o *Options) {
		o.Open = func(context.Context) (query.Source, func() error, error) {
			return query.New(query.Options{Store: x.store, Now: o.Now}), nil, nil
		}
	})...)
	x.press("5")
	return x
}

// atNoon opens a database of its own, whose clock stands.
func atNoon(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{
		URL: "sqlite://" + filepath.Join(t.TempDir(), "live.db"), Now: func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.MigrateUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// request is one that begins so long ago.
func (x *stream) request(ago time.Duration, endpoint string, status int) metric.Request {
	x.n++
	id := uuid.UUID{15: byte(x.n), 14: byte(x.n >> 8)}
	return metric.Request{
		ID: id, Timestamp: x.clock.Add(-ago), App: "shop", Endpoint: endpoint, Method: "GET", StatusCode: status,
		ResponseTimeMS: 12.5, UserID: "ada", ErrorType: metric.ErrorTypeFor(status), CorrelationID: fmt.Sprintf("correlation-%d", x.n),
	}
}

func (x *stream) requests(list ...metric.Request) {
	x.t.Helper()
	if _, err := x.store.Append(x.t.Context(), metric.Batch{Requests: list}); err != nil {
		x.t.Fatal(err)
	}
}

func (x *stream) events(list ...metric.Event) {
	x.t.Helper()
	if _, err := x.store.Append(x.t.Context(), metric.Batch{Events: list}); err != nil {
		x.t.Fatal(err)
	}
}

// screenLines are what the reader sees, without colours.
func (d *driver) screenLines() []string { return strings.Split(ansi.Strip(d.View()), "\n") }

// shows reports the numbers of the lines that contain words.
func (d *driver) shows(words string) []int {
	var lines []int
	for i, line := range d.screenLines() {
		if strings.Contains(line, words) {
			lines = append(lines, i)
		}
	}
	return lines
}

func TestLiveFollowsByItself(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 24)
	if len(x.shows("Waiting for requests and events")) != 1 || len(x.shows("following")) != 1 {
		t.Fatalf("nothing has arrived:\n%s", x.View())
	}
	x.requests(x.request(0, "/first", 200))
	x.pass(1)
	x.requests(x.request(0, "/second", 404))
	x.events(metric.Event{Timestamp: x.clock.Add(-2 * time.Second), App: "shop", EventType: "button_click", PageName: "/orders", ElementID: "#add", Success: false})
	x.pass(1)
	first, second, event := x.shows("/first"), x.shows("/second"), x.shows("/orders  #add")
	if len(first) != 1 || len(second) != 1 || len(event) != 1 || second[0] >= event[0] || event[0] >= first[0] {
		t.Fatalf("lines %v, %v and %v, want each once, the newest first:\n%s", first, second, event, x.View())
	}
	for _, words := range []string{"! 404", "! failed", "12.5 ms", "ada", "errors/s"} {
		if len(x.shows(words)) == 0 {
			t.Errorf("no %q:\n%s", words, x.View())
		}
	}
}

// Rows become visible after newer ones: what was read before is read again,
// and shown once.
func TestLiveFindsWhatCommitsLate(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 40)
	x.requests(x.request(0, "/newest", 200))
	x.pass(1)
	x.requests(x.request(1500*time.Millisecond, "/late", 200))
	slow := x.request(50*time.Second, "/slow", 200)
	slow.ResponseTimeMS = 49_000
	x.requests(slow)
	x.events(metric.Event{Timestamp: x.clock.Add(-14 * time.Second), App: "shop", EventType: "page_view", PageName: "/waited", Success: true})
	x.pass(1)
	for _, words := range []string{"/newest", "/late", "/waited"} {
		if got := x.shows(words); len(got) != 1 {
			t.Errorf("%s on lines %v, want one:\n%s", words, got, x.View())
		}
	}
	x.pass(6)
	for _, words := range []string{"/newest", "/late", "/waited", "/slow"} {
		if got := x.shows(words); len(got) != 1 {
			t.Errorf("later on, %s is on lines %v, want one:\n%s", words, got, x.View())
		}
	}
}

func TestLivePauses(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 24)
	x.requests(x.request(0, "/before", 200))
	x.pass(1)
	x.press("p")
	x.requests(x.request(0, "/meanwhile", 200), x.request(0, "/meanwhile", 200))
	x.pass(1)
	if len(x.shows("/meanwhile")) != 0 || len(x.shows("paused")) != 1 || len(x.shows("2 new")) != 1 {
		t.Fatalf("paused:\n%s", x.View())
	}
	x.press("p")
	if len(x.shows("/meanwhile")) != 2 || len(x.shows("following")) != 1 || len(x.shows(" new")) != 0 {
		t.Fatalf("following again:\n%s", x.View())
	}
}

// Nothing moves under the eyes of who reads further down.
func TestLiveStopsWhileARowIsRead(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 24)
	x.requests(x.request(2*time.Second, "/a", 200), x.request(time.Second, "/b", 500))
	x.pass(1)
	before := x.shows("/a")
	x.press("down")
	x.requests(x.request(0, "/c", 200))
	x.pass(1)
	if got := x.shows("/a"); got[0] != before[0] || len(x.shows("/c")) != 0 || len(x.shows("1 new")) != 1 {
		t.Fatalf("read:\n%s", x.View())
	}
	if got := x.screen().sheet(&x.shared).Selected; got != "correlation-1" {
		t.Errorf("a copy takes %q, want the correlation id", got)
	}
	x.press("g")
	if len(x.shows("/c")) != 1 || len(x.shows("following")) != 1 {
		t.Fatalf("at the first row:\n%s", x.View())
	}
	x.press("f")
	if len(x.shows("/b")) != 1 || len(x.shows("/a"))+len(x.shows("/c")) != 0 {
		t.Fatalf("errors only:\n%s", x.View())
	}
	x.press("f", "/", "ADA", "enter")
	if got := len(x.shows("/a")) + len(x.shows("/b")) + len(x.shows("/c")); got != 3 {
		t.Fatalf("filtered by the user:\n%s", x.View())
	}
	x.press("esc", "/", "500", "enter")
	if got := len(x.shows("/a")) + len(x.shows("/b")) + len(x.shows("/c")); got != 1 {
		t.Fatalf("filtered by the status:\n%s", x.View())
	}
}

func TestLiveShowsOneInFull(t *testing.T) {
	t.Parallel()
	x := streaming(t, 100, 30)
	x.events(metric.Event{
		ID: uuid.UUID{1}, Timestamp: x.clock.Add(-time.Second), App: "shop", EventType: "form_submit", PageName: "/checkout", ElementID: "pay", UserID: "ada", Success: true,
		Metadata: json.RawMessage(`{"amount": 12.5, "note": "\u001b[2J\u202e", "items": [1, 2]}`), CorrelationID: "find-me",
	})
	x.pass(1)
	x.press("enter")
	for _, words := range []string{"Event", "form_submit", "/checkout", "find-me", `"amount": 12.5,`, `\u001b[2J`, "2 s ago"} {
		if len(x.shows(words)) == 0 {
			t.Errorf("no %q:\n%s", words, x.View())
		}
	}
	if strings.Contains(x.View(), "\x1b[2J") || strings.Contains(x.View(), "\u202e") {
		t.Error("metadata reach the terminal as they are")
	}
	if got := x.screen().sheet(&x.shared).Selected; got != "find-me" {
		t.Errorf("a copy takes %q", got)
	}
	golden(t, "live", "event", x.driver)
	x.requests(x.request(0, "/meanwhile", 200))
	x.pass(1)
	x.press("esc")
	if len(x.shows("/meanwhile")) != 1 || len(x.shows("/checkout")) != 1 {
		t.Errorf("back:\n%s", x.View())
	}
}

// More than can be read is counted, not left out in silence.
func TestLiveSaysWhatItSkipped(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 24)
	x.requests(x.request(0, "/before", 200))
	x.pass(1)
	x.clock = x.clock.Add(time.Minute)
	many := make([]metric.Request, 5000)
	for i := range many {
		many[i] = x.request(time.Duration(10*i)*time.Millisecond, "/many", 200)
	}
	x.requests(many...)
	x.pass(1)
	if len(x.shows("3,000 skipped")) != 1 {
		t.Errorf("5,000 came and 2,000 are kept:\n%s", x.View())
	}
	l := x.screen().(*live)
	if got := len(l.arrivals.list); got != mostArrivals {
		t.Errorf("%d are kept, want %d", got, mostArrivals)
	}
}

// However large the terminal is, and whatever arrives, a frame is exactly that
// large and holds no sequence but our own.
func TestLiveFitsAnySize(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 40, func(o *Options) { o.Look = look.Options{Profile: termenv.TrueColor, Dark: true} })
	for i, b := 0, hostile(); i < len(b.Requests); i++ {
		r := b.Requests[i]
		r.Timestamp = x.clock.Add(-time.Duration(i) * time.Millisecond)
		r.ErrorType = "Bad\x1b[31m\u202e"
		x.requests(r)
	}
	x.events(metric.Event{Timestamp: x.clock, App: "a\x1b", EventType: "page_view", PageName: "\x1b]0;owned\a注文", ElementID: "\u200b", UserID: "\x9b2J", Success: true,
		Metadata: json.RawMessage(`{"` + strings.Repeat("長い", 300) + `": "\u0007"}`)})
	x.pass(1)
	for _, open := range []bool{false, true} {
		if open {
			x.press("enter")
		}
		for width := 60; width <= 210; width += 7 {
			for height := 15; height <= 62; height += 4 {
				x.send(tea.WindowSizeMsg{Width: width, Height: height})
				lines := strings.Split(x.View(), "\n")
				if len(lines) != height {
					t.Fatalf("%d x %d: %d lines", width, height, len(lines))
				}
				for _, line := range lines {
					if got := text.Width(line); got != width {
						t.Fatalf("%d x %d: a line of %d cells: %q", width, height, got, line)
					}
					if bad := strings.IndexFunc(ansi.Strip(line), func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u200b' }); bad >= 0 {
						t.Fatalf("%d x %d: %q", width, height, line)
					}
				}
			}
		}
	}
}

func TestLiveIsExported(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 24)
	x.requests(x.request(time.Second, "/a", 500))
	x.events(metric.Event{Timestamp: x.clock, App: "shop", EventType: "page_view", PageName: "/p", Success: true})
	x.pass(1)
	content := x.screen().sheet(&x.shared)
	if len(content.Rows) != 2 || content.Rows[0][0] != "event" || content.Rows[1][4] != "/a" {
		t.Fatalf("got %v", content.Rows)
	}
	for _, row := range content.Rows {
		if len(row) != len(content.Columns) {
			t.Errorf("%d cells for %d columns: %v", len(row), len(content.Columns), row)
		}
	}
}

// What a frame of a busy server costs: 500 new ones on a full ring.
func BenchmarkLive(b *testing.B) {
	d := drive(b, empty, 200, 60)
	d.press("5")
	l := d.screen().(*live)
	id := uint64(0)
	next := func() *arrived {
		came := &arrived{from: l.position, to: l.position, now: d.clock}
		for range 500 {
			id++
			came.requests = append(came.requests, query.Request{
				ID: uuid.NewSHA1(uuid.Nil, []byte(fmt.Sprint(id))), Timestamp: d.clock, App: "shop", Endpoint: "/orders/{id}/items", Method: "GET",
				StatusCode: 200 + 300*int(id%10/9), ResponseTimeMS: 12.5, UserID: "ada@example.com",
			})
		}
		return came
	}
	for range 5 {
		d.send(answeredMsg{key: liveKey{}, value: next()})
	}
	for b.Loop() {
		b.StopTimer()
		came := next()
		b.StartTimer()
		d.send(answeredMsg{key: liveKey{}, value: came})
		_ = d.View()
	}
	if len(l.shown) != mostArrivals {
		b.Fatalf("%d are shown", len(l.shown))
	}
}

func TestLiveKeepsToTheReadersZone(t *testing.T) {
	t.Parallel()
	x := streaming(t, 120, 24, func(o *Options) { o.Zone = time.FixedZone("CET", 3600) })
	x.requests(x.request(0, "/a", 200))
	x.pass(1)
	if len(x.shows("13:34:56.000")) != 1 {
		t.Errorf("in the zone of the options:\n%s", x.View())
	}
	x.press("z")
	if len(x.shows("12:34:56.000")) != 1 {
		t.Errorf("in UTC:\n%s", x.View())
	}
}
