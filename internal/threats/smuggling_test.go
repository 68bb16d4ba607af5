package threats

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// witness is an application that notes each request that it gets, as it reads
// it. internal/server holds the proxy to more of the row.
type witness struct {
	mu   sync.Mutex
	seen []string
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.mu.Lock()
	w.seen = append(w.seen, r.Method+" "+r.URL.Path)
	w.mu.Unlock()
	switch r.URL.Path {
	case "/abort":
		_, _ = rw.Write([]byte("half"))
		_ = http.NewResponseController(rw).Flush()
		panic(http.ErrAbortHandler)
	case "/headers":
		_ = r.Header.WriteSubset(rw, nil)
	}
}

func (w *witness) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

// Whoever and whatever stands between reads one and the same requests: what can
// be read in two ways is refused, and nothing that is hidden in a body reaches
// the application or is recorded.
func TestNothingIsSmuggled(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		app := &witness{}
		upstream := httptest.NewServer(app)
		t.Cleanup(upstream.Close)
		s := install(t, engine, "APPMETRICS_UPSTREAM="+upstream.URL).serve()
		const hidden = "GET /smuggled/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
		var all sync.WaitGroup
		for name, head := range map[string]string{
			"chunks, then more":      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
			"chunks twice":           "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"no such encoding":       "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\n",
			"two lengths":            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 38\r\n\r\n",
			"a list of lengths":      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 38\r\n\r\n",
			"a signed length":        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n",
			"a space before a colon": "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length : 38\r\n\r\n",
			"a bare CR":              "POST /a HTTP/1.1\r\nHost: x\r\nX-A: b\rContent-Length: 38\r\n\r\n",
			"two hosts":              "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
			"no host":                "GET /a HTTP/1.1\r\n\r\n",
			"a bad chunk size":       "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
			"NUL in a header":        "GET /a HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
		} {
			all.Go(func() {
				answers := s.send(head + fmt.Sprintf(hidden, strings.ReplaceAll(name, " ", "-")))
				if n := strings.Count(answers, "HTTP/1.1 200"); n > 1 {
					t.Errorf("%s: %d requests were answered:\n%s", name, n, answers)
				}
			})
		}
		all.Wait()
		for _, seen := range app.requests() {
			if strings.Contains(seen, "smuggled") && !strings.HasSuffix(seen, "/apart") {
				t.Errorf("the application got %s", seen)
			}
		}
		// These have one meaning (RFC 9112, sections 5.2 and 6.1), in which a second
		// request follows: it is one for everybody.
		for _, head := range []string{
			"POST /a HTTP/1.1\r\nHost: x\r\nX-A: b\r\n Content-Length: 38\r\n\r\n",
			"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		} {
			if got := s.send(head + fmt.Sprintf(hidden, "apart")); strings.Count(got, "HTTP/1.1 200") != 2 {
				t.Errorf("%q: %s", head, got)
			}
		}
		// Hop-by-hop headers end here.
		got := s.send("GET /headers HTTP/1.1\r\nHost: x\r\nConnection: X-Hop, close\r\nX-Hop: 1\r\nTE: trailers\r\nProxy-Authorization: Basic x\r\nKeep-Alive: timeout=5\r\n\r\n")
		for _, name := range []string{"X-Hop", "Proxy-Authorization", "Keep-Alive"} {
			if strings.Contains(got, "\n"+name+":") {
				t.Errorf("%s reaches the application:\n%s", name, got)
			}
		}
		if got := s.send("GET /abort HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); strings.Contains(got, "0\r\n\r\n") {
			t.Errorf("an aborted answer looks whole:\n%s", got)
		}
		s.ask(http.MethodGet, "/after", nil).must(t, http.StatusOK)
		s.stop()
		recorded := s.column("SELECT method || ' ' || endpoint FROM performance_metrics WHERE app = 'default' AND status_code <> 400")
		seen := app.requests()
		slices.Sort(recorded)
		slices.Sort(seen)
		if !slices.Equal(recorded, seen) || len(seen) < 7 {
			t.Errorf("recorded %q\nthe application got %q", recorded, seen)
		}
	})
}

// send writes bytes to the program and returns all that it answers.
func (s *site) send(text string) string {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		s.t.Fatal(err)
	}
	answer, _ := io.ReadAll(bufio.NewReader(conn))
	return string(answer)
}
