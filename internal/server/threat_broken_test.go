package server_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/server"
)

// broken is an application that says these bytes to whoever asks, and closes.
func broken(t testing.TB, text string) func(*server.Options) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.WriteString(conn, text)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
	})
	return func(o *server.Options) { o.Upstream = parse(t, "http://"+l.Addr().String()) }
}

// What an application breaks is never made to look whole, and is recorded as a
// failure of its own, whatever it had said before.
func TestApplicationsThatBreak(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text     string
		status   int // that the client sees
		recorded int
		isWhole  bool
	}{
		"without a word":               {"", 502, 502, true},
		"within the status":            {"HTTP/1.1 2", 502, 502, true},
		"within the header":            {"HTTP/1.1 200 OK\r\nContent-Le", 502, 502, true},
		"within the body":              {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("a", 50_000), 200, 502, false},
		"within a chunk":               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", 200, 502, false},
		"before the last chunk":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 200, 502, false},
		"a chunk that is none":         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n", 200, 502, false},
		"two lengths":                  {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 502, 502, true},
		"a status that is none":        {"HTTP/1.1 2000 OK\r\n\r\n", 502, 502, true},
		"an unknown coding":            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nhello", 502, 502, true},
		"more than its length":         {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", 200, 200, true},
		"an upgrade that nobody asked": {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: evil\r\n\r\n", 502, 502, true},
		"headers without end":          {"HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 11<<20), 502, 502, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := serve(t, broken(t, test.text))
			res, err := g.client.Get(g.URL + "/orders")
			switch {
			case err != nil && test.isWhole:
				t.Fatal(err)
			case err == nil:
				defer res.Body.Close()
				_, err = io.Copy(io.Discard, res.Body)
				if res.StatusCode != test.status || (err == nil) != test.isWhole {
					t.Errorf("client got %d, %v", res.StatusCode, err)
				}
			}
			sample := g.samples.wait(t, 1)[0]
			if sample.StatusCode != test.recorded || test.recorded == 502 && sample.ErrorType != "SERVER_ERROR_502" {
				t.Errorf("recorded %d %s, want %d", sample.StatusCode, sample.ErrorType, test.recorded)
			}
			if res, _ := g.get(t, "/internal/appmetrics/health"); res.StatusCode != http.StatusOK {
				t.Errorf("afterwards: %d", res.StatusCode)
			}
		})
	}
}

// An upgrade that nobody asked for ends the connection to the application.
func TestRefusedUpgradesLeaveNothingOpen(t *testing.T) {
	t.Parallel()
	for name, asked := range map[string][]string{
		"not asked": nil, "asked for another": {"Connection", "Upgrade", "Upgrade", "websocket"},
		"asked for several": {"Connection", "Upgrade", "Upgrade", "websocket, evil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan struct{})
			g := before(t, func(w http.ResponseWriter, _ *http.Request) {
				conn, rw, err := http.NewResponseController(w).Hijack()
				if err != nil {
					return
				}
				defer conn.Close()
				_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: evil\r\n\r\n")
				_ = rw.Flush()
				_, _ = io.Copy(io.Discard, conn)
				close(ended)
			}, nil)
			if res, body := g.get(t, "/ws", asked...); res.StatusCode != http.StatusBadGateway {
				t.Errorf("got %d %q", res.StatusCode, body)
			}
			select {
			case <-ended:
			case <-time.After(patience / 6):
				t.Error("the connection to the application is open still")
			}
		})
	}
}

// Handlers of appmetrics itself that panic are answered with 500 and recorded so;
// the connection goes on.
func TestOwnHandlersThatPanic(t *testing.T) {
	t.Parallel()
	var log logged
	g := before(t, answers, func(o *server.Options) {
		o.Logger = log.logger()
		o.API = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret of the handler") })
	})
	l := g.open(t, "GET /api/v1/metrics/usage HTTP/1.1\r\nHost: x\r\n\r\n")
	if res, body := l.answer(); res.StatusCode != http.StatusInternalServerError || strings.Contains(body, "secret") {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
	if !l.isOpen() {
		t.Error("the connection was closed")
	}
	if sample := g.samples.wait(t, 1)[0]; sample.StatusCode != http.StatusInternalServerError || sample.ErrorType != "Panic" {
		t.Errorf("recorded %d %s", sample.StatusCode, sample.ErrorType)
	}
}

// A client that leaves in the middle of the answer is recorded as one that left,
// in both protocols.
func TestClientsThatLeave(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.Copy(w, zeros{}) // until there is nobody
	}, nil)
	for name, client := range map[string]*http.Client{"HTTP/1.1": g.client, "HTTP/2": h2c(t)} {
		t.Run(name, func(t *testing.T) {
			before := len(g.samples.taken())
			res, err := client.Get(g.URL + "/endless")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.CopyN(io.Discard, res.Body, 1<<20)
			_ = res.Body.Close()
			if sample := g.samples.wait(t, before+1)[before]; sample.StatusCode != 499 || sample.ErrorType != "ClientClosed" {
				t.Errorf("recorded %d %s", sample.StatusCode, sample.ErrorType)
			}
		})
	}
}

// Headers that say who is asking reach the application as they came, once, and
// under no name that it could take for them; the recorded correlation id is the
// one that the application saw.
func TestHeadersThatLookAlike(t *testing.T) {
	t.Parallel()
	g := before(t, echo, nil)
	l := g.open(t, "GET /orders HTTP/1.1\r\nHost: x\r\n"+
		"X-Forwarded-Access-Token: token\r\nX_Forwarded_Access_Token: other\r\nX-Forwarded_Email: a@b\r\n"+
		"x_forwarded_for: 192.0.2.1\r\nX_Real_IP: 192.0.2.1\r\nX_Request_Id: forged\r\nX-Request-Id: mine\r\nX_Own: kept\r\n"+
		"Connection: X-Forwarded-Access-Token, x-request-id, Authorization, Host, X-Gone\r\nAuthorization: Bearer t\r\nX-Gone: 1\r\n\r\n")
	res, text := l.answer()
	seen := decode(t, text)
	for name, want := range map[string]string{
		"X-Forwarded-Access-Token": "token", "X-Request-Id": "mine", "Authorization": "Bearer t", "X-Own": "", "X-Gone": "",
		"X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "", "X-Forwarded-Email": "",
	} {
		if got := strings.Join(seen.Header.Values(name), " | "); got != want {
			t.Errorf("application saw %s: %q, want %q", name, got, want)
		}
	}
	for name := range seen.Header {
		if strings.Contains(name, "_") && !strings.EqualFold(name, "X_Own") {
			t.Errorf("application saw %s", name)
		}
	}
	if seen.Host != "x" || len(seen.Header.Values("X_Own")) != 1 {
		t.Errorf("application saw host %q and %v", seen.Host, seen.Header)
	}
	if sample := g.samples.wait(t, 1)[0]; sample.CorrelationID != "mine" || res.Header.Get("X-Request-Id") != "mine" {
		t.Errorf("recorded %q, answered %q", sample.CorrelationID, res.Header.Get("X-Request-Id"))
	}
}
