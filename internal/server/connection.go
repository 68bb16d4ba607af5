package server

import (
	"container/list"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// connection is a client's. What half-closing needs of the TCP connection is
// there.
type connection struct {
	*net.TCPConn
	all *connections

	isSpoilt atomic.Bool // nothing more is read from it

	// Under all.mu.
	requests int           // that are being answered, or wait for that
	since    time.Time     // without a request
	waits    *list.List    // fresh or idle; nil during a request and once closed
	place    *list.Element // there
	isClosed bool
}

// wait puts the connection behind those that have waited for longer. The caller
// holds all.mu.
func (c *connection) wait(where *list.List) {
	c.since = time.Now()
	c.waits = where
	c.place = where.PushBack(c)
}

// leave takes it out of there. The caller holds all.mu.
func (c *connection) leave() {
	if c.waits != nil {
		c.waits.Remove(c.place)
		c.waits, c.place = nil, nil
	}
}

// begin says that a request of the connection is being answered, or waits for
// that.
func (c *connection) begin() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.requests++
	c.leave()
}

// end says that it has been.
func (c *connection) end() {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.requests--; c.requests == 0 && !c.isClosed {
		c.wait(&c.all.idle)
		c.all.changed()
	}
}

// heard says that a request came that is refused, or answered at once: the
// connection may give way, but has been silent no longer than since now.
func (c *connection) heard() {
	c.begin()
	c.end()
}

// errSpoilt ends the reading of requests.
var errSpoilt = errors.New("the last request was not read to its end")

// Read reads what the client sent.
func (c *connection) Read(p []byte) (int, error) {
	if c.isSpoilt.Load() {
		return 0, errSpoilt
	}
	return c.TCPConn.Read(p)
}

// lingerFor is how long a client that still sends may take to hear the answer:
// closing at once would reset the connection, and take the answer away.
const lingerFor = 500 * time.Millisecond

// lingers lets the client of a spoilt connection hear the last answer, which is
// out when net/http takes the connection for idle. It is for
// http.Server.ConnState.
func lingers(conn net.Conn, state http.ConnState) {
	c, ok := conn.(*connection)
	if !ok || state != http.StateIdle || !c.isSpoilt.Load() {
		return
	}
	_ = c.CloseWrite()
	_ = c.SetReadDeadline(time.Now().Add(lingerFor))
	_, _ = io.Copy(io.Discard, c.TCPConn) // gone, or silent: it ends here
}

// Close closes the connection.
func (c *connection) Close() error {
	c.all.mu.Lock()
	if !c.isClosed {
		c.isClosed = true
		c.all.open--
		c.all.level.Check(c.all.log, int64(c.all.open), int64(c.all.most))
		c.leave()
		c.all.changed()
	}
	c.all.mu.Unlock()
	return c.TCPConn.Close()
}

type connectionKey struct{}

// withConnection is for http.Server.ConnContext.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// connectionOf returns the connection of a request, nil for one that did not
// come through a limited listener.
func connectionOf(ctx context.Context) *connection {
	c, _ := ctx.Value(connectionKey{}).(*connection)
	return c
}
