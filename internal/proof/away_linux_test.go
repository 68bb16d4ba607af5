package proof

import (
	"database/sql"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

const mebi = 1 << 20

// PostgreSQL is away for PROOF_AWAY seconds, at 2,000 events a second
// (PROOF_RATE): nothing is refused, nothing acknowledged is lost, memory is
// bounded, what waited is stored at 20,000 rows a second, and the application's
// pages come as before.
func TestAway(t *testing.T) {
	t.Parallel()
	away := time.Duration(size("PROOF_AWAY", 3, 30*60)) * time.Second
	rate := size("PROOF_RATE", 1000, 2000)
	const writers, batch = 20, 20
	server, app := startServer(t), newApplication(t)
	p := newProgram(t, setup{database: server.url("", "postgres"), args: []string{"--upstream", app.URL}})
	life := p.begin()
	memory := watch(life, time.Second)

	app.program = p
	pages := int64(size("PROOF_PAGES", 200, 10_000))
	for range pages {
		app.page()
	}
	if failed := app.failed.Load(); failed > 0 {
		t.Fatalf("%d of %d pages did not come before anything was wrong", failed, pages)
	}

	server.stop("fast")
	l := &load{t: t, program: p, books: newBooks(), writers: writers, batch: batch, only: eventsOnly,
		every: writers * batch * time.Second / time.Duration(rate)}
	app.visit(p, max(time.Duration(int64(away)/pages/2), time.Millisecond))
	began := time.Now()
	l.begin()
	end := time.NewTimer(away)
	<-end.C
	l.finish()
	lasted := time.Since(began)
	asked, failed := app.leave()
	t.Logf("away for %v: %d events acknowledged, %.0f a second; %d posts refused, %d cut; at most %.0f MiB resident; %d of %d pages failed, the slowest took %v",
		lasted.Round(time.Second), l.books.acknowledged(), float64(l.books.acknowledged())/lasted.Seconds(),
		l.refused.Load(), l.cut.Load(), memory.most()/mebi, failed, asked, time.Duration(app.slowest.Load()))
	if l.refused.Load() > 0 || l.cut.Load() > 0 || failed > 0 {
		t.Errorf("%d posts refused, %d cut, %d pages failed; want none", l.refused.Load(), l.cut.Load(), failed)
	}

	server.start()
	if !isLong { // which waits until the program tries again
		memory.stop()
		p.stop()
		l.books.prove(p)
		return
	}
	l.drained()
	memory.stop()
	if most := memory.most(); most > 256*mebi {
		t.Errorf("%.0f MiB resident, want at most 256", most/mebi)
	}
	p.stop()
	l.books.prove(p)
}

// drained waits until what waited is stored, and compares how fast that was.
func (l *load) drained() {
	l.t.Helper()
	const leastRate, lookEvery, longest = 20_000, 250 * time.Millisecond, 30 * time.Minute
	db := storetest.DB(l.t, l.program.database)
	want := l.books.acknowledged()
	before := positions(l.t, db)
	var began time.Time
	for deadline := time.Now().Add(longest); ; <-time.After(lookEvery) {
		got := positions(l.t, db) - before
		switch {
		case began.IsZero() && got > 0:
			began, before, want = time.Now(), before+got, want-got
		case got >= want:
			rate := float64(got) / time.Since(began).Seconds()
			l.t.Logf("%d rows stored in %v: %.0f a second", got, time.Since(began), rate)
			if rate < leastRate {
				l.t.Errorf("%.0f rows a second, want %d", rate, leastRate)
			}
			return
		case time.Now().After(deadline):
			l.t.Fatalf("%d of %d rows stored after %v", got, want, longest)
		}
	}
}

// positions returns how many samples of all sources are stored.
func positions(t testing.TB, db *sql.DB) (sum int64) {
	t.Helper()
	if err := db.QueryRow("SELECT COALESCE(sum(position), 0)::bigint FROM replay_positions").Scan(&sum); err != nil {
		t.Fatal(err)
	}
	return sum
}
