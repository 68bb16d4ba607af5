package server_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/appmetrics/appmetrics/internal/server"
)

// seen keeps what an application was asked.
type seen struct {
	mu   sync.Mutex
	uris []string
}

func (s *seen) note(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.uris = append(s.uris, r.Method+" "+r.RequestURI)
		s.mu.Unlock()
		next(w, r)
	}
}

func (s *seen) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.uris)
}

// smuggled is what an attacker would have the application take for a request
// that nobody else has seen.
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

// atOnce answers without waiting for the body, which net/http would do, and
// then waits for it.
func atOnce(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	_ = control.EnableFullDuplex()
	w.Header().Set("Content-Length", "8")
	answers(w, r)
	_ = control.Flush()
	_ = r.Body.Close()
}

// Requests that could be read in two ways are refused before anybody is asked,
// recorded by nobody, and nothing after them is read.
func TestRequestsWithTwoReadings(t *testing.T) {
	t.Parallel()
	var app seen
	g := before(t, app.note(echo), nil)
	chunked := "4\r\nbody\r\n0\r\n\r\n"
	for name, text := range map[string]string{
		"two lengths":                  "Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
		"length and an underscore":     "Content-Length: 4\r\nContent_Length: 0\r\nContent-Length: 0\r\n\r\nbody",
		"lengths in a list":            "Content-Length: 4, 5\r\n\r\nbody",
		"length in hex":                "Content-Length: 0x4\r\n\r\nbody",
		"length with a plus":           "Content-Length: +4\r\n\r\nbody",
		"length below zero":            "Content-Length: -1\r\n\r\nbody",
		"length beyond 63 bits":        "Content-Length: 9223372036854775808\r\n\r\nbody",
		"empty length":                 "Content-Length: \r\n\r\nbody",
		"empty and then a length":      "Content-Length: \r\nContent-Length: 4\r\n\r\nbody",
		"length and an unknown coding": "Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\nbody",
		"coding with a vertical tab":   "Content-Length: 4\r\nTransfer-Encoding: \vchunked\r\n\r\n" + chunked,
		"coding with a quote":          "Transfer-Encoding: \"chunked\"\r\n\r\n" + chunked,
		"coding with a semicolon":      "Transfer-Encoding: chunked;q=1\r\n\r\n" + chunked,
		"coding in a list":             "Transfer-Encoding: chunked, identity\r\n\r\n" + chunked,
		"coding in a list, the last":   "Transfer-Encoding: identity, chunked\r\n\r\n" + chunked,
		"coding of nothing":            "Transfer-Encoding:\r\n\r\n" + chunked,
		"two codings":                  "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunked,
		"the coding twice":             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
		"space before the colon":       "Transfer-Encoding : chunked\r\n\r\n" + chunked,
		"tab before the colon":         "Content-Length\t: 4\r\n\r\nbody",
		"control in the name":          "Transfer\x01-Encoding: chunked\r\n\r\n" + chunked,
		"a name of nothing":            ": 4\r\n\r\nbody",
		"a line without a colon":       "Content-Length 4\r\n\r\nbody",
		"zero byte in a value":         "X-A: b\x00c\r\n\r\n",
		"CR in a value":                "X-A: b\rContent-Length: 4\r\n\r\nbody",
		"a first line that is folded":  " Content-Length: 4\r\nX-A: b\r\n\r\nbody",
		"two hosts":                    "Host: y\r\n\r\n",
		"host with a path":             "\r\nHost: a/b\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := g.open(t, "POST /first HTTP/1.1\r\nHost: x\r\n"+text+smuggled)
			res, _ := l.answer()
			if name == "host with a path" { // ends the header: a whole request, and then one without a target
				res, _ = l.answer()
			}
			if res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusNotImplemented || !res.Close {
				t.Errorf("got %d, closing %v", res.StatusCode, res.Close)
			}
			l.ended()
		})
	}
	t.Cleanup(func() { // once the parallel ones are over
		for _, uri := range app.all() {
			if strings.Contains(uri, "smuggled") {
				t.Errorf("the application was asked %q", uri)
			}
		}
	})
}

