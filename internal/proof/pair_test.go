//go:build unix

package proof

import (
	"net"
	"sync"
)

// pair is one connection of the program, and the one to the server that belongs
// to it.
type pair struct {
	client, server net.Conn
	once           sync.Once
	closed         chan struct{}
	isDoomed       bool // is to be cut when the server has committed; guarded by the link's mu
}

func (p *pair) close() {
	p.once.Do(func() {
		close(p.closed)
		for _, conn := range []net.Conn{p.client, p.server} {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // the other end hears of a reset
			}
			_ = conn.Close()
		}
	})
}
