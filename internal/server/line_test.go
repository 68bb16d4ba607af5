package server_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// line is a connection on which the test says every byte.
type line struct {
	net.Conn
	t  testing.TB
	in *bufio.Reader
}

// open connects to a server and says so much.
func (g *rig) open(t testing.TB, text string) *line {
	t.Helper()
	return open(t, g.Addr().String(), text)
}

func open(t testing.TB, address, text string) *line {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	l := &line{conn, t, bufio.NewReader(conn)}
	l.say(text)
	return l
}

func (l *line) say(text string) {
	l.t.Helper()
	if _, err := io.WriteString(l.Conn, text); err != nil {
		l.t.Fatalf("say %.40q: %v", text, err)
	}
}

// answer returns the next response, its body read.
func (l *line) answer() (*http.Response, string) {
	l.t.Helper()
	_ = l.SetReadDeadline(time.Now().Add(patience))
	res, err := http.ReadResponse(l.in, nil)
	if err != nil {
		l.t.Fatalf("read answer: %v", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		l.t.Fatalf("read body of answer: %v", err)
	}
	return res, string(body)
}

// ended waits until the server has closed the connection.
func (l *line) ended() {
	l.t.Helper()
	_ = l.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, l.in); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		l.t.Fatalf("still open: %v", err)
	}
}

// isOpen reports whether the server answers on the connection.
func (l *line) isOpen() bool {
	_ = l.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(l.Conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return false
	}
	res, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err == nil && res.Body.Close() == nil
}
