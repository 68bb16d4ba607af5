//go:build unix

package proof

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

// link is the way from the program to its database, which can be cut, slowed
// and silenced. It is safe for concurrent use.
type link struct {
	t       testing.TB
	address string // where the program connects to
	target  string // where the server listens

	mu       sync.Mutex
	listener net.Listener // nil while the link is down
	pairs    map[*pair]bool
	silence  chan struct{} // not nil while nothing passes; closed when it does again
	delay    time.Duration // of every message
	before   int           // so many COMMITs are not to arrive
	after    int           // so many answers to COMMITs are not to arrive
	doomed   int           // so many connections wait for an answer that is not to arrive
	cutAfter int           // so many answers did not
	group    sync.WaitGroup
}

// newLink returns a link that is up.
func newLink(t testing.TB, target string) *link {
	t.Helper()
	l := &link{t: t, address: freeAddress(t), target: target, pairs: map[*pair]bool{}}
	l.up()
	t.Cleanup(func() {
		l.down()
		l.speak()
		l.group.Wait()
	})
	return l
}

// up lets connections in.
func (l *link) up() {
	l.t.Helper()
	listener, err := net.Listen("tcp", l.address)
	if err != nil {
		l.t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listener = listener
	l.group.Go(func() { l.accept(listener) })
}

// down cuts all connections and refuses new ones, as when the server is gone.
func (l *link) down() {
	l.mu.Lock()
	if l.listener != nil {
		_ = l.listener.Close()
		l.listener = nil
	}
	l.mu.Unlock()
	l.cut()
}

// cut ends all connections; new ones are let in.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.pairs {
		p.close()
	}
}

// hush lets nothing pass any more, and tells nobody: a half-open connection,
// as behind a router that has forgotten it.
func (l *link) hush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.silence == nil {
		l.silence = make(chan struct{})
	}
}

// speak ends hush; what was held back arrives.
func (l *link) speak() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.silence != nil {
		close(l.silence)
		l.silence = nil
	}
}

// slow delays every message.
func (l *link) slow(delay time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = delay
}

// cutBeforeCommit cuts the connections of the next n transactions that are to
// be committed: the server does not hear of it.
func (l *link) cutBeforeCommit(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.before += n
}

// cutAfterCommit cuts the connections of the next n transactions between the
// commit, which the server has done, and its answer, which the program does not
// hear.
func (l *link) cutAfterCommit(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.after += n
}

// unheard returns how many commits were done without the program hearing so,
// and how many cuts are still to come.
func (l *link) unheard() (done, left int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cutAfter, l.before + l.after + l.doomed
}

func (l *link) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p := &pair{client: client, server: server, closed: make(chan struct{})}
		l.mu.Lock()
		l.pairs[p] = true
		isDown := l.listener != listener
		l.mu.Unlock()
		if isDown {
			p.close()
		}
		l.group.Go(func() { l.carry(p, client, server, l.request, readStartup) })
		l.group.Go(func() { l.carry(p, server, client, l.answer, readMessage) })
	}
}

var errCut = errors.New("cut")

// carry passes messages on in one direction; first reads the first of them.
func (l *link) carry(p *pair, from, to net.Conn, pass func(*pair, message) error, first func(*bufio.Reader) (message, error)) {
	defer func() {
		p.close()
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.pairs, p)
		l.spare(p)
	}()
	in, out := bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10)
	for read := first; ; read = readMessage {
		m, err := read(in)
		if err != nil || !l.wait(p) || pass(p, m) != nil {
			return
		}
		if _, err := out.Write(m); err != nil {
			return
		}
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}

// wait delays a message as the link is told to, and says whether it may go on.
func (l *link) wait(p *pair) bool {
	l.mu.Lock()
	silence, delay := l.silence, l.delay
	l.mu.Unlock()
	if silence != nil {
		select {
		case <-silence:
		case <-p.closed:
			return false
		}
	}
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-p.closed:
			return false
		}
	}
	return true
}

// request looks at what the program says.
func (l *link) request(p *pair, m message) error {
	if !m.asksToCommit() {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.before > 0:
		l.before--
		return errCut
	case l.after > 0:
		l.after--
		l.doomed++
		p.isDoomed = true
	}
	return nil
}

// answer looks at what the server says.
func (l *link) answer(p *pair, m message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.isDoomed && m.saysCommitted() {
		p.isDoomed = false
		l.doomed--
		l.cutAfter++
		return errCut
	}
	l.spare(p)
	return nil
}

// spare lets a doomed connection off, of which nothing was committed; another
// one will be cut. The caller holds l.mu.
func (l *link) spare(p *pair) {
	if p.isDoomed {
		p.isDoomed = false
		l.doomed--
		l.after++
	}
}