// Requests that have one reading are passed on with it, whatever they look like,
// and what follows on the connection is a request of its own, recorded once.
func TestRequestsWithOneReading(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		head, body string
		want       string // the body that the application reads
		not        string // the header that it must not see
	}{
		"a length":                     {"Content-Length: 4\r\n", "body", "body", ""},
		"the same length twice":        {"Content-Length: 4\r\nContent-Length: 4\r\n", "body", "body", ""},
		"chunks":                       {"Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n", "body", ""},
		"chunks in capitals":           {"TRANSFER-ENCODING: CHUNKED\r\n", "4\r\nbody\r\n0\r\n\r\n", "body", ""},
		"chunks after a tab":           {"Transfer-Encoding:\tchunked\r\n", "4\r\nbody\r\n0\r\n\r\n", "body", ""},
		"chunks with extensions":       {"Transfer-Encoding: chunked\r\n", "4;a=b;c\r\nbody\r\n0;d\r\n\r\n", "body", ""},
		"chunks and a length":          {"Content-Length: 999\r\nTransfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n", "body", "Content-Length"},
		"a length and chunks":          {"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "4\r\nbody\r\n0\r\n\r\n", "body", "Content-Length"},
		"an underscore for a coding":   {"Content-Length: 4\r\nTransfer_Encoding: chunked\r\n", "body", "body", ""},
		"lines that end with LF":       {"X-A: b\nContent-Length: 4\n", "body", "body", ""},
		"a folded line":                {"X-A: b\r\n Content-Length: 999\r\nContent-Length: 4\r\n", "body", "body", ""},
		"a trailer that is no header":  {"Transfer-Encoding: chunked\r\nTrailer: X-Forwarded-User\r\n", "4\r\nbody\r\n0\r\nX-Forwarded-User: root\r\nContent-Length: 99\r\n\r\n", "body", "X-Forwarded-User"},
		"no body where there is none":  {"", "", "", ""},
		"an expectation that is known": {"Expect: 100-continue\r\nContent-Length: 4\r\n", "body", "body", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var app seen
			g := before(t, app.note(echo), nil)
			l := g.open(t, "POST /first HTTP/1.1\r\nHost: x\r\n"+test.head+"\r\n"+test.body+"GET /second HTTP/1.1\r\nHost: x\r\n\r\n")
			res, text := l.answer()
			for res.StatusCode == http.StatusContinue {
				res, text = l.answer()
			}
			got := decode(t, text)
			if res.StatusCode != http.StatusOK || got.Body != test.want || got.URI != "/first" {
				t.Errorf("got %d, application saw %+v", res.StatusCode, got)
			}
			if test.not != "" && got.Header.Get(test.not) != "" {
				t.Errorf("application saw %s: %s", test.not, got.Header.Get(test.not))
			}
			if res, text := l.answer(); res.StatusCode != http.StatusOK || decode(t, text).URI != "/second" {
				t.Errorf("second: got %d %s", res.StatusCode, text)
			}
			if asked := app.all(); !slices.Equal(asked, []string{"POST /first", "GET /second"}) {
				t.Errorf("the application was asked %q", asked)
			}
			samples := g.samples.wait(t, 2)
			if len(samples) != 2 || samples[0].Endpoint != "/first" || samples[1].Endpoint != "/second" || samples[1].StatusCode != http.StatusOK {
				t.Errorf("recorded %+v", samples)
			}
		})
	}
}

// Bodies that are damaged on the way end the connection: what follows them is
// never read as a request, also when the application has answered already.
func TestDamagedBodiesEndTheConnection(t *testing.T) {
	t.Parallel()
	const chunks = "Transfer-Encoding: chunked\r\n"
	for name, text := range map[string]string{
		"size that is no number":      chunks + "\r\nx\r\n",
		"size beyond 64 bits":         chunks + "\r\n10000000000000000\r\n",
		"size with a sign":            chunks + "\r\n+4\r\nbody\r\n0\r\n\r\n",
		"size in a line that ends LF": chunks + "\r\n4\nbody\r\n0\r\n\r\n",
		"chunk longer than its size":  chunks + "\r\n2\r\nbody\r\n0\r\n\r\n",
		"chunk without its end":       chunks + "\r\n4\r\nbodyXX0\r\n\r\n",
		"extension without end":       chunks + "\r\n4;" + strings.Repeat("a", 8<<10) + "\r\nbody\r\n0\r\n\r\n",
	} {
		for _, path := range []string{"/reads", "/answers-at-once"} {
			t.Run(name+path, func(t *testing.T) {
				t.Parallel()
				var app seen
				g := before(t, app.note(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/reads" {
						_, _ = io.Copy(io.Discard, r.Body)
						answers(w, r)
						return
					}
					atOnce(w, r)
				}), nil)
				head, body, _ := strings.Cut(text, "\r\n\r\n")
				l := g.open(t, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", path, head))
				if path == "/answers-at-once" { // before there is any damage to see
					l.answer()
				}
				l.say(body + smuggled)
				l.ended()
				_ = l.Close()
				eventually(t, "nothing more is read", func() bool { return server.Connections(g.Server) == 0 })
				if asked := app.all(); slices.Contains(asked, "GET /smuggled") {
					t.Errorf("the application was asked %q", asked)
				}
				for _, sample := range g.samples.taken() {
					if sample.Endpoint == "/smuggled" {
						t.Errorf("recorded %+v", sample)
					}
				}
			})
		}
	}
}

