package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
)

// copiedTable holds what copies have brought, by table and slice.
const copiedTable = "copied_slices"

// Copied returns what copies have brought into a table, by slice.
func (v *Snapshot) Copied(ctx context.Context, table string) (map[time.Time]SliceSum, error) {
	sums, err := v.store.copied(ctx, v.tx, table, Span{epoch, time.UnixMicro(latest + 1)})
	return sums, v.store.fail(ctx, "read what was copied", err)
}

func (s *Store) copied(ctx context.Context, tx *sql.Tx, table string, in Span) (map[time.Time]SliceSum, error) {
	rows, err := tx.QueryContext(ctx, `SELECT slice, row_count, checksum FROM `+copiedTable+`
		WHERE table_name = $1 AND slice >= $2 AND slice < $3`, table, s.engine.time(in.From), s.engine.time(in.To))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	sums := map[time.Time]SliceSum{}
	for rows.Next() {
		var slice time.Time
		var sum SliceSum
		var checksum int64
		if err := rows.Scan(instant{&slice}, &sum.Rows, &checksum); err != nil {
			return nil, err
		}
		sum.Checksum = uint64(checksum)
		sums[slice] = sum
	}
	return sums, rows.Err()
}

// Replacement says which slices of a copy to make those of its source again.
type Replacement struct {
	Run    uuid.UUID // see [Store.ClaimCopy]
	Source *Snapshot
	Table  string
	Span   Span

	// Progress, unless nil, hears how many rows were written more.
	Progress func(rows int)
}

// Replaced says what a [Replacement] did.
type Replaced struct {
	Removed, Written int64
	// Adjusted are the rows with values that PostgreSQL cannot hold and SQLite
	// can: characters that are none, and numbers out of its range.
	Adjusted int64
}

// Replace makes slices of this database those of the source, in one
// transaction: it takes out what an earlier copy brought, puts in what the
// source holds, reads it again, and commits only when both have the same sums.
// It returns [ErrNotACopy] and changes nothing when there is anything else than
// what was brought, and [ErrSuperseded] when another copy goes on. It is safe to
// repeat and to kill.
func (s *Store) Replace(ctx context.Context, q Replacement) (done Replaced, err error) {
	t, err := findTransferTable(q.Table)
	if err != nil {
		return done, err
	}
	if q.Progress == nil {
		q.Progress = func(int) {}
	}
	err = s.write(ctx, "copy "+q.Table, func(conn *sql.Conn, tx *sql.Tx) error {
		r := &replacement{Replacement: q, store: s, conn: conn, tx: tx, table: t}
		if err := r.run(ctx); err != nil {
			return err
		}
		done = r.done
		return nil
	})
	if err == nil {
		err = s.reach(ctx, "copy.committed")
	}
	return done, err
}

// replacement is one transaction of [Store.Replace].
type replacement struct {
	Replacement
	store *Store
	conn  *sql.Conn
	tx    *sql.Tx
	table *transferTable
	done  Replaced
}

func (r *replacement) run(ctx context.Context) error {
	if err := r.store.engine.staySteady(ctx, r.tx); err != nil {
		return err
	}
	if err := r.store.hold(ctx, r.tx, r.Run, nil); err != nil {
		return err
	}
	removed, err := r.remove(ctx)
	if err != nil {
		return err
	}
	sent, err := r.insert(ctx)
	if err != nil {
		return err
	}
	if err := r.forgetDays(ctx, removed, sent); err != nil {
		return err
	}
	if err := r.store.reach(ctx, "copy.verify"); err != nil {
		return err
	}
	arrived, err := r.store.sumSlices(ctx, r.tx, r.table, r.Span, nil)
	if err != nil {
		return err
	}
	if err := r.same(arrived, sent, "is not as it was sent"); err != nil {
		return err
	}
	if err := r.record(ctx, sent); err != nil {
		return err
	}
	return r.store.reach(ctx, "copy.commit")
}

// remove takes out what an earlier copy brought, and nothing else.
func (r *replacement) remove(ctx context.Context) (map[time.Time]SliceSum, error) {
	brought, err := r.store.copied(ctx, r.tx, r.Table, r.Span)
	if err != nil {
		return nil, err
	}
	if err := r.store.reach(ctx, "copy.remove"); err != nil {
		return nil, err
	}
	where, args := r.store.within(r.table, r.Span)
	text, takes := r.store.engine.takeStatement(r.table.name, r.table.selected(), where, `SELECT * FROM raw`)
	rows, err := r.tx.QueryContext(ctx, r.store.engine.expand(text), args...)
	if err != nil {
		return nil, err
	}
	removed, err := sumRows(rows, newRowReader(r.table, r.store.engine.name() == SQLite, false), nil)
	if err != nil {
		return nil, err
	}
	if err := r.same(removed, brought, "was not brought by a copy"); err != nil {
		return nil, err
	}
	for _, sum := range removed {
		r.done.Removed += sum.Rows
	}
	if !takes && r.done.Removed > 0 {
		text := r.store.engine.expand(`DELETE FROM ` + r.table.name + ` WHERE ` + where)
		if _, err := r.tx.ExecContext(ctx, text, args...); err != nil {
			return nil, err
		}
	}
	return removed, nil
}

