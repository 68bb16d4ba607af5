//go:build unix

package proof

import (
	"testing"
	"time"
)

// SIGTERM with a backlog, while the database is up, gone or silent: the program
// is out within 10 s, and its next life stores what it has left. PROOF_BACKLOG
// is the number of events that wait.
func TestTermination(t *testing.T) {
	t.Parallel()
	backlog := size("PROOF_BACKLOG", 4000, 100_000)
	server := startServer(t)
	for _, c := range []struct {
		name           string
		before, during func(*link) // the backlog, and the termination
	}{
		{"up", (*link).hush, (*link).speak},
		{"down", (*link).down, nothing},
		{"silent", (*link).hush, nothing},
	} {
		t.Run(c.name, func(t *testing.T) {
			way := newLink(t, server.address)
			name := server.database(c.name)
			p := newProgram(t, setup{database: server.url("", name), by: server.url(way.address, name)})
			l := &load{t: t, program: p, books: newBooks(), writers: 8, batch: min(backlog/10, 1000)}
			p.begin()
			c.before(way)
			l.begin()
			l.until(int64(backlog))
			l.end() // whoever waits for an answer gets it
			c.during(way)
			took := p.terminate()
			l.finish()
			t.Logf("%d acknowledged; ended after %v: %v", l.books.acknowledged(), took, p.process.ProcessState)
			if code := p.process.ProcessState.ExitCode(); code != 0 {
				t.Errorf("exit code %d\n%s", code, p.logged())
			}
			if isLong && took > 10*time.Second {
				t.Errorf("ended after %v, want 10 s", took)
			}
			if way.isDown() {
				way.up()
			}
			way.speak()
			l.books.prove(p)
		})
	}
}

func (l *link) isDown() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.listener == nil
}