// The rest of a body that the application did not want has a second to come, and
// is never taken for the next request.
func TestRestOfABodyIsNoRequest(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"of known length": "Content-Length: 1000\r\n\r\nsome", "in chunks": "Transfer-Encoding: chunked\r\n\r\n3e8\r\nsome",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var app seen
			var log logged
			g := before(t, app.note(atOnce), func(o *server.Options) { o.Logger = log.logger() })
			l := g.open(t, "POST /early HTTP/1.1\r\nHost: x\r\n"+head)
			if res, body := l.answer(); res.StatusCode != http.StatusOK || body != "answered" {
				t.Errorf("got %d %q", res.StatusCode, body)
			}
			_, _ = io.WriteString(l.Conn, smuggled) // it may be closed already
			l.ended()
			eventually(t, "the end of a connection that its client keeps", func() bool { return server.Connections(g.Server) == 0 })
			if asked := app.all(); !slices.Equal(asked, []string{"POST /early"}) || log.String() != "" {
				t.Errorf("the application was asked %q; log: %s", asked, log.String())
			}
		})
	}
}

// A body that comes to its end in time leaves the connection for the next
// request, although nobody wanted it.
func TestBodyThatNobodyReads(t *testing.T) {
	t.Parallel()
	g := before(t, atOnce, nil)
	l := g.open(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("a", 100_000))
	if res, _ := l.answer(); res.StatusCode != http.StatusOK {
		t.Errorf("got %d", res.StatusCode)
	}
	if !l.isOpen() {
		t.Error("the connection was closed")
	}
}

// Nor does a refusal on appmetrics' own routes cost a connection that it does not
// announce: a client would send its next post into the void.
func TestOwnRoutesThatReadNoBody(t *testing.T) {
	t.Parallel()
	g := serve(t, nil)
	for _, c := range []struct {
		name  string
		bytes int
		stays bool
	}{{"a small body", 100, true}, {"a large one", 100_000, true}, {"more than is worth reading", 1 << 20, false}} {
		l := g.open(t, fmt.Sprintf("POST /api/v1/metrics/usage-events HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", c.bytes)+strings.Repeat("a", c.bytes))
		res, _ := l.answer()
		if res.StatusCode != http.StatusOK || res.Close == c.stays {
			t.Errorf("%s: got %d, announced to close: %v", c.name, res.StatusCode, res.Close)
		}
		if c.stays && !l.isOpen() {
			t.Errorf("%s: the connection was closed", c.name)
		}
	}
}

// A client that sends more than anybody wants hears the answer all the same, and
// no reset that would take it away.
func TestAnswerBeforeALargeBody(t *testing.T) {
	t.Parallel()
	heard := make(chan struct{})
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		_ = control.EnableFullDuplex()
		w.Header().Set("Content-Length", "8")
		answers(w, r)
		_ = control.Flush()
		<-heard // and reads nothing
	}, nil)
	t.Cleanup(func() { close(heard) })
	const size = 1 << 20
	l := g.open(t, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", size+1)+strings.Repeat("a", size))
	if res, body := l.answer(); res.StatusCode != http.StatusOK || body != "answered" {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
	if rest, err := io.ReadAll(l.in); err != nil || len(rest) > 0 {
		t.Errorf("after the answer: %q, %v", rest, err)
	}
}
