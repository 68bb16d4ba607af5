package threats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/creack/pty"
	"github.com/google/uuid"
	"golang.org/x/net/html"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// mark is in every hostile text, so that a test sees that it was shown.
const mark = "Pwn"

// hostile are texts that mean something to one output or another.
var hostile = []string{
	"<script>alert('Pwn')</script>",
	`"><img src=x onerror=alert("Pwn")>`,
	"javascript:alert(`Pwn`)",
	"</script><!--Pwn",
	"{{.Pwn}}",
	"\x1b]0;Pwn\x07",
	"\x1b[2J\x1b[31mPwn",
	"\u009b2JPwn",
	"Pwn\u202egnp.exe",
	"Pwn\u2028line\u2029paragraph",
	"Pwn\r\nSet-Cookie: pwned=1",
	"Pwn\n{\"level\":\"ERROR\",\"msg\":\"forged\"}",
	"Pwn\"} 1\nforged_total 1",
	"=cmd|' /C calc'!A0Pwn",
	"+1+Pwn", "-1-Pwn", "@SUM(Pwn)", "\t=Pwn", "Pwn;=1+1",
	"Pwn|a|b\n---|---", "[Pwn](javascript:alert(1))", "`Pwn`", "![Pwn](https://evil.example/x.png)",
	"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301Pwn",
	"Pwn\ufeff\u200b\u00ad",
}

// seedHostile puts each hostile text into every column that takes text, as
// another program may do by plain INSERT: no sanitiser of ours has seen it.
func (s *site) seedHostile() {
	s.t.Helper()
	db := storetest.DB(s.t, s.database)
	texts := hostile
	if s.engine == store.SQLite {
		texts = append([]string{"\xff\xfePwn"}, texts...) // PostgreSQL refuses it
	}
	for _, age := range []time.Duration{time.Minute, 9 * 24 * time.Hour} {
		at := time.Now().Add(-age).UTC().Format(time.RFC3339)
		for i, text := range texts {
			value := "'" + strings.ReplaceAll(text, "'", "''") + "'"
			for _, statement := range []string{
				fmt.Sprintf(`INSERT INTO performance_metrics (id, timestamp, endpoint, method, status_code, response_time_ms, user_id, error_type)
					VALUES ('%s', '%s', %[3]s, %[3]s, 500, %d, %[3]s, %[3]s)`, uuid.NewString(), at, value, i+1),
				fmt.Sprintf(`INSERT INTO usage_events (id, timestamp, event_type, user_id, page_name, element_id, success)
					VALUES ('%s', '%s', %[3]s, %[3]s, %[3]s, %[3]s, %[4]s)`, uuid.NewString(), at, value, "true"),
			} {
				if _, err := db.Exec(statement); err != nil {
					s.t.Fatalf("%s: %v", statement, err)
				}
			}
		}
	}
	if _, errs, code := s.run("aggregate"); code != 0 {
		s.t.Fatalf("aggregate: %d %s", code, errs)
	}
}

// Whatever text is stored, it reaches nobody as anything but text.
func TestStoredTextStaysTextEverywhere(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := install(t, engine)
		s.seedHostile()
		for _, format := range []string{"table", "json", "csv", "markdown", "html"} {
			out, errs, code := s.run("report", "--range", "30d", "--output", format)
			if code != 0 {
				t.Fatalf("report %s: %d %s", format, code, errs)
			}
			if n := strings.Count(out, mark); n < len(hostile) {
				t.Errorf("%s shows %d of the texts: the test proves nothing", format, n)
			}
			printable(t, format, out)
			switch format {
			case "csv":
				checkCSV(t, out)
			case "html":
				checkHTML(t, out)
			case "markdown":
				checkMarkdown(t, out)
			}
		}
		s.checkScreens()
		s.serve()
		s.checkAnswers()
	})
}

// printable fails unless all of a text shows itself: no escape sequence, no
// control character, nothing that turns lines around or hides.
func printable(t testing.TB, what, text string) {
	t.Helper()
	for i, char := range text {
		if char != '\n' && !unicode.IsPrint(char) {
			t.Errorf("%s holds %U after %q", what, char, text[max(0, i-40):i])
			return
		}
	}
}

func checkCSV(t testing.TB, text string) {
	t.Helper()
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	records, err := reader.ReadAll()
	if err != nil {
		t.Errorf("csv: %v", err)
	}
	for _, record := range records {
		for _, cell := range record {
			for part := range strings.SplitSeq(cell, ";") {
				if strings.Contains(cell, mark) && strings.IndexAny(strings.TrimSpace(part), "=+-@") == 0 {
					t.Errorf("a spreadsheet calculates %q", cell)
				}
			}
		}
	}
}

