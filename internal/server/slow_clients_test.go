package server_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/server"
)

// What slow clients say when they connect, and then byte by byte for ever.
var slowManners = []struct{ first, drip string }{
	{"GET /orders HTTP/1.1\r\nHost: x\r\nX-Slow: ", "a"},                                     // the header
	{"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", "a"},             // a body
	{"POST /orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n", "a"}, // another
	{hello, ""}, // nothing more once they have been answered
	{"", ""},    // nothing at all, as a peer that is gone without a word
	{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00", "\x00"}, // a frame of HTTP/2
}

// slowClients are connections that want no answer. Whoever is cut off comes
// back.
type slowClients struct {
	address string
	conns   []net.Conn
	stop    chan struct{}
	running sync.WaitGroup
}

func startSlowClients(t testing.TB, address string, n int, every time.Duration) *slowClients {
	t.Helper()
	s := &slowClients{address: address, conns: make([]net.Conn, n), stop: make(chan struct{})}
	s.speak(0, n)
	s.running.Go(func() {
		const beat = 2 * time.Millisecond // so that few of them speak at once
		parts := int(every / beat)
		tick := time.NewTicker(beat)
		defer tick.Stop()
		for part := 0; ; part = (part + 1) % parts {
			select {
			case <-tick.C:
				s.speak(n*part/parts, n*(part+1)/parts)
			case <-s.stop:
				return
			}
		}
	})
	return s
}

// speak lets some clients say their next byte, or connect.
func (s *slowClients) speak(from, to int) {
	for i := from; i < to; i++ {
		manner := slowManners[i%len(slowManners)]
		if s.conns[i] != nil && s.isCut(i, manner.drip) {
			_ = s.conns[i].Close()
			s.conns[i] = nil
		}
		if s.conns[i] == nil {
			if conn, err := net.Dial("tcp", s.address); err == nil {
				s.conns[i] = conn
				_, _ = io.WriteString(conn, manner.first)
			}
		}
	}
}

// isCut says the next byte, or looks whether the server is still there.
func (s *slowClients) isCut(i int, drip string) bool {
	if drip != "" {
		_, err := io.WriteString(s.conns[i], drip)
		return err != nil
	}
	_ = s.conns[i].SetReadDeadline(time.Now().Add(time.Microsecond))
	_, err := s.conns[i].Read(make([]byte, 512))
	var timeout net.Error
	return err != nil && (!errors.As(err, &timeout) || !timeout.Timeout())
}

func (s *slowClients) end() {
	close(s.stop)
	s.running.Wait()
	for _, conn := range s.conns {
		if conn != nil {
			_ = conn.Close()
		}
	}
}

// ordersApplication reads what it is sent.
func ordersApplication(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	answers(w, r)
}

// TestSlowClientsKeepNobodyOut lets 200 slow clients come back as often as they
// are cut off, more of them than may be connected: every real request is
// answered. `make proof-slow` does it with 5,000, and with a clock.
func TestSlowClientsKeepNobodyOut(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"room for all": 400, "room for half": 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := before(t, ordersApplication, func(o *server.Options) { o.MaxConnections = most })
			slow := startSlowClients(t, g.Addr().String(), 200, 200*time.Millisecond)
			defer slow.end()
			for i := range 40 {
				if i%2 == 0 {
					g.newcomer(t)
					continue
				}
				if res, body := g.get(t, "/"); res.StatusCode != http.StatusOK || body != "answered" {
					t.Errorf("got %d %q", res.StatusCode, body)
				}
			}
		})
	}
}
