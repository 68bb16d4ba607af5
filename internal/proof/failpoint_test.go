//go:build unix

package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
	passes := []int{1, 2, 3, 5, 8, 13, 21, 34}[:size("PROOF_TIMES", 1, 8)]
	for _, engine := range storetest.Engines() {
		for _, ack := range []string{ackDisk, ackDB} {
			t.Run(engine+" ack "+ack, func(t *testing.T) {
				t.Parallel()
				p := onEngine(t, engine, setup{ack: ack, binary: mortal})
				l := &load{t: t, program: p, books: newBooks(), pause: pauseOf(engine)}
				l.begin()
				points := l.points()
				deaths := 0
				for _, point := range points {
					for _, pass := range passes {
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

// dieAt lets the program live until it dies at a point.
func (l *load) dieAt(point string, pass int) {
	l.t.Helper()
	life := l.program.start(dieAt + fmt.Sprint(point, ":", pass))
	l.program.awaitEnd(life)
	if life.ProcessState.Exited() {
		l.t.Fatalf("%s: ended by itself: %v\n%s", point, life.ProcessState, l.program.logged())
	}
}

// points returns the names of all points that the program reaches under load,
// also when it finds what a dead one has left, and when it is stopped.
func (l *load) points() []string {
	l.t.Helper()
	file := filepath.Join(l.program.dir, "points")
	for range 2 {
		l.program.begin(tellPoints + file)
		l.until(200)
		l.program.kill()
	}
	text, err := os.ReadFile(file)
	if err != nil {
		l.t.Fatal(err)
	}
	found := strings.Fields(string(text))
	slices.Sort(found)
	found = slices.Compact(found)
	for _, must := range []string{"append.ids", "append.requests", "append.events", "append.commit"} {
		if !slices.Contains(found, must) {
			l.t.Errorf("%s was not reached, only %v", must, found)
		}
	}
	return found
}
