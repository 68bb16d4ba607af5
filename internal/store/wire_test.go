package store_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// wire is a network between a store and PostgreSQL that a test can stop: what
// the store sends then stays on its way, and the server never hears that the
// store gave up. What was on its way arrives when the wire is mended.
type wire struct {
	server   string
	listener net.Listener
	broken   chan struct{} // closed when the first bytes do not arrive
	once     sync.Once

	mu      sync.Mutex
	stopped bool
	deaf    bool // answers do not arrive either
	mended  *sync.Cond
	open    []net.Conn
	copies  sync.WaitGroup
}

// newWire returns a wire, which the test has to close, and the address of the
// database at its end.
func newWire(t *testing.T, address string) (*wire, string) {
	t.Helper()
	database, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{server: database.Host, listener: listener, broken: make(chan struct{})}
	w.mended = sync.NewCond(&w.mu)
	w.copies.Go(w.accept)
	database.Host = listener.Addr().String()
	return w, database.String()
}

func (w *wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := w.connect(client)
		if err != nil {
			_ = client.Close()
			continue
		}
		w.copies.Go(func() { w.carry(server, client, true) })
		w.copies.Go(func() { w.carry(client, server, false) })
	}
}

// connect goes on to the server, unless nothing arrives at present.
func (w *wire) connect(client net.Conn) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped || w.deaf {
		return nil, net.ErrClosed
	}
	server, err := net.Dial("tcp", w.server)
	if err == nil {
		w.open = append(w.open, client, server)
	}
	return server, err
}

// carry copies bytes. Its end is not passed on: a process that is gone sends
// no word.
func (w *wire) carry(to io.Writer, from io.Reader, questions bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if !w.pass(questions) {
				return
			}
			if _, err := to.Write(buffer[:n]); err != nil && questions {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass waits until what was read may be handed on, and reports whether it may.
func (w *wire) pass(questions bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.stopped && questions {
		w.once.Do(func() { close(w.broken) })
		w.mended.Wait()
	}
	if w.deaf && !questions {
		w.once.Do(func() { close(w.broken) })
		return false
	}
	return true
}

// stop holds what the store sends.
func (w *wire) stop() { w.set(true, false) }

// deafen lets what the store sends arrive, and loses the answers.
func (w *wire) deafen() { w.set(false, true) }

// mend lets everything arrive.
func (w *wire) mend() { w.set(false, false) }

func (w *wire) set(stopped, deaf bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped, w.deaf = stopped, deaf
	w.mended.Broadcast()
}

func (w *wire) close() {
	w.mend()
	_ = w.listener.Close()
	w.mu.Lock()
	for _, c := range w.open {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			panic(err) // nothing can be wrong with closing a connection to this machine
		}
	}
	w.mu.Unlock()
	w.copies.Wait()
}
