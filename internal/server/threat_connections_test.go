package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/appmetrics/appmetrics/internal/server"
)

// fewest is the smallest bound of connections that there is.
const fewest = 16

func bounded(o *server.Options) { o.MaxConnections = fewest }

const hello = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func answers(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "answered") }

// newcomer asks one question on a connection of its own.
func (g *rig) newcomer(t testing.TB) {
	t.Helper()
	l := g.open(t, hello)
	if res, body := l.answer(); res.StatusCode != http.StatusOK || body != "answered" {
		t.Errorf("newcomer got %d %q", res.StatusCode, body)
	}
	_ = l.Close()
}

// However many connect and say nothing, or never enough, newcomers are served.
func TestSilentConnectionsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]string{
		"nothing": "", "half a line": "GET / HT", "half a header": "GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n",
		"half a preface": "PRI * HTTP/2.0\r\n\r\nSM", "HTTP/2 and no more": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
		"an answered request": hello,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logged
			g := before(t, answers, func(o *server.Options) { bounded(o); o.Logger = log.logger() })
			for range 2 * fewest {
				l := g.open(t, said)
				if said == hello {
					l.answer()
				}
			}
			for range 3 {
				g.newcomer(t)
			}
			if text := g.figures(t); !strings.Contains(text, "appmetrics_connections_limit 16\n") ||
				strings.Contains(text, "appmetrics_connections_closed_total 0\n") {
				t.Errorf("figures: %s", text)
			}
			if n := strings.Count(log.String(), `msg="nearly full" what=connections percent=81 used=13 capacity=16`); n != 1 {
				t.Errorf("%d warnings at 80 %%, want 1: %s", n, log.String())
			}
		})
	}
}

// figures returns what Prometheus is told, by way of a connection of its own.
func (g *rig) figures(t testing.TB) string {
	t.Helper()
	l := g.open(t, "GET /internal/appmetrics/prometheus HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	_, text := l.answer()
	return text
}

// The connection that was silent for longest goes first, one after the other.
func TestLongestSilenceGivesWay(t *testing.T) {
	t.Parallel()
	g := before(t, answers, bounded)
	lines := make([]*line, fewest)
	for i := range lines {
		lines[i] = g.open(t, hello)
		lines[i].answer()
	}
	if !lines[0].isOpen() { // and is now the one that was heard of last
		t.Fatal("closed below the bound")
	}
	for range 2 {
		if res, _ := g.open(t, hello).answer(); res.StatusCode != http.StatusOK {
			t.Errorf("newcomer got %d", res.StatusCode)
		}
	}
	lines[1].ended()
	lines[2].ended()
	for _, i := range []int{3, 9, 0} {
		if !lines[i].isOpen() {
			t.Errorf("connection %d was closed", i)
		}
	}
}

// A connection that never asks goes before one that has been answered, however
// long that was silent.
func TestSpeechlessConnectionsGiveWayFirst(t *testing.T) {
	t.Parallel()
	g := before(t, answers, bounded)
	first := g.open(t, hello)
	first.answer()
	for range fewest - 1 {
		g.open(t, "")
	}
	eventually(t, "speechless for longer than a second", func() bool { return server.SpareIsFresh(g.Server) })
	for range fewest - 2 {
		g.newcomer(t)
	}
	if !first.isOpen() {
		t.Error("the client that asks was closed")
	}
}

// What is being answered is never closed, however many come.
func TestConnectionsWithRequestsStay(t *testing.T) {
	t.Parallel()
	release, arrived := make(chan struct{}), make(chan struct{}, 8)
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			arrived <- struct{}{}
			<-release
		case "/events":
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, "data: 0\n\n")
			_ = http.NewResponseController(w).Flush()
			arrived <- struct{}{}
			<-release
		case "/socket":
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer conn.CloseNow()
			kind, message, err := conn.Read(r.Context())
			if err == nil {
				_ = conn.Write(r.Context(), kind, message)
			}
			return
		case "/upload":
			_, _ = io.Copy(io.Discard, r.Body)
		}
		answers(w, r)
	}, bounded)

	slow := g.open(t, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
	stream := g.open(t, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
	within(t, "slow request", arrived)
	within(t, "stream", arrived)
	upload := g.open(t, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	socket, _, err := websocket.Dial(ctx, g.URL+"/socket", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.CloseNow()
	multiplexed := h2c(t)
	over := make(chan string, 1)
	go func() {
		res, err := multiplexed.Get(g.URL + "/slow")
		if err != nil {
			over <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		over <- string(body)
	}()
	within(t, "slow request over HTTP/2", arrived)
	for range 5 * fewest {
		g.open(t, "")
		g.newcomer(t)
	}

	close(release)
	upload.say("half")
	for name, l := range map[string]*line{"slow": slow, "stream": stream, "upload": upload} {
		if res, body := l.answer(); res.StatusCode != http.StatusOK || !strings.HasSuffix(body, "answered") {
			t.Errorf("%s: got %d %q", name, res.StatusCode, body)
		}
	}
	if got := within(t, "answer over HTTP/2", over); got != "answered" {
		t.Errorf("over HTTP/2: got %q", got)
	}
	if err := socket.Write(ctx, websocket.MessageText, []byte("still there?")); err != nil {
		t.Fatal(err)
	}
	if _, message, err := socket.Read(ctx); err != nil || string(message) != "still there?" {
		t.Errorf("socket: got %q, %v", message, err)
	}
}

// Many at once, all of them meaning it: nobody is turned away below the bound of
// requests.
func TestManyRealClientsAtTheBound(t *testing.T) {
	t.Parallel()
	g := before(t, answers, func(o *server.Options) { o.MaxConnections = 64 })
	for range 64 {
		g.open(t, "")
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 20 {
				g.newcomer(t)
			}
		})
	}
	all.Wait()
	eventually(t, "every request is recorded", func() bool { return len(g.samples.taken()) == 50*20 })
}

// exhausted is a listener of a process that has no file left, until one is
// closed.
type exhausted struct {
	net.Listener
	isFree func() bool
}

func (e *exhausted) Accept() (net.Conn, error) {
	if !e.isFree() {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
	return e.Listener.Accept()
}

// Without a file for a newcomer, a silent connection makes room for it.
func TestNoFilesLeft(t *testing.T) {
	t.Parallel()
	below, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = below.Close() })
	free := true
	l := server.Limit(&exhausted{below, func() bool { return free }}, fewest)
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", below.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	client := dial()
	silent, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	free = false
	dial()
	if _, err := l.Accept(); !errors.Is(err, syscall.EMFILE) {
		t.Errorf("got %v: net/http waits a moment after EMFILE, and must be told", err)
	}
	if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the silent connection stays: %v", err)
	}
	if _, err := client.Read(make([]byte, 1)); err == nil {
		t.Error("its client is not told")
	}
	free = true
	last, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = last.Close()
	_ = last.Close() // counts once
	if open := server.Open(l); open != 0 {
		t.Errorf("%d connections are counted, want none", open)
	}
}

