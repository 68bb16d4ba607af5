package proof

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// A full disk: posts are refused, so that nothing is acknowledged that could not
// be kept, the application is unaffected, and once there is space again posts
// are accepted. The real numbers: refused within 1 s, accepted within 5 s.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ engine, ack string }{
		{store.PostgreSQL, ackDisk}, // the spool is on the disk
		{store.SQLite, ackDisk},     // so is the database
		{store.SQLite, ackDB},
	} {
		for _, d := range disks(t) {
			t.Run(c.engine+" ack "+c.ack+" "+d.name, func(t *testing.T) {
				t.Parallel()
				app := newApplication(t)
				s := setup{
					ack: c.ack, database: "sqlite://" + filepath.Join(d.dir, "appmetrics.db"),
					env: []string{"APPMETRICS_SPOOL_PATH=" + filepath.Join(d.dir, "spool")}, args: []string{"--upstream", app.URL},
				}
				if c.engine == store.PostgreSQL {
					s.database = storetest.URL(t, c.engine)
				}
				p := newProgram(t, s)
				l := &load{t: t, program: p, books: newBooks(), writers: 8, pause: 20 * time.Millisecond}
				life := p.begin()
				l.begin()
				l.until(100)
				app.visit(p, again)
				asked := app.asked.Load()

				if err := d.fill(life); err != nil {
					t.Fatal(err)
				}
				await(t, "posts refused", func() bool {
					// What a replay frees, another file takes.
					if err := d.fill(life); err != nil {
						t.Fatal(err)
					}
					return l.refused.Load() > 20 && app.asked.Load() > asked+10
				})
				began, acknowledged := time.Now(), l.books.acknowledged()
				if err := d.free(life); err != nil {
					t.Fatal(err)
				}
				await(t, "posts accepted", func() bool { return l.books.acknowledged() > acknowledged })
				healed, slowest := time.Since(began), time.Duration(l.slowest.Load())
				l.until(100)
				visits, failed := app.leave()
				p.stop()
				l.finish()
				t.Logf("%d posts refused, the slowest after %v; accepted again after %v; %d of %d pages failed",
					l.refused.Load(), slowest, healed, failed, visits)
				if failed > 0 {
					t.Errorf("%d of %d pages did not come", failed, visits)
				}
				if isLong && (slowest > time.Second || healed > 5*time.Second) {
					t.Errorf("refused after %v, want 1 s; accepted after %v, want 5 s", slowest, healed)
				}
				l.books.prove(p)
			})
		}
	}
}
