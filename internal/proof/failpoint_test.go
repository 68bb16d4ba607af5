//go:build unix

package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Environment of the mortal binary, see internal/cli/failpoints.go.
const (
	dieAt      = "FAILPOINT="
	tellPoints = "FAILPOINTS_FILE="
)

// Killed at every named point that posts pass on their way, for the first time
// and later: nothing acknowledged is lost, nothing is there twice. PROOF_TIMES
// is at how many passes of each point.
func TestFailpoints(t *testing.T) {
	t.Parallel()
	passes := []int{1, 2, 3, 5, 8}[:size("PROOF_TIMES", 1, 5)]
	for _, engine := range storetest.Engines() {
		for _, ack := range []string{ackDisk, ackDB} {
			t.Run(engine+" ack "+ack, func(t *testing.T) {
				t.Parallel()
				// Small segments, so that there are many of them.
				p := onEngine(t, engine, setup{ack: ack, binary: mortal, env: []string{"APPMETRICS_SPOOL_MAX_BYTES=1MiB"}})
				l := &load{t: t, program: p, books: newBooks(), pause: pause}
				l.begin()
				points := l.points(ack)
				deaths := 0
				for _, point := range points {
					for _, pass := range passes {
						if pass > 1 && point == sealing {
							break // a life has one end
						}
						l.dieAt(point, pass)
						deaths++
					}
				}
				p.begin()
				l.until(1)
				p.kill()
				l.finish()
				t.Logf("%d deaths at %s", deaths, strings.Join(points, " "))
				l.books.prove(p)
			})
		}
	}
}

// sealing is the point at which the spool is closed.
const sealing = "spool.seal"

// dieAt lets the program live until it dies at a point.
func (l *load) dieAt(point string, pass int) {
	l.t.Helper()
	life := l.program.start(dieAt + fmt.Sprint(point, ":", pass))
	if point == sealing {
		l.until(10)
		if err := life.Process.Signal(syscall.SIGTERM); err != nil {
			l.t.Fatal(err)
		}
	}
	l.program.awaitEnd(life)
	if life.ProcessState.Exited() {
		l.t.Fatalf("%s: ended by itself: %v\n%s", point, life.ProcessState, l.program.logged())
	}
}

// points returns the names of all points that posts pass: those that the
// program reaches under load, and those that the spool has.
func (l *load) points(ack string) []string {
	l.t.Helper()
	file := filepath.Join(l.program.dir, "points")
	for range 2 { // the second life finds what the first one left
		l.program.begin(tellPoints + file)
		l.until(200)
		l.program.kill()
	}
	text, err := os.ReadFile(file)
	if err != nil {
		l.t.Fatal(err)
	}
	found := strings.Fields(string(text))
	if ack == ackDisk {
		found = append(found, spool.Failpoints()...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	for _, must := range []string{"append.position", "append.ids", "append.requests", "append.events", "append.commit", "append.committed"} {
		if !slices.Contains(found, must) {
			l.t.Errorf("%s was not reached, only %v", must, found)
		}
	}
	// These follow a failed sync alone, which no real disk can be asked for; the
	// simulated one of internal/spool dies there.
	return slices.DeleteFunc(found, func(point string) bool { return point == "spool.refuse" || point == "spool.refused" })
}
