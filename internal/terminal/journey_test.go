package terminal

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// What a reader does with the dashboard, key by key.
func TestJourney(t *testing.T) {
	t.Parallel()
	s := newServer(t, seed(t))
	x := open(t, 120, 40, "tui", "--server", s.url(), "--utc")

	x.until("1 Overview", "Response time", "p95", "loaded", "? help", s.address)
	x.press("2")
	before := sortedBy(x.until("/checkout", "/orders/{id}", "▼"))
	x.press("s")
	x.when("another order", func(screen string) bool { return sortedBy(screen) != before && sortedBy(screen) != "" })
	x.press("/")
	x.enter("/CHECK")
	x.until("/checkout")
	x.gone("/products")
	x.press("Enter")
	x.press("Enter")
	x.until("POST /checkout", "Distribution of response times")
	x.press("Escape")
	x.gone("Distribution of response times")
	x.press("Escape") // all rows again
	x.until("/products", "/orders/{id}")

	for key, words := range map[string]string{"1": "Error rate", "3": "page_view", "4": "SERVER_ERROR_503", "5": "following", "6": "Aggregation"} {
		x.press(key)
		x.until(words)
	}

	x.press("t")
	x.until("last 90 days", "custom")
	x.press("End", "Enter")
	x.until("From", "To")
	x.press("C-u")
	x.enter("2099-01-01")
	x.press("Tab", "C-u")
	x.enter("2099-01-02")
	x.press("Enter")
	x.until("Cannot query future dates")
	x.press("C-u")
	x.enter("2098-01-02")
	x.press("Enter")
	x.until("Start date must be before end date")
	x.press("Escape")
	x.gone("Custom range")
	x.press("1", "t")
	x.until("last 90 days")
	x.press("Down", "Enter")
	x.until("last 7 days")

	x.press("?")
	x.until("Any other key closes this.", "next screen", "quit at once")
	x.press("x")
	x.gone("Any other key")

	x.press("q")
	x.ended(0)
	if got := x.note("stderr"); got != "" {
		t.Errorf("stderr: %s", got)
	}
}

// sortedBy returns the title of the column that a table is ordered by.
func sortedBy(screen string) string {
	for word := range strings.FieldsSeq(screen) {
		if strings.HasSuffix(word, "▼") || strings.HasSuffix(word, "▲") {
			return word
		}
	}
	return ""
}

// gate is a way to a server that holds questions up until it is opened.
type gate struct {
	*httptest.Server
	open func()
}

func newGate(t *testing.T, server string) gate {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy, opened := httputil.NewSingleHostReverseProxy(to), make(chan struct{})
	g := gate{open: sync.OnceFunc(func() { close(opened) })}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/status") { // by which the source is found to be there
			select {
			case <-opened:
			case <-r.Context().Done():
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	t.Cleanup(g.open)
	return g
}

// While answers are under way, keys work and the size may change.
func TestResizeWhileLoading(t *testing.T) {
	t.Parallel()
	g := newGate(t, newServer(t, seed(t)).url())
	x := open(t, 120, 40, "tui", "--server", g.URL, "--utc")
	x.until("Calculating...")

	x.resize(80, 24)
	x.full(80, 24)
	x.resize(200, 60)
	x.full(200, 60)
	x.resize(50, 12)
	x.until("Terminal too small", "60 x 15 needed")
	x.resize(80, 24)
	x.press("2")
	x.full(80, 24)
	x.until("Calculating...")
	x.press("?")
	x.until("Any other key closes this.")
	x.press("x")
	g.open()
	x.until("/checkout")
	x.press("1")
	x.until("Requests", "loaded")
	x.press("C-c")
	x.ended(0)
}

// full waits for a frame that fills a terminal of a size: the tabs on its second
// line, the keys on its last, both within its width.
func (x *terminal) full(width, height int) {
	x.t.Helper()
	x.when(fmt.Sprintf("a frame of %d x %d", width, height), func(screen string) bool {
		lines := strings.Split(strings.TrimSuffix(screen, "\n"), "\n")
		return len(lines) == height && strings.Contains(lines[1], "6 Status") && strings.HasSuffix(strings.TrimRight(lines[height-1], " "), "q quit") &&
			len([]rune(strings.TrimRight(lines[height-1], " "))) == width-1
	})
}

// A server that goes away is said to be away, since when, and is asked again
// until it answers.
func TestLostServer(t *testing.T) {
	t.Parallel()
	s := newServer(t, seed(t))
	x := open(t, 120, 40, "tui", "--server", s.url(), "--utc")
	x.until("loaded", "p95")
	s.stop()
	x.press("R")
	x.until("lost since", "next try in", "Response time") // what was known stays
	s.start()
	x.gone("lost since")
	x.until("loaded")
	x.press("5")
	x.until("following")
	s.stop()
	x.until("lost since")
	x.press("2", "1")
	x.press("q")
	x.ended(0)
}

// Whatever asks the program to end, the terminal is as it was.
func TestSignals(t *testing.T) {
	t.Parallel()
	database := seed(t)
	for name, s := range map[string]syscall.Signal{"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "INT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := open(t, 80, 24, "tui", "--database-url", database, "--utc")
			x.until("loaded")
			x.press("5")
			x.until("following")
			x.signal(s)
			x.ended(0)
		})
	}
}

