//go:build acceptance

package acceptance

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
)

// wire times exchanges at the server's socket, by the kernel's clock: from
// handing the request over to the arrival of the last byte of the answer. Both
// are acts of the sender on the loopback interface, so the time that the
// generator spends waiting for a processor is not in it; the server's is.
type wire struct {
	client      *http.Client // of one connection
	sent, ended atomic.Int64 // nanoseconds since 1970, 0 before
}

func newWire() *wire {
	w := new(wire)
	w.client = &http.Client{Transport: &http.Transport{
		DialContext:        w.dial,
		DisableCompression: true,
		ReadBufferSize:     1 << 20, // a slow reader would hold the server up
	}}
	return w
}

// do sends the next request.
func (w *wire) do(r *http.Request) (*http.Response, error) {
	w.sent.Store(0)
	return w.client.Do(r)
}

// took returns how long the exchange lasted whose answer was read to its end.
func (w *wire) took() time.Duration { return time.Duration(w.ended.Load() - w.sent.Load()) }

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil, fmt.Errorf("dial: %T is not TCP", conn)
	}
	socket, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	var refused error
	err = socket.Control(func(fd uintptr) {
		refused = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
	})
	if err := errors.Join(err, refused); err != nil {
		return nil, fmt.Errorf("ask for timestamps: %w", err)
	}
	return &timedConn{Conn: conn, socket: socket, wire: w}, nil
}

// timedConn is a connection that notes on its wire when bytes leave and arrive.
type timedConn struct {
	net.Conn
	socket  syscall.RawConn
	wire    *wire
	control [64]byte
}

func (c *timedConn) Write(p []byte) (int, error) {
	c.wire.sent.CompareAndSwap(0, time.Now().UnixNano())
	return c.Conn.Write(p)
}

func (c *timedConn) Read(p []byte) (int, error) {
	var n, controls int
	var failed error
	err := c.socket.Read(func(fd uintptr) bool {
		n, controls, _, _, failed = syscall.Recvmsg(int(fd), p, c.control[:], 0)
		return !errors.Is(failed, syscall.EAGAIN) && !errors.Is(failed, syscall.EINTR)
	})
	if err := errors.Join(err, failed); err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, io.EOF
	}
	messages, err := syscall.ParseSocketControlMessage(c.control[:controls])
	if err != nil {
		return n, fmt.Errorf("read timestamp: %w", err)
	}
	for _, m := range messages {
		if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SCM_TIMESTAMPNS {
			seconds, rest := binary.NativeEndian.Uint64(m.Data), binary.NativeEndian.Uint64(m.Data[8:])
			c.wire.ended.Store(int64(seconds)*int64(time.Second) + int64(rest))
		}
	}
	return n, nil
}
