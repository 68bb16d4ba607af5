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

	mu       sync.Mutex
	isDoomed bool // is to be cut when the server has committed
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

func (p *pair) doom(is bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isDoomed = is
}

func (p *pair) doomed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isDoomed
}
