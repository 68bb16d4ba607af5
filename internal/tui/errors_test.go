package tui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/query"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	goldens(t, "errors", "4")
}

func TestErrorsOpened(t *testing.T) {
	t.Parallel()
	for _, size := range append(sizes[:], [2]int{leastWidth, leastHeight}) {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			d := drive(t, filled, size[0], size[1])
			d.press("4", "j", "enter")
			golden(t, "errors", "opened", d)
			d.press("esc")
			if strings.Contains(d.View(), "newest first") {
				t.Errorf("Esc does not close:\n%s", d.View())
			}
		})
	}
}

// TestErrorsSort goes through the orders that s leads to, and back.
func TestErrorsSort(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 200, 60)
	d.press("4")
	for _, column := range []string{"Share", "People", "First seen", "Last seen", "Type", "Endpoint", "Method", "Count"} {
		d.press("s")
		first := d.View()
		if !strings.Contains(first, " "+column+", ") {
			t.Errorf("not ordered by %s:\n%s", column, first)
		}
		if d.press("r"); d.View() == first {
			t.Errorf("r does not reverse %s", column)
		}
	}
}

func TestErrorsFilter(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.press("4", "/", "5", "0", "0", "enter")
	shown := ansi.Strip(d.View())
	if strings.Contains(shown, "ERROR_503") || !strings.Contains(shown, "ERROR_500") {
		t.Errorf("shows\n%s", shown)
	}
	rows := d.screen().sheet(&d.shared).Rows
	if len(rows) == 0 || slices.ContainsFunc(rows, func(row []any) bool { return row[0] != "SERVER_ERROR_500" }) {
		t.Errorf("exports %v", rows)
	}
	d.press("n")
	if got := d.screen().sheet(&d.shared).Selected; !strings.HasPrefix(got, "SERVER_ERROR_500 GET /") {
		t.Errorf("n selects %q", got)
	}
}

func TestErrorsByMouse(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 120, 40)
	d.press("4")
	d.View()
	click := func(x, y int) {
		d.send(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		d.run()
		d.View()
	}
	click(20, bodyTop+3)
	click(20, bodyTop+3)
	if shown := ansi.Strip(d.View()); !strings.Contains(shown, "SERVER_ERROR_503 · GET / ") {
		t.Errorf("a second click does not open:\n%s", shown)
	}
	click(20, bodyTop+1)
	if shown := ansi.Strip(d.View()); !strings.Contains(shown, "SERVER_ERROR_503 · GET /orders ") {
		t.Errorf("a click on another does not open it:\n%s", shown)
	}
	d.send(tea.MouseMsg{X: 20, Y: 30, Button: tea.MouseButtonWheelDown, Action: tea.MouseActionPress})
	click(20, 30)
	if got := d.screen().sheet(&d.shared); got.Name != "failing-requests" || len(got.Rows) != 26 {
		t.Errorf("exports %d rows of %s", len(got.Rows), got.Name)
	}
}

// told is a source whose errors and requests are made up.
type told struct {
	query.Source
	errors   []query.ErrorGroup
	requests []query.Request
}

func (x told) Errors(context.Context, query.ErrorsParams) (*query.Errors, error) {
	return &query.Errors{Errors: x.errors}, nil
}

func (x told) Requests(_ context.Context, p query.RequestsParams) (*query.RequestsPage, error) {
	low, high, err := query.ParseStatus(p.Status)
	if err != nil {
		return nil, err
	}
	page := &query.RequestsPage{}
	from, _ := strconv.Atoi(p.Cursor)
	for i, r := range x.requests[from:] {
		if r.StatusCode >= low && r.StatusCode <= high && r.Endpoint == p.Endpoint && r.Method == p.Method {
			page.Requests = append(page.Requests, r)
		}
		if len(page.Requests) == p.Limit {
			page.NextCursor = strconv.Itoa(from + i + 1)
			break
		}
	}
	return page, nil
}

func (x told) to(o *Options) {
	open := o.Open
	o.Open = func(ctx context.Context) (query.Source, func() error, error) {
		source, closeSource, err := open(ctx)
		x.Source = source
		return x, closeSource, err
	}
}

// request makes the i-th newest failed request.
func request(i, status int, errorType string) query.Request {
	return query.Request{
		ID: uuid.UUID{0: byte(i >> 8), 1: byte(i)}, Timestamp: noon.Add(-time.Duration(i) * time.Second),
		App: "shop", Endpoint: "/pay", Method: "POST", StatusCode: status, ErrorType: errorType,
		ResponseTimeMS: 12, UserID: "ana", CorrelationID: fmt.Sprintf("c-%d", i),
	}
}

