package server_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/server"
)

// A disk or a database that hangs under posts to appmetrics takes nothing from
// the application: half of the places are its own.
func TestHangingPostsLeaveTheApplicationItsPlaces(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hanging := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-release
		answers(w, r)
	})
	var log logged
	g := before(t, answers, func(o *server.Options) {
		bounded(o)
		o.API, o.Dashboard, o.Logger = hanging, hanging, log.logger()
	})
	const post, view = "POST /api/v1/metrics/usage-events HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", "GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n"
	lines := make([]*line, places/2)
	for i := range lines {
		lines[i] = g.open(t, []string{post, view}[i%2])
	}
	g.taken(t, places/2)
	for _, said := range []string{post, view} {
		res, text := g.open(t, said).answer()
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "1" || !strings.Contains(text, "Too many requests at once.") {
			t.Errorf("%.20q: got %d %v %q", said, res.StatusCode, res.Header, text)
		}
	}
	for range fewest {
		g.newcomer(t)
	}
	if n := strings.Count(log.String(), `what="requests to appmetrics itself" percent=85 used=6 capacity=7`); n != 1 {
		t.Errorf("%d warnings, want 1: %s", n, log.String())
	}
	close(release)
	for i, l := range lines {
		if res, body := l.answer(); res.StatusCode != http.StatusOK || body != "answered" {
			t.Errorf("client %d got %d %q", i, res.StatusCode, body)
		}
	}
	if res, _ := g.get(t, "/api/v1/metrics/usage"); res.StatusCode != http.StatusOK {
		t.Errorf("afterwards: got %d", res.StatusCode)
	}
}

// The connection of a request that waits for a place is not a silent one.
func TestWaitingRequestsKeepTheirConnection(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	g := before(t, func(http.ResponseWriter, *http.Request) { <-release }, bounded)
	t.Cleanup(func() { close(release) })
	for range places {
		g.open(t, hello)
	}
	g.taken(t, places)
	waiting := g.open(t, hello)
	eventually(t, "it waits", func() bool { return server.Waiting(g.Server) == 1 })
	for range 3 {
		g.open(t, "")
	}
	if res, _ := waiting.answer(); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503", res.StatusCode)
	}
}

// A client that was told to wait for the word to go on is not slow while the
// application takes its time to say it.
func TestClientsThatAwaitTheWordToGoOn(t *testing.T) {
	t.Parallel()
	arrived, read := make(chan struct{}), make(chan struct{})
	g := serve(t, func(o *server.Options) {
		bounded(o)
		o.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body != http.NoBody {
				close(arrived)
				<-read
			} else {
				<-r.Context().Done()
			}
			if _, err := io.ReadAll(r.Body); err != nil {
				w.WriteHeader(http.StatusBadRequest)
			}
		})
	})
	const path = "/api/v1/metrics/usage-events HTTP/1.1\r\nHost: x\r\n"
	client := g.open(t, "POST "+path+"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n")
	within(t, "request in flight", arrived)
	others := make([]*line, places-1)
	for i := range others {
		others[i] = g.open(t, "GET "+path+"\r\n")
	}
	g.taken(t, places)
	// Whoever waits for a second looks for clients that are slow after half of it.
	if res, _ := g.open(t, "GET "+path+"\r\n").answer(); res.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("newcomer got %d, want 503", res.StatusCode)
	}
	close(read)
	if res, _ := client.answer(); res.StatusCode != http.StatusContinue {
		t.Fatalf("got %d, want 100", res.StatusCode)
	}
	client.say("body")
	if res, _ := client.answer(); res.StatusCode != http.StatusOK {
		t.Errorf("got %d, want 200", res.StatusCode)
	}
	for _, l := range others {
		_ = l.Close()
	}
}

// Half a body of a request that nobody reads ends soon, whatever the path.
func TestBodiesThatNobodyReadsEnd(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*server.Options){
		"alone":                      nil,
		"in front of an application": func(o *server.Options) { o.Upstream = parse(t, "http://127.0.0.1:1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := serve(t, change)
			for _, path := range []string{"/internal/appmetrics/health", "/internal/appmetrics/nothing"} {
				l := g.open(t, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
				if res, _ := l.answer(); res.StatusCode < http.StatusBadRequest {
					t.Errorf("%s: got %d", path, res.StatusCode)
				}
				l.ended()
			}
		})
	}
}

// What a stopping server cuts off before anything was said is answered 503, and
// never by the empty 200 that net/http makes of silence.
func TestStopMakesNothingLookAnswered(t *testing.T) {
	t.Parallel()
	const path = "/api/v1/metrics/performance HTTP/1.1\r\nHost: x\r\n"
	for name, said := range map[string]string{
		"a question":  "GET " + path + "\r\n",
		"a post":      "POST " + path + "Content-Length: 4\r\n\r\nbody",
		"half a post": "POST " + path + "Content-Length: 8\r\n\r\nhalf",
		"a page":      "GET /metrics/ HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arrived := make(chan struct{})
			silent := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				close(arrived)
				<-r.Context().Done()
			})
			g := before(t, answers, func(o *server.Options) {
				o.Grace, o.API, o.Dashboard = 6*time.Second, silent, silent
			})
			l := g.open(t, said)
			within(t, "request in flight", arrived)
			stopped := make(chan error, 1)
			go func() { stopped <- g.Stop(context.Background()) }()
			res, text := l.answer()
			if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "1" || !strings.Contains(text, "The server is stopping.") {
				t.Errorf("got %d %v %q", res.StatusCode, res.Header, text)
			}
			if err := within(t, "stop", stopped); err != nil {
				t.Error(err)
			}
		})
	}
}

// Nor does a client that has closed its half of the connection hear of a success
// that there was not.
func TestLeavingMakesNothingLookAnswered(t *testing.T) {
	t.Parallel()
	g := serve(t, func(o *server.Options) {
		o.API = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	})
	l := g.open(t, "GET /api/v1/metrics/performance HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := l.Conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(l.in); len(text) > 0 {
		t.Errorf("heard %q", text)
	}
	if sample := g.samples.wait(t, 1)[0]; sample.StatusCode != 499 {
		t.Errorf("recorded %d, want 499", sample.StatusCode)
	}
}
