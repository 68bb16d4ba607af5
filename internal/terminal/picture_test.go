//go:build screenshots

package terminal

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// ground is the colours of a terminal.
type ground struct{ paper, ink string }

var (
	dark  = ground{"#1b1e24", "#d8dee6"}
	light = ground{"#ffffff", "#1f2328"}
)

const (
	pictureWidth, pictureHeight = 120, 36  // cells
	cellWidth, cellHeight       = 8.43, 16 // pixels, of DejaVu Sans Mono at 14
	margin                      = 14       // pixels around the pane
)

// Pictures of the demo for the README: `make screenshots` takes them.
func TestPictures(t *testing.T) {
	s := newServer(t, "", "--demo")
	history(t, s.url())
	for name, of := range map[string]struct {
		ground ground
		theme  string
		period string
		keys   []string
		shows  string
	}{
		"overview-dark":  {dark, "dark", "7d", nil, "Response time"},
		"overview-light": {light, "light", "7d", nil, "Response time"},
		"endpoint-dark":  {dark, "dark", "7d", []string{"2", "Enter"}, "Distribution of response times"},
		"live-dark":      {dark, "dark", "24h", []string{"5"}, "following"},
	} {
		x := open(t, pictureWidth, pictureHeight, "tui", "--server", s.url(), "--theme", of.theme, "--range", of.period, "--compare", "--utc")
		x.until("Response time", "p95", "loaded")
		for _, key := range of.keys {
			x.press(key)
			x.when("an answer", func(screen string) bool {
				return !strings.Contains(screen, "Loading") && !strings.Contains(screen, "loading")
			})
		}
		x.until(of.shows, "loaded")
		if of.shows == "following" {
			visit(t, s.url())
			x.until("button_click", "/nothing-here")
		}
		x.when("all of it", func(screen string) bool { return !strings.Contains(screen, "Loading") })
		picture(t, x.tmux("capture-pane", "-p", "-e"), of.ground, "tui-"+name+".png")
		x.press("q")
		x.ended(0)
	}
}

// history waits until the demo has filled its past.
func history(t *testing.T, server string) {
	t.Helper()
	for deadline := time.Now().Add(3 * patience); ; <-time.After(again) {
		var status struct {
			Tables map[string]struct {
				Oldest time.Time `json:"oldest"`
			} `json:"tables"`
		}
		response, err := http.Get(server + "/api/v1/metrics/status")
		if err == nil {
			err = json.NewDecoder(response.Body).Decode(&status)
			_ = response.Body.Close()
		}
		oldest := status.Tables["aggregated_metrics"].Oldest
		if err == nil && !oldest.IsZero() && time.Since(oldest) > 88*24*time.Hour {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the demo has no history: %v, oldest %v", err, oldest)
		}
	}
}

// visit uses the demo for some seconds, as people do.
func visit(t *testing.T, server string) {
	t.Helper()
	paths := []string{"/orders", "/orders/17", "/products", "/products/9", "/search?q=tea", "/cart", "/customers/4/orders", "/reports", "/nothing-here"}
	for i := range 120 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server+paths[(i*i+i/7)%len(paths)], nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Forwarded-Email", []string{"ana", "ben", "elif", "hugo"}[i%4]+"@example.com")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if i%5 == 0 {
			event := fmt.Sprintf(`{"events":[{"event_type":"button_click","timestamp":%q,"page_name":"/orders","element_id":"add-order"}]}`,
				time.Now().UTC().Format(time.RFC3339Nano))
			if response, err = http.Post(server+"/api/v1/metrics/usage-events", "application/json", strings.NewReader(event)); err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
		}
	}
}

// picture lets Chromium draw a captured pane.
func picture(t *testing.T, pane string, g ground, name string) {
	t.Helper()
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		t.Fatal("CHROMIUM is not set: .ci/with-chromium does that")
	}
	page := filepath.Join(t.TempDir(), "pane.html")
	if err := os.WriteFile(page, []byte(drawn(pane, g)), 0o600); err != nil {
		t.Fatal(err)
	}
	target, err := filepath.Abs(filepath.Join("..", "..", "docs", "images", name))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	size := fmt.Sprintf("--window-size=%d,%d", int(math.Ceil(pictureWidth*cellWidth))+2*margin, pictureHeight*cellHeight+2*margin)
	out, err := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
		"--force-device-scale-factor=1.5", size, "--screenshot="+target, "file://"+page).CombinedOutput()
	if err != nil {
		t.Fatalf("chromium: %v: %s", err, out)
	}
}

// drawn turns a pane with its styles into a page: each character in a cell of
// its own, as fonts differ in how wide braille and blocks are.
func drawn(pane string, g ground) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><meta charset="utf-8"><style>
body { margin: %dpx; background: %s; color: %s; font: 14px/%dpx "DejaVu Sans Mono", monospace; }
pre { margin: 0; font: inherit } i { display: inline-block; width: %gpx; height: %dpx; font-style: normal; vertical-align: top; overflow: visible }
</style><pre>`, margin, g.paper, g.ink, cellHeight, cellWidth, cellHeight)
	now := style{}
	for line := range strings.Lines(pane) {
		for len(line) > 0 {
			if codes, rest, ok := sequence(line); ok {
				now, line = now.with(codes), rest
				continue
			}
			r, n := utf8.DecodeRuneInString(line)
			if line = line[n:]; r == '\n' {
				b.WriteByte('\n')
				continue
			}
			fmt.Fprintf(&b, `<i style="%s">%s</i>`, now.css(g), html.EscapeString(string(r)))
		}
	}
	b.WriteString("</pre>")
	return b.String()
}

// sequence cuts a style (ECMA-48, SGR) off the start of a line; others are left
// out.
func sequence(line string) (codes []string, rest string, ok bool) {
	after, found := strings.CutPrefix(line, "\x1b[")
	if !found {
		return nil, line, false
	}
	end := strings.IndexFunc(after, func(r rune) bool { return r >= '@' && r <= '~' })
	if end < 0 {
		return nil, line, false
	}
	if after[end] == 'm' {
		codes = strings.Split(after[:end], ";")
	}
	return codes, after[end+1:], true
}

// style is how characters look.
type style struct {
	ink, paper    string // empty: the terminal's own
	bold, reverse bool
}

func (s style) with(codes []string) style {
	for i := 0; i < len(codes); i++ {
		switch code, _ := strconv.Atoi(codes[i]); code {
		case 0:
			s = style{}
		case 1:
			s.bold = true
		case 22:
			s.bold = false
		case 7:
			s.reverse = true
		case 27:
			s.reverse = false
		case 39:
			s.ink = ""
		case 49:
			s.paper = ""
		case 38, 48:
			if i+4 < len(codes) && codes[i+1] == "2" {
				colour := fmt.Sprintf("rgb(%s,%s,%s)", codes[i+2], codes[i+3], codes[i+4])
				if i += 4; code == 38 {
					s.ink = colour
				} else {
					s.paper = colour
				}
			}
		}
	}
	return s
}

func (s style) css(g ground) string {
	ink, paper := s.ink, s.paper
	if s.reverse {
		if ink == "" {
			ink = g.ink
		}
		if paper == "" {
			paper = g.paper
		}
		ink, paper = paper, ink
	}
	css := ""
	if ink != "" {
		css += "color:" + ink + ";"
	}
	if paper != "" {
		css += "background:" + paper + ";"
	}
	if s.bold {
		css += "font-weight:bold;"
	}
	return css
}
