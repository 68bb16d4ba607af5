package server_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/server"
)

// places is how many requests are answered at once below the smallest bound of
// connections.
const places = fewest - 2

// A header must be there within seconds, however it comes.
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	g := before(t, answers, nil)
	for name, said := range map[string]string{
		"nothing": "", "half a line": "GET / HT", "half a header": hello[:len(hello)-2], "half a preface": "PRI * HTTP/2.0\r\n\r\nSM",
		"a second one": hello + "GET / HTTP/1.1\r\nX-A: b",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := g.open(t, said)
			if strings.HasPrefix(said, hello) {
				if res, _ := l.answer(); res.StatusCode != http.StatusOK {
					t.Errorf("got %d", res.StatusCode)
				}
			}
			l.ended()
		})
	}
}

// A body for appmetrics itself has ten seconds; the connection ends with it.
func TestSlowBodiesOfOwnPaths(t *testing.T) {
	t.Parallel()
	read := make(chan error, 1)
	g := before(t, answers, func(o *server.Options) {
		o.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			read <- err
			http.Error(w, "cut short", http.StatusBadRequest)
		})
	})
	l := g.open(t, "POST /api/v1/metrics/usage-events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	if err := within(t, "reading ends", read); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("reading ends with %v, want that the time was up", err)
	}
	if res, body := l.answer(); res.StatusCode != http.StatusBadRequest || body != "cut short\n" || !res.Close {
		t.Errorf("got %d %q, closing %v", res.StatusCode, body, res.Close)
	}
	l.ended()
	if sample := g.samples.wait(t, 1)[0]; sample.StatusCode != http.StatusBadRequest || sample.ErrorType != "CLIENT_ERROR_400" {
		t.Errorf("recorded %d %s", sample.StatusCode, sample.ErrorType)
	}
}

// The time that a body had is over with the body: the answer may come later.
func TestOwnPathsMayAnswerLater(t *testing.T) {
	t.Parallel()
	read, later := make(chan struct{}, 1), make(chan struct{})
	g := before(t, answers, func(o *server.Options) {
		o.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadAll(r.Body); err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			read <- struct{}{}
			select {
			case <-later:
				answers(w, r)
			case <-r.Context().Done():
				http.Error(w, "cut off", http.StatusInternalServerError)
			}
		})
	})
	l := g.open(t, "POST /api/v1/metrics/usage-events HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
	within(t, "body is read", read)
	g.open(t, "POST /api/v1/metrics/usage-events HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf").ended()
	close(later)
	if res, body := l.answer(); res.StatusCode != http.StatusOK || body != "answered" {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
	if !l.isOpen() {
		t.Error("the connection was closed")
	}
}

// How long a body for the application takes is the application's business.
func TestSlowBodiesOfTheApplication(t *testing.T) {
	t.Parallel()
	g := before(t, echo, nil)
	l := g.open(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf")
	control := g.open(t, "POST /api/v1/metrics/usage-events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	control.ended() // after the ten seconds that one of appmetrics' own has
	l.say("rest")
	if res, text := l.answer(); res.StatusCode != http.StatusOK || decode(t, text).Body != "halfrest" {
		t.Errorf("got %d %q", res.StatusCode, text)
	}
}

// When every place is taken by clients that send or read too slowly, they lose
// it to others: 408 for who was to send, and the end for who was to read. Half of
// the places are what there is for appmetrics' own paths.
func TestSlowClientsLoseTheirPlace(t *testing.T) {
	t.Parallel()
	const own = "/api/v1/metrics/"
	for name, test := range map[string]struct {
		path   string
		body   string // with its header; empty: a GET
		status int    // 0: the connection just ends
	}{
		"sending":                {"/upload", "Content-Length: 1000000\r\n\r\nsome", http.StatusRequestTimeout},
		"sending in chunks":      {"/upload", "Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n2", http.StatusRequestTimeout},
		"sending to the API":     {own + "upload", "Content-Length: 1000000\r\n\r\nsome", http.StatusBadRequest},
		"sending, unread":        {"/ignore", "Content-Length: 1000\r\n\r\nsome", http.StatusRequestTimeout},
		"taking what is sent":    {"/download", "", 0},
		"taking what is flushed": {own + "flushed", "", 0},
		"taking a file":          {own + "file", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ignored := make(chan struct{})
			g := before(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/upload":
					_, _ = io.Copy(io.Discard, r.Body)
				case "/ignore":
					select {
					case <-r.Context().Done():
					case <-ignored:
					}
				case "/download":
					_, _ = io.Copy(w, io.LimitReader(zeros{}, 1<<30))
				}
				answers(w, r)
			}, func(o *server.Options) {
				bounded(o)
				o.API = http.HandlerFunc(ownAnswers)
			})
			t.Cleanup(func() { close(ignored) })
			said, other, n := "GET "+test.path+" HTTP/1.1\r\nHost: x\r\n\r\n", hello, places
			if test.body != "" {
				said = "POST " + test.path + " HTTP/1.1\r\nHost: x\r\n" + test.body
			}
			if strings.HasPrefix(test.path, own) {
				other, n = "GET "+own+" HTTP/1.1\r\nHost: x\r\n\r\n", places/2
			}
			slow := make([]*line, n)
			for i := range slow {
				slow[i] = g.open(t, said)
			}
			g.taken(t, n)
			// One place is enough for the newcomer: who is not slow by then keeps theirs.
			eventually(t, "all are slow", func() bool { return server.Slow(g.Server) == n })
			served := false
			for tries := 0; !served; tries++ { // at the latest when they have been slow for long enough
				const most = 30 // each waits for a second
				if tries == most {
					t.Fatalf("%d newcomers found no place", most)
				}
				res, _ := g.open(t, other).answer()
				served = res.StatusCode == http.StatusOK
				if !served && (res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "1") {
					t.Fatalf("got %d %v", res.StatusCode, res.Header)
				}
			}
			if test.status == 0 {
				eventually(t, "recorded as a client that went away", func() bool {
					return slices.ContainsFunc(g.samples.taken(), func(r metric.Request) bool { return r.StatusCode == 499 && r.ErrorType == "ClientClosed" })
				})
				return
			}
			for _, l := range slow {
				if res, _ := l.answer(); res.StatusCode != test.status {
					t.Errorf("a slow client got %d, want %d", res.StatusCode, test.status)
				}
				l.ended()
			}
			recorded := 0
			for _, sample := range g.samples.taken() {
				if sample.StatusCode == test.status && sample.ErrorType == fmt.Sprint("CLIENT_ERROR_", test.status) {
					recorded++
				}
			}
			if recorded != n {
				t.Errorf("recorded %d times %d, want %d: %+v", recorded, test.status, n, g.samples.taken())
			}
		})
	}
}

