package proof

import (
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// PROOF_SOAK seconds of load, at 500 events a second and some pages: memory does
// not grow by more than 1 MiB an hour, and when all is quiet again there are no
// more goroutines than before.
func TestSoak(t *testing.T) {
	t.Parallel()
	lasts := time.Duration(size("PROOF_SOAK", 2, 60*60)) * time.Second
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			app := newApplication(t)
			p := onEngine(t, engine, setup{args: []string{"--upstream", app.URL}})
			life := p.begin()
			warm := &load{t: t, program: p, books: newBooks(), writers: 10, batch: 10, every: 200 * time.Millisecond}
			warm.begin()
			warm.until(500)
			warm.finish()
			quiet := p.figure("go_goroutines")

			l := &load{t: t, program: p, books: warm.books, writers: 10, batch: 10, every: 200 * time.Millisecond}
			memory := watch(life, max(lasts/1000, 50*time.Millisecond))
			app.visit(p, again)
			l.begin()
			end := time.NewTimer(lasts)
			<-end.C
			l.finish()
			asked, failed := app.leave()
			memory.stop()
			slope := memory.slope(lasts / 6)
			t.Logf("%v: %d acknowledged, %d pages; memory %+.2f MiB an hour, at most %.0f MiB; heap %.1f MiB",
				lasts, l.books.acknowledged(), asked, slope/mebi, memory.most()/mebi, p.figure("go_memstats_heap_inuse_bytes")/mebi)
			if failed > 0 || l.refused.Load() > 0 || l.cut.Load() > 0 {
				t.Errorf("%d pages failed, %d posts refused, %d cut; want none", failed, l.refused.Load(), l.cut.Load())
			}
			if isLong && slope > mebi {
				t.Errorf("memory grows by %.2f MiB an hour, want at most 1", slope/mebi)
			}
			await(t, "as few goroutines as before", func() bool { return p.figure("go_goroutines") <= quiet })
			p.stop()
			l.books.prove(p)
		})
	}
}