// TestErrorsFindRequests looks for requests of a type in what a source holds.
func TestErrorsFindRequests(t *testing.T) {
	t.Parallel()
	many := func(n, status int, errorType string) (list []query.Request) {
		for i := range n {
			list = append(list, request(i, status, errorType))
		}
		return list
	}
	tests := map[string]struct {
		errorType string
		requests  []query.Request
		want      int
		whole     bool
	}{
		"by its code":              {"SERVER_ERROR_500", append(many(3, 500, "SERVER_ERROR_500"), request(9, 502, "SERVER_ERROR_502")), 3, true},
		"without a type":           {"CLIENT_ERROR_404", many(2, 404, ""), 2, true},
		"panics beside others":     {"Panic", append(many(600, 500, "SERVER_ERROR_500"), request(700, 500, "Panic")), 1, true},
		"timeouts":                 {"Timeout", many(4, 504, "Timeout"), 4, true},
		"timeouts of another code": {"Timeout", many(4, 408, "Timeout"), 4, true},
		"gone clients":             {"ClientClosed", many(1, 499, "ClientClosed"), 1, true},
		"a code that is none":      {"SERVER_ERROR_9", many(1, 500, "SERVER_ERROR_9"), 1, true},
		"of another program":       {"quota", append(many(1, 429, "quota"), request(5, 503, "quota")), 2, true},
		"more than are shown":      {"SERVER_ERROR_500", many(1200, 500, ""), listed, false},
		"too many to look through": {"Panic", many(mostPages*query.MaxLimit+1, 500, "SERVER_ERROR_500"), 0, false},
		"none":                     {"quota", nil, 0, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := askFailed(scope{}, query.ErrorGroup{Endpoint: "/pay", Method: "POST", ErrorType: test.errorType})
			answer, err := q.ask(t.Context(), told{requests: test.requests})
			if err != nil {
				t.Fatal(err)
			}
			got := answer.(*found)
			if len(got.requests) != test.want || got.whole != test.whole {
				t.Errorf("%d requests, whole %t; want %d, %t", len(got.requests), got.whole, test.want, test.whole)
			}
			if !slices.IsSortedFunc(got.requests, func(a, b query.Request) int { return b.Timestamp.Compare(a.Timestamp) }) {
				t.Error("not newest first")
			}
		})
	}
}

// TestErrorsSayWhatIsMissing opens types of which not every request is left.
func TestErrorsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	old, recent := noon.Add(-9*24*time.Hour), noon.Add(-time.Hour)
	tests := map[string]struct {
		first, last time.Time
		requests    int
		status      int
		want        string
	}{
		"all there":    {recent, noon, 2, 500, "newest first, 1 of 2"},
		"older gone":   {old, noon, 2, 500, "of those before Mar  3 12:34 only the number is kept"},
		"all gone":     {old, old, 0, 500, "the last of these was seen Mar  1 12:34; only their number is left"},
		"deleted":      {recent, recent, 0, 500, "No single request is left of these"},
		"too many":     {recent, noon, listed + 1, 500, "the newest 100 of 4,711"},
		"not findable": {recent, noon, mostPages*query.MaxLimit + 1, 502, "look at less time: press t"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := told{errors: []query.ErrorGroup{{
				Endpoint: "/pay", Method: "POST", ErrorType: "SERVER_ERROR_500", Count: 4711, FirstSeen: test.first, LastSeen: test.last,
			}}}
			for i := range test.requests {
				x.requests = append(x.requests, request(i, test.status, map[int]string{502: "SERVER_ERROR_502"}[test.status]))
			}
			d := drive(t, filled, 120, 40, x.to)
			d.press("4", "enter")
			if shown := ansi.Strip(d.View()); !strings.Contains(shown, test.want) {
				t.Errorf("no %q in\n%s", test.want, shown)
			}
		})
	}
}

// TestNoErrors tells an application without errors from no application.
func TestNoErrors(t *testing.T) {
	t.Parallel()
	d := drive(t, filled, 80, 24, told{}.to)
	d.press("4")
	golden(t, "errors", "none", d)
}

// swapped is a source that can be replaced by another.
type swapped struct{ query.Source }

// TestListsKeepWhatTheyHave loses the source of Usage, Errors and Status: what
// they show stays, without its colours.
func TestListsKeepWhatTheyHave(t *testing.T) {
	t.Parallel()
	for number, words := range map[string]string{"3": "button_click", "4": "/notifications", "6": "Usage events"} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			source := &swapped{sourceOf(t, filled)}
			d := drive(t, filled, 120, 40, colours, func(o *Options) {
				o.Open = func(context.Context) (query.Source, func() error, error) { return source, nil, nil }
			})
			d.press(number)
			body := func() string { return strings.Join(strings.Split(d.View(), "\n")[bodyTop:d.height-1], "\n") }
			before := body()
			source.Source = away{}
			d.press("R")
			d.wantSeen(words, "lost since 12:34:56")
			after := body()
			if ansi.Strip(after) != ansi.Strip(before) || after == before {
				t.Errorf("shows\n%s\nwant, dimmed,\n%s", after, before)
			}
		})
	}
}

// TestListsSayThatTheyTakeLong waits for answers.
func TestListsSayThatTheyTakeLong(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"3", "4", "6"} {
		d := drive(t, slow, 80, 24)
		d.send(keyOf(number))
		d.wantUnseen("Calculating...")
		d.clock = d.clock.Add(slowAfter)
		d.send(tickMsg{})
		d.wantSeen("Calculating...")
	}
}