// Requests arrive on the screen Live by themselves.
func TestLiveArrivals(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/broken") {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer app.Close()
	s := newServer(t, "sqlite://"+t.TempDir()+"/metrics.db", "--upstream", app.URL)
	x := open(t, 100, 30, "tui", "--server", s.url(), "--utc")
	x.until("No data available")
	x.press("5")
	x.until("Waiting for requests and events")
	for _, path := range []string{"/hello", "/broken/%1B%5B2J"} {
		response, err := http.Get(s.url() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
	}
	x.until("/hello", "! 500", "/broken", "GET")
	x.press("p")
	x.until("paused")
	x.press("Enter")
	x.until("Correlation id", "SERVER_ERROR_500")
	x.press("q")
	x.ended(0)
}

// The program ends as report does, in its words.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	refusing := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"nobody listens", []string{"--server", "http://127.0.0.1:1"}, 1, "check that appmetrics serve runs there"},
		{"no database", []string{"--database-url", "postgres://u@127.0.0.1:1/d"}, 1, "check that the database runs"},
		{"a wrong range", []string{"--range", "12h"}, 2, "one of 24h, 7d, 30d, 90d"},
		{"not logged in", []string{"--server", refusing(401, `{"error":"Unauthorized","message":"A valid access token is required","status_code":401}`)}, 4, "--token-file"},
		{"no administrator", []string{"--server", refusing(403, `{"error":"Access Denied","message":"Administrator privileges required to access metrics","status_code":403}`)}, 4, "Administrator privileges required to access metrics"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := open(t, 80, 24, append([]string{"tui"}, c.args...)...)
			x.ended(c.code)
			if got := x.note("stderr"); !strings.HasPrefix(got, "appmetrics: ") || !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
				t.Errorf("stderr: %s, want one line with %s", got, c.want)
			}
		})
	}
}

// The log stays off the screen while the dashboard is on it, and follows.
func TestNothingIsWrittenOverTheScreen(t *testing.T) {
	t.Parallel()
	x := open(t, 80, 24, "tui", "--database-url", seed(t), "--log-level", "debug", "--refresh", "1s", "--utc")
	first := x.until("loaded")
	x.when("another load", func(screen string) bool { return loadedAt(screen) != "" && loadedAt(screen) != loadedAt(first) })
	x.press("q")
	x.ended(0)
	if got := x.note("stderr"); strings.Contains(got, "INFO") || strings.Contains(got, "DEBUG") {
		t.Errorf("stderr: %s", got)
	}
}

// loadedAt returns the time of the load that a header names.
func loadedAt(screen string) string {
	_, after, found := strings.Cut(screen, "loaded ")
	if !found || len(after) < len(time.TimeOnly) {
		return ""
	}
	return after[:len(time.TimeOnly)]
}
