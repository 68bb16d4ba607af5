//go:build unix

package proof

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Killed without warning at random moments, the first of its life included,
// while 64 writers post: nothing acknowledged is lost, nothing is there twice.
// PROOF_KILLS is how often, over both engines and both acknowledgements.
func TestKills(t *testing.T) {
	t.Parallel()
	kills := size("PROOF_KILLS", 16, 1000)
	for _, engine := range storetest.Engines() {
		for _, ack := range []string{ackDisk, ackDB} {
			t.Run(engine+" ack "+ack, func(t *testing.T) {
				t.Parallel()
				p := onEngine(t, engine, setup{ack: ack})
				l := &load{t: t, program: p, books: newBooks(), pause: pause}
				l.begin()
				for i := range (kills + 3) / 4 {
					life := p.start()
					if i%4 > 0 { // else it is killed while it starts
						select {
						case <-life.up:
						case <-time.After(patience):
							t.Fatalf("the program does not answer\n%s", p.logged())
						}
					}
					select {
					case <-time.After(rand.N(400 * time.Millisecond)):
					case <-life.exited:
						t.Fatalf("the program ended by itself: %v\n%s", life.ProcessState, p.logged())
					}
					p.kill()
				}
				p.begin()
				l.until(1)
				p.kill()
				l.finish()
				t.Logf("%d kills, %d posts cut, %d refused", (kills+3)/4+1, l.cut.Load(), l.refused.Load())
				l.books.prove(p)
			})
		}
	}
}
