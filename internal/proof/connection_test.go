//go:build unix

package proof

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// The connection to PostgreSQL is cut, before a COMMIT, between a COMMIT and its
// answer, and at any moment; it is slow; it falls silent; it is refused. Nothing
// acknowledged is lost, nothing is there twice. PROOF_CUTS is how often one of
// these happens, for each acknowledgement.
func TestConnections(t *testing.T) {
	t.Parallel()
	rounds := size("PROOF_CUTS", 2, 25)
	server := startServer(t)
	for _, ack := range []string{ackDisk, ackDB} {
		t.Run("ack "+ack, func(t *testing.T) {
			way := newLink(t, server.address)
			name := server.database(ack)
			p := newProgram(t, setup{ack: ack, database: server.url("", name), by: server.url(way.address, name)})
			l := &load{t: t, program: p, books: newBooks(), pause: pause}
			l.begin()
			p.begin()
			l.until(200)
			for range rounds {
				for _, trouble := range troubles {
					trouble.happens(way)
					await(t, "trouble: "+trouble.name, func() bool { return trouble.hasMet(way) })
					if way.isDown() { // the program starts without a database
						p.kill()
						p.begin()
					}
					if ack == ackDisk {
						l.until(50)
					}
					trouble.ends(way)
					if ack == ackDisk {
						// A program that has found the database away waits before it tries
						// again; one that is started does not.
						p.kill()
						p.begin()
					}
					l.until(50)
				}
			}
			done, _ := way.unheard()
			if done < rounds {
				t.Errorf("%d commits went unheard, want at least %d", done, rounds)
			}
			p.kill()
			p.begin()
			l.until(50)
			p.kill()
			l.finish()
			t.Logf("%d commits unheard, %d posts cut, %d refused", done, l.cut.Load(), l.refused.Load())
			l.books.prove(p)
		})
	}
}

// trouble is what can happen to a link.
type trouble struct {
	name    string
	happens func(*link)
	hasMet  func(*link) bool // the program has met with it
	ends    func(*link)
}

var troubles = []trouble{
	{"cut between COMMIT and its answer", func(l *link) { l.cutAfterCommit(1) }, allMet, nothing},
	{"cut before COMMIT", func(l *link) { l.cutBeforeCommit(1) }, allMet, nothing},
	{"cut", func(l *link) { l.cut() }, always, nothing},
	{"slow", func(l *link) { l.slow(5 * time.Millisecond) }, always, func(l *link) { l.slow(0) }},
	{"silent, then cut", func(l *link) { l.hush() }, always, func(l *link) { l.cut(); l.speak() }},
	{"down", func(l *link) { l.down() }, always, func(l *link) { l.up() }},
}

func nothing(*link)     {}
func always(*link) bool { return true }
func allMet(l *link) bool {
	_, left := l.unheard()
	return left == 0
}

// PostgreSQL crashes again and again while 64 writers post. PROOF_RESTARTS is
// how often, over both acknowledgements.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	restarts := size("PROOF_RESTARTS", 4, 500)
	for _, ack := range []string{ackDisk, ackDB} {
		t.Run("ack "+ack, func(t *testing.T) {
			t.Parallel()
			server := startServer(t)
			p := newProgram(t, setup{ack: ack, database: server.url("", "postgres")})
			l := &load{t: t, program: p, books: newBooks(), pause: 4 * pause}
			l.begin()
			p.begin()
			for i := range restarts / 2 {
				l.until(20)
				<-time.After(rand.N(100 * time.Millisecond))
				server.stop("immediate")
				if i%2 == 0 {
					l.settle()
				}
				server.start()
				if ack == ackDisk && i%2 == 1 {
					// See TestConnections: so that it writes at once.
					p.kill()
					p.begin()
				}
			}
			l.until(50)
			p.kill()
			l.finish()
			t.Logf("%d restarts, %d posts cut, %d refused", restarts/2, l.cut.Load(), l.refused.Load())
			l.books.prove(p)
		})
	}
}

// settle lets the writers find out that the database is away: with ack db until
// posts are refused, else until some more are accepted.
func (l *load) settle() {
	l.t.Helper()
	acknowledged, refused := l.books.acknowledged(), l.refused.Load()
	await(l.t, "an answer while the database is away", func() bool {
		return l.books.acknowledged() > acknowledged+20 || l.refused.Load() > refused
	})
}

// database makes a database in the server.
func (s *server) database(name string) string {
	s.t.Helper()
	s.must("psql", "-h", s.dir, "-p", s.port(), "-U", "appmetrics", "-d", "postgres", "-c", fmt.Sprintf("CREATE DATABASE %q", name))
	return name
}