// A connection is given the time to be heard before it gives way, also when more
// come at once than there are places.
func TestConnectionsAreHeardBeforeTheyGiveWay(t *testing.T) {
	t.Parallel()
	below, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = below.Close() })
	l := server.Limit(below, fewest)
	began := time.Now()
	for range fewest + 1 {
		client, err := net.Dial("tcp", below.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	const heard = 100 * time.Millisecond
	if d := time.Since(began); d < heard {
		t.Errorf("the first gave way after %v, want not before %v", d, heard)
	}
}

// A browser opens six connections. As few as there may be have room for it, in
// front of an application too.
func TestABrowserHasRoom(t *testing.T) {
	t.Parallel()
	const browser = 6
	release := make(chan struct{})
	g := before(t, answers, func(o *server.Options) {
		o.MaxConnections = 1 // what is too few counts as the fewest
		o.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-release
			answers(w, r)
		})
	})
	var lines [browser]*line
	for i := range lines {
		lines[i] = g.open(t, "GET /api/v1/metrics/usage HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	g.taken(t, browser)
	close(release)
	for i, l := range lines {
		if res, body := l.answer(); res.StatusCode != http.StatusOK {
			t.Errorf("connection %d: got %d %q", i, res.StatusCode, body)
		}
	}
}

func TestBoundOfConnections(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		wanted int
		files  uint64
		want   int
	}{
		{0, 0, 10_000}, {0, 1 << 20, 10_000}, {0, 20_000, 10_000}, {0, 1024, 512}, {5000, 1024, 512}, {100, 1024, 100},
		{50_000, 1 << 63, 50_000}, {1, 1 << 20, 16}, {0, 8, 16},
	} {
		t.Run(fmt.Sprint(test.wanted, " of ", test.files), func(t *testing.T) {
			t.Parallel()
			if got := server.ConnectionBound(test.wanted, test.files); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