// insert puts in what the source holds: the next rows are read while the ones
// before are written.
func (r *replacement) insert(ctx context.Context) (map[time.Time]SliceSum, error) {
	if err := r.store.reach(ctx, "copy.insert"); err != nil {
		return nil, err
	}
	batches, stop, read := make(chan batch, 1), make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(batches)
		// The source's transaction outlives a failure here: this one may be
		// tried again.
		err := r.Source.send(ctx, r.table, r.Span, func(b batch) error {
			select {
			case batches <- b:
				return nil
			case <-stop:
				return errStopped
			}
		})
		read <- r.Source.store.fail(ctx, "read "+r.Table+" of the source", err)
	}()
	sums, err := r.write(ctx, batches)
	close(stop)
	if readErr := <-read; err == nil {
		err = readErr
	}
	return sums, err
}

// errStopped ends reading when writing failed.
var errStopped = errors.New("stopped")

// write inserts batches until there are no more, and adds them up.
func (r *replacement) write(ctx context.Context, batches <-chan batch) (map[time.Time]SliceSum, error) {
	sums := newSlicesums()
	for b := range batches {
		values := make([][]any, len(b.rows))
		for i, row := range b.rows {
			sums.add(row)
			values[i] = r.store.engine.carry(row)
		}
		err := r.store.insert(ctx, r.conn, r.tx, "copy.insert-rows", r.table.name, r.table.names(), values)
		if err != nil {
			return nil, err
		}
		r.done.Written += int64(len(values))
		if r.store.engine.name() == PostgreSQL {
			r.done.Adjusted += b.adjusted
		}
		r.Progress(len(values))
	}
	return sums.bySlice(), nil
}

// forgetDays forgets the coarse rollups of the days whose hours were replaced.
func (r *replacement) forgetDays(ctx context.Context, replaced ...map[time.Time]SliceSum) error {
	if r.table.name != rollupTable {
		return nil
	}
	days := map[time.Time]bool{}
	for _, sums := range replaced {
		for slice := range sums {
			days[slice.Truncate(day)] = true
		}
	}
	for _, start := range slices.SortedFunc(maps.Keys(days), time.Time.Compare) {
		if err := r.store.forgetDay(ctx, r.tx, start); err != nil {
			return err
		}
	}
	return nil
}

// same compares what slices hold with what they must.
func (r *replacement) same(got, want map[time.Time]SliceSum, how string) error {
	if maps.Equal(got, want) {
		return nil
	}
	for slice, sum := range want {
		if got[slice] != sum {
			return notACopy(r.store, r.Table, slice, got[slice].Rows, sum.Rows, how)
		}
	}
	for slice, sum := range got {
		if want[slice] != sum {
			return notACopy(r.store, r.Table, slice, sum.Rows, want[slice].Rows, how)
		}
	}
	return nil
}

func notACopy(s *Store, table string, slice time.Time, rows, brought int64, how string) error {
	return fmt.Errorf("%w: %s has %d rows in %s in the hour of %s, of which something %s (%d rows were)",
		ErrNotACopy, s.engine.place(), rows, table, slice.Format(time.RFC3339), how, brought)
}

// record remembers what was brought.
func (r *replacement) record(ctx context.Context, sums map[time.Time]SliceSum) error {
	if err := r.store.reach(ctx, "copy.record"); err != nil {
		return err
	}
	_, err := r.tx.ExecContext(ctx, `DELETE FROM `+copiedTable+` WHERE table_name = $1 AND slice >= $2 AND slice < $3`,
		r.Table, r.store.engine.time(r.Span.From), r.store.engine.time(r.Span.To))
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(sums))
	for slice, sum := range sums {
		rows = append(rows, []any{r.Table, r.store.engine.time(slice), sum.Rows, int64(sum.Checksum)})
	}
	return r.store.insert(ctx, r.conn, r.tx, "copy.record-rows", copiedTable,
		[]string{"table_name", "slice", "row_count", "checksum"}, rows)
}