func checkHTML(t testing.TB, text string) {
	t.Helper()
	for page := html.NewTokenizer(strings.NewReader(text)); ; {
		kind := page.Next()
		if kind == html.ErrorToken {
			return
		}
		token := page.Token()
		if kind == html.CommentToken && strings.Contains(token.Data, mark) {
			t.Errorf("html: a comment %q", token.Data)
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		if token.Data == "script" || token.Data == "img" || token.Data == "iframe" {
			t.Errorf("html: an element %s", token)
		}
		for _, a := range token.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "href" && !strings.HasPrefix(a.Val, "#") || a.Key == "src" {
				t.Errorf("html: an attribute %s=%q", a.Key, a.Val)
			}
		}
	}
}

// checkMarkdown takes away what is in code spans and what is escaped: nothing
// that marks up may be left of a hostile text.
func checkMarkdown(t testing.TB, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if !strings.Contains(line, mark) {
			continue
		}
		rest := line
		for {
			before, after, found := strings.Cut(rest, "`")
			if !found {
				break
			}
			_, after, found = strings.Cut(after, "`")
			if !found {
				break // an escaped one
			}
			rest = before + after
		}
		for _, bad := range []string{"<script", "<img", "](", "<!--"} {
			if strings.Contains(strings.ReplaceAll(rest, `\`+bad[:1], ""), bad) {
				t.Errorf("markdown: %q in %q", bad, line)
			}
		}
	}
}

// checkAnswers asks every question of the API, which the dashboard shows too.
func (s *site) checkAnswers() {
	s.t.Helper()
	const within = "?time_range=30d"
	for _, question := range []string{
		"/performance" + within, "/usage" + within, "/time-series" + within + "&metric_type=both", "/errors" + within,
		"/requests" + within + "&limit=500", "/events" + within + "&limit=500", "/status",
		"/performance" + within + "&endpoint=%1b%5d0%3bPwn%07", "/performance?time_range=%3Cscript%3EPwn", "/requests?cursor=%3Cscript%3EPwn%1b",
	} {
		a := s.ask(http.MethodGet, api+question, nil)
		if !json.Valid([]byte(a.body)) || a.header.Get("Content-Type") != "application/json" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			s.t.Errorf("%s: %s %q", question, a.body, a.header)
		}
		if i := strings.IndexAny(strings.TrimSuffix(a.body, "\n"), "<>&\u2028\u2029\x7f\x1b\n\r\t\x00"); i >= 0 {
			s.t.Errorf("%s: a raw %q", question, a.body[max(0, i-20):min(len(a.body), i+20)])
		}
	}
	page := s.ask(http.MethodGet, "/metrics", nil).must(s.t, http.StatusOK)
	policy := page.header.Get("Content-Security-Policy")
	if strings.Contains(page.body, mark) || !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe-inline'; script") || !strings.Contains(policy, "require-trusted-types-for 'script'") {
		s.t.Errorf("the page has policy %q", policy)
	}
	for line := range strings.Lines(s.ask(http.MethodGet, "/internal/appmetrics/prometheus", nil).must(s.t, http.StatusOK).body) {
		if strings.HasPrefix(line, "forged") {
			s.t.Errorf("prometheus: %s", line)
		}
	}
}

// checkScreens looks at every screen of the terminal dashboard.
func (s *site) checkScreens() {
	s.t.Helper()
	program := s.command("tui", "--range", "30d")
	program.Env = append(program.Env, "TERM=xterm-256color", "LANG=C.UTF-8")
	terminal, err := pty.StartWithSize(program, &pty.Winsize{Rows: 50, Cols: 160})
	if err != nil {
		s.t.Fatal(err)
	}
	defer terminal.Close()
	watch := time.AfterFunc(patience, func() { _ = program.Process.Kill() })
	defer watch.Stop()
	screen := &screens{t: s.t, terminal: terminal}
	screen.until("quit", 1)
	for _, key := range []string{"2", "3", "4", "5"} { // endpoints, usage, errors, live
		shown := strings.Count(screen.drawn.String(), mark)
		if _, err := terminal.WriteString(key); err != nil {
			s.t.Fatal(err)
		}
		screen.until(mark, shown+1)
	}
	if _, err := terminal.WriteString("q"); err != nil {
		s.t.Fatal(err)
	}
	_, _ = io.Copy(&screen.drawn, terminal) // ends with an error when the program does
	if err := program.Wait(); err != nil {
		s.t.Errorf("tui: %v", err)
	}
	for _, sent := range []string{"\x1b]0;Pwn", "\x1b[31mPwn", "\u009b2JPwn", "\u202egnp", "\u2028", "\ufeff", "\u200b", "\t=Pwn"} {
		if strings.Contains(screen.drawn.String(), sent) {
			s.t.Errorf("the terminal got %q", sent)
		}
	}
}

// screens is all that the program has drawn.
type screens struct {
	t        testing.TB
	terminal io.Reader
	drawn    bytes.Buffer
}

// until reads what the program draws, until a text was there so many times.
func (x *screens) until(text string, times int) {
	x.t.Helper()
	for buffer := make([]byte, 64<<10); strings.Count(x.drawn.String(), text) < times; {
		n, err := x.terminal.Read(buffer)
		x.drawn.Write(buffer[:n])
		if err != nil {
			x.t.Fatalf("tui ended: %v\n%q", err, x.drawn.String())
		}
	}
}
