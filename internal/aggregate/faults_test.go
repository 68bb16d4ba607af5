package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

var (
	errKilled = errors.New("killed")
	errLost   = errors.New("the answer is lost")
)

// faults are what goes wrong in one run or write. They come with its context,
// so that those that happen at once have each their own.
type faults struct {
	world    *world
	app      string
	kill     int   // before this statement, counted from 1
	conflict []int // another transaction wins before these statements
	meddle   bool  // another program changes rows that are about to be taken
	lose     bool  // the answer to COMMIT
	reached  int
}

type faultsKey struct{}

func (f *faults) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, faultsKey{}, f)
}

// failpoint is the one of every store: what it does is up to the context.
func failpoint(ctx context.Context, point string) error {
	f, ok := ctx.Value(faultsKey{}).(*faults)
	if !ok {
		return nil
	}
	return f.reach(ctx, point)
}

func (f *faults) reach(ctx context.Context, point string) error {
	if point == "append.committed" {
		if f.lose {
			f.lose = false
			f.world.saw.add("answers lost")
			return errLost
		}
		return nil
	}
	f.reached++
	if f.reached == f.kill {
		f.world.saw.add("killed before " + point)
		return errKilled
	}
	if strings.HasSuffix(point, ".lock") {
		return nil
	}
	if slices.Contains(f.conflict, f.reached) {
		f.world.saw.add("forced serialization failures")
		return &pgconn.PgError{Code: "40001", Message: "forced"}
	}
	if f.meddle && point == "retire.take-performance_metrics" {
		f.meddle = false
		return f.update(ctx)
	}
	return nil
}

// update changes nothing of rows that nobody holds, which still makes a
// transaction fail that has them in its snapshot and is to be serializable.
func (f *faults) update(ctx context.Context) error {
	result, err := f.world.db.ExecContext(ctx, `UPDATE performance_metrics SET user_id = user_id WHERE ctid = ANY (ARRAY(
		SELECT ctid FROM performance_metrics WHERE app = $1 FOR UPDATE SKIP LOCKED))`, f.app)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err == nil && n > 0 {
		f.world.saw.add("rows changed while they were taken")
	}
	return nil
}

// drawFaults returns what goes wrong, of about the given number of statements.
func (h *past) drawFaults(t *rapid.T, statements int) *faults {
	f := &faults{world: h.world, app: h.oracle.app}
	if rapid.Bool().Draw(t, "killed") {
		f.kill = rapid.IntRange(1, statements).Draw(t, "before statement")
	}
	if h.engine == store.PostgreSQL && rapid.Bool().Draw(t, "conflicts") {
		f.conflict = rapid.SliceOfN(rapid.IntRange(1, statements), 1, 3).Draw(t, "before statements")
		f.meddle = rapid.Bool().Draw(t, "meddle")
	}
	f.lose = rapid.Bool().Draw(t, "lose the answer")
	return f
}

// expected reports whether an error is one that the faults bring about, or the
// others: a transaction got in their way too often, or waited for too long.
func expected(err error) bool {
	return errors.Is(err, errKilled) || errors.Is(err, errLost) || errors.Is(err, store.ErrUnavailable)
}

// refused reports whether the source of a write was somewhere else.
func refused(err error) bool {
	var elsewhere *metric.PositionError
	return errors.As(err, &elsewhere)
}

// tally counts what happened in histories, so that it can be seen that they
// were not idle. It is safe for concurrent use.
type tally struct {
	mu    sync.Mutex
	times map[string]int64
}

func (c *tally) add(what string) { c.plus(what, 1) }

func (c *tally) plus(what string, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = map[string]int64{}
	}
	c.times[what] += n
}

func (c *tally) log(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines strings.Builder
	for _, what := range slices.Sorted(maps.Keys(c.times)) {
		fmt.Fprintf(&lines, "\n%9d %s", c.times[what], what)
	}
	t.Log(lines.String())
}