// ownAnswers is an API with answers that do not fit into any buffer.
func ownAnswers(w http.ResponseWriter, r *http.Request) {
	switch _, what := path.Split(r.URL.Path); what {
	case "flushed":
		part := make([]byte, 1900) // less than what a Write passes on by itself
		for err := error(nil); err == nil; {
			if _, err = w.Write(part); err == nil {
				err = http.NewResponseController(w).Flush()
			}
		}
	case "file":
		http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(zeros{}, 0, 1<<30))
	default:
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}
}

// taken waits until so many requests are being answered.
func (g *rig) taken(t testing.TB, n int) {
	t.Helper()
	eventually(t, "every place is taken", func() bool { return server.Places(g.Server) == n })
}

// Clients that send fast enough, talk in turns, or wait for the application keep
// their place; for others there is 503, also from the API in its own form, and
// never from what says that the process lives.
func TestTooManyRealRequests(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var once sync.Once
	free := func() { once.Do(func() { close(release) }) }
	var refused atomic.Int32
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			refused.Add(1)
		}
		<-release
		_, _ = io.Copy(io.Discard, r.Body)
		answers(w, r)
	}, bounded)
	t.Cleanup(free)
	lines := make([]*line, places)
	for i := range lines {
		lines[i] = g.open(t, hello)
	}
	g.taken(t, places)

	res, text := g.open(t, "GET /late HTTP/1.1\r\nHost: x\r\n\r\n").answer()
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "1" || res.Header.Get("X-Request-Id") == "" ||
		!strings.HasPrefix(text, "503 Service Unavailable: Too many requests at once.") {
		t.Errorf("got %d %v %q", res.StatusCode, res.Header, text)
	}
	res, text = g.open(t, "POST /api/v1/metrics/usage-events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf").answer()
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Content-Type") != "application/json" ||
		!strings.Contains(text, `"status_code":503,"correlation_id":"`+res.Header.Get("X-Request-Id")+`"`) {
		t.Errorf("API: got %d %v %q", res.StatusCode, res.Header, text)
	}
	if res, _ = g.open(t, "POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf").answer(); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("half a body: got %d", res.StatusCode)
	}
	res, text = g.open(t, "GET /internal/appmetrics/health HTTP/1.1\r\nHost: x\r\n\r\n").answer()
	if res.StatusCode != http.StatusOK || text != "ok\n" {
		t.Errorf("health: got %d %q", res.StatusCode, text)
	}
	all := g.samples.wait(t, 3)
	for _, sample := range all {
		if sample.StatusCode != http.StatusServiceUnavailable || sample.ErrorType != "SERVER_ERROR_503" {
			t.Errorf("recorded %+v", sample)
		}
	}
	if n := refused.Load(); n != 0 {
		t.Errorf("the application was asked %d times in spite of that", n)
	}

	free()
	for i, l := range lines {
		if res, body := l.answer(); res.StatusCode != http.StatusOK || body != "answered" {
			t.Errorf("client %d got %d %q", i, res.StatusCode, body)
		}
	}
	if res, _ := g.open(t, hello).answer(); res.StatusCode != http.StatusOK {
		t.Errorf("afterwards: got %d", res.StatusCode)
	}
}
