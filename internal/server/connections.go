package server

import (
	"container/list"
	"errors"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/appmetrics/appmetrics/internal/level"
)

// DefaultMaxConnections is how many connections may be open at once, where half
// of the files that the process may open are not fewer.
const DefaultMaxConnections = 10_000

// leastConnections is a bound that still leaves room for the six of a browser
// among those that are for appmetrics itself.
const leastConnections = 16

// speaksWithin is how long a client that means it takes to send its first
// request: it connects because it has one.
const speaksWithin = time.Second

// heardWithin is how long every connection may stay without a request, whoever
// else wants to come: by then what its client has sent at once is read, and the
// last answer is on its way.
const heardWithin = 100 * time.Millisecond

// warnEvery is how often the log says that something gave way.
const warnEvery = time.Minute

// connectionBound returns how many connections may be open when so many are
// wanted (0: the default) and the process may open so many files (0: unknown).
// Each may need a second file, for the connection to the application.
func connectionBound(wanted int, files uint64) int {
	if wanted <= 0 {
		wanted = DefaultMaxConnections
	}
	if half := files / 2; half > 0 && uint64(wanted) > half {
		wanted = int(half)
	}
	return max(leastConnections, wanted)
}

// requestBound returns how many requests are answered at once: fewer than there
// are connections, so that some can wait, and there is always one that can give
// way.
func requestBound(connections int) int { return connections - max(2, connections/8) }

// connections keeps the number of open connections within a bound. Above it the
// one that has been without a request for longest gives way to the new one, so
// that clients which are slow to ask, or never do, keep nobody out. Those that
// wait for an answer, streams among them, are never closed. It is safe for
// concurrent use.
type connections struct {
	most int
	log  *slog.Logger

	mu      sync.Mutex
	open    int
	fresh   list.List // that have asked nothing yet, in the order in which they came
	idle    list.List // that have been answered, in the order of their last answers
	gaveWay int64
	warned  time.Time
	level   *level.Level

	isWaiting bool          // makeRoom does
	room      chan struct{} // tells it of a change; it holds one
}

func newConnections(most int, log *slog.Logger) *connections {
	return &connections{
		most: most, log: log, room: make(chan struct{}, 1),
		level: level.New("connections", "silent ones are closed, and requests beyond seven in eight are refused with 503"),
	}
}

// limit returns a listener whose connections are held within the bound.
func (s *connections) limit(l net.Listener) net.Listener { return &limited{l, s} }

type limited struct {
	net.Listener
	connections *connections
}

// Accept waits for a connection. When the process has no file left for it, one
// that is silent gives way.
func (l *limited) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if outOfFiles(err) && l.connections.giveWay() {
		c, err = l.Listener.Accept()
	}
	if err != nil {
		return nil, err
	}
	return l.connections.admit(c.(*net.TCPConn)), nil
}

func outOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

func (s *connections) admit(tcp *net.TCPConn) *connection {
	s.makeRoom()
	c := &connection{TCPConn: tcp, all: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	s.level.Check(s.log, int64(s.open), int64(s.most))
	c.wait(&s.fresh)
	return c
}

// makeRoom returns when there is a place for one more connection: at once, or
// when one has had its time.
func (s *connections) makeRoom() {
	for {
		s.mu.Lock()
		c := s.spare(time.Now())
		if s.open < s.most || c == nil { // nil only for a moment: requests are fewer
			s.mu.Unlock()
			return
		}
		mayStay := time.Until(c.since.Add(heardWithin))
		s.isWaiting = mayStay > 0
		s.mu.Unlock()
		if mayStay <= 0 {
			s.giveWay()
			continue
		}
		select {
		case <-s.room:
		case <-time.After(mayStay):
		}
	}
}

// giveWay closes the connection that can be spared most, if there is one.
func (s *connections) giveWay() bool {
	now := time.Now()
	s.mu.Lock()
	c := s.spare(now)
	isNews := false
	if c != nil {
		c.leave()
		s.gaveWay++
		if isNews = now.Sub(s.warned) >= warnEvery; isNews {
			s.warned = now
		}
	}
	total := s.gaveWay
	s.mu.Unlock()
	if c == nil {
		return false
	}
	if isNews {
		s.log.Warn("too many connections: silent ones are closed", "limit", s.most, "closed_so_far", total)
	}
	_ = c.Close() // nobody waits for anything on it
	return true
}

// spare returns the connection that has been without a request for longest.
// Those that have not said what they want although they had the time to come
// first, then those that have been answered, then those that have just come. The
// caller holds s.mu.
func (s *connections) spare(now time.Time) *connection {
	fresh, idle := first(&s.fresh), first(&s.idle)
	if idle == nil || fresh != nil && now.Sub(fresh.since) > speaksWithin {
		return fresh
	}
	return idle
}

// changed lets makeRoom look again. The caller holds s.mu.
func (s *connections) changed() {
	if s.isWaiting {
		s.isWaiting = false
		select {
		case s.room <- struct{}{}:
		default: // it knows already
		}
	}
}

func first(l *list.List) *connection {
	if l.Len() == 0 {
		return nil
	}
	return l.Front().Value.(*connection)
}

// closeFresh closes connections that have not asked anything yet. Browsers open
// some in advance, and a stopping server would wait seconds for them.
func (s *connections) closeFresh() {
	s.mu.Lock()
	var all []*connection
	for e := s.fresh.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*connection))
	}
	s.mu.Unlock()
	for _, c := range all {
		_ = c.Close() // nothing was promised on it
	}
}

// counts returns how many connections are open, and how many gave way so far.
func (s *connections) counts() (open int, gaveWay int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open, s.gaveWay
}
