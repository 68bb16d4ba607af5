package collect_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/appmetrics/appmetrics/internal/collect"
)

// serveFunc runs the middleware around handler on a server.
type serveFunc func(opts collect.Options, handler http.HandlerFunc) *fixture

// inBubble runs a test on both protocols, each in a synctest bubble with a
// network of its own: only the time that the test lets pass passes, however
// busy the machine is.
func inBubble(t *testing.T, test func(t *testing.T, serve serveFunc)) {
	t.Helper()
	each(t, func(t *testing.T, protocol string) {
		synctest.Test(t, func(t *testing.T) {
			test(t, func(opts collect.Options, handler http.HandlerFunc) *fixture {
				pipes := newPipes()
				return serveOn(t, pipes, pipes.dial, protocol, opts, handler)
			})
		})
	})
}

// pipes is a network inside the process with one listener.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	closing  sync.Once
}

func newPipes() *pipes {
	return &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.closing.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// dial reaches the listener, whatever the address is.
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.accepted <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
