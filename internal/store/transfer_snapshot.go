package store

import (
	"context"
	"database/sql"
	"time"
)

// Slice is one hour of a table.
type Slice struct {
	Start time.Time // the epoch for a table that is one slice
	Rows  int64
}

// Snapshot is what a database held at one moment, whatever is written to it
// meanwhile. It is not safe for concurrent use.
type Snapshot struct {
	// At is a moment of the caller's clock just before.
	At time.Time

	store *Store
	tx    *sql.Tx
}

// Snapshot runs f on one, which ends with f. However long it takes, it changes
// nothing, and nobody who writes waits for it.
func (s *Store) Snapshot(ctx context.Context, f func(*Snapshot) error) error {
	var failed error // of f, which is not the database's to repeat or to name
	err := s.once(ctx, s.engine.reader(), s.engine.readOptions(), func(_ *sql.Conn, tx *sql.Tx) error {
		at := s.now().UTC()
		if err := s.engine.staySteady(ctx, tx); err != nil {
			return err
		}
		// A snapshot is taken by the first statement that reads.
		if _, err := countRows(ctx, tx); err != nil {
			return err
		}
		failed = f(&Snapshot{At: at, store: s, tx: tx})
		return nil
	})
	if failed != nil {
		return failed
	}
	return s.fail(ctx, "take snapshot", err)
}

// Slices returns the slices of a table that hold rows, in ascending order.
func (v *Snapshot) Slices(ctx context.Context, table string) ([]Slice, error) {
	t, err := findTransferTable(table)
	if err != nil {
		return nil, err
	}
	all, err := v.store.countSlices(ctx, v.tx, t)
	return all, v.store.fail(ctx, "count rows of "+table, err)
}

func (s *Store) countSlices(ctx context.Context, tx *sql.Tx, t *transferTable) ([]Slice, error) {
	statement := `SELECT {hour}, count(*) FROM (SELECT ` + t.at + ` AS at FROM ` + t.name + `) AS raw GROUP BY 1 ORDER BY 1`
	if t.at == "" {
		statement = `SELECT NULL, count(*) FROM ` + t.name
	}
	rows, err := tx.QueryContext(ctx, s.engine.expand(statement))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []Slice
	for rows.Next() {
		slice := Slice{}
		if err := rows.Scan(instant{&slice.Start}, &slice.Rows); err != nil {
			return nil, err
		}
		if slice.Start.IsZero() {
			slice.Start = epoch
		}
		if slice.Rows > 0 {
			all = append(all, slice)
		}
	}
	return all, rows.Err()
}

// Sums returns what the slices in a span hold, by their start. progress, unless
// nil, hears of every few thousand rows that were read.
func (v *Snapshot) Sums(ctx context.Context, table string, in Span, progress func(rows int)) (map[time.Time]SliceSum, error) {
	t, err := findTransferTable(table)
	if err != nil {
		return nil, err
	}
	sums, err := v.store.sumSlices(ctx, v.tx, t, in, progress)
	return sums, v.store.fail(ctx, "check rows of "+table, err)
}

func (s *Store) sumSlices(
	ctx context.Context, tx *sql.Tx, t *transferTable, in Span, progress func(rows int),
) (map[time.Time]SliceSum, error) {
	where, args := s.within(t, in)
	rows, err := tx.QueryContext(ctx, s.engine.expand(`SELECT `+t.selected()+` FROM `+t.name+` WHERE `+where), args...)
	if err != nil {
		return nil, err
	}
	return sumRows(rows, newRowReader(t, s.engine.name() == SQLite, false), progress)
}

// progressRows is after how many rows progress is told.
const progressRows = 4096

// sumRows reads and closes rows.
func sumRows(rows *sql.Rows, reader *rowReader, progress func(rows int)) (map[time.Time]SliceSum, error) {
	defer func() { _ = rows.Close() }()
	sums := newSlicesums()
	read := 0
	for rows.Next() {
		row, err := reader.read(rows)
		if err != nil {
			return nil, err
		}
		sums.add(row)
		if read++; read == progressRows && progress != nil {
			progress(read)
			read = 0
		}
	}
	if progress != nil {
		progress(read)
	}
	return sums.bySlice(), rows.Err()
}

// slicesums adds up rows by slice. Rows of one slice mostly follow one another.
type slicesums struct {
	all     map[int64]*SliceSum
	current *SliceSum
	slice   int64
}

func newSlicesums() *slicesums { return &slicesums{all: map[int64]*SliceSum{}} }

func (s *slicesums) add(row carriedRow) {
	if s.current == nil || s.slice != row.slice {
		s.slice, s.current = row.slice, s.all[row.slice]
		if s.current == nil {
			s.current = &SliceSum{}
			s.all[row.slice] = s.current
		}
	}
	s.current.add(SliceSum{1, row.hash})
}

func (s *slicesums) bySlice() map[time.Time]SliceSum {
	sums := make(map[time.Time]SliceSum, len(s.all))
	for slice, sum := range s.all {
		sums[time.UnixMicro(slice).UTC()] = *sum
	}
	return sums
}

// Bounds of what is on its way between two databases at once.
const (
	batchRows  = 5000
	batchBytes = 4 << 20
)

// batch are rows on their way.
type batch struct {
	rows     []carriedRow
	bytes    int
	adjusted int64 // rows whose values are not exactly those of the source
}

// send reads the rows of a span and hands them to deliver, batch by batch.
func (v *Snapshot) send(ctx context.Context, t *transferTable, in Span, deliver func(batch) error) error {
	where, args := v.store.within(t, in)
	text := v.store.engine.expand(`SELECT ` + t.selected() + ` FROM ` + t.name + ` WHERE ` + where)
	rows, err := v.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	reader := newRowReader(t, v.store.engine.name() == SQLite, true)
	var b batch
	for rows.Next() {
		row, err := reader.read(rows)
		if err != nil {
			return err
		}
		b.rows, b.bytes = append(b.rows, row), b.bytes+row.bytes
		if row.adjusted {
			b.adjusted++
		}
		if len(b.rows) == batchRows || b.bytes >= batchBytes {
			if err := deliver(b); err != nil {
				return err
			}
			b = batch{rows: make([]carriedRow, 0, batchRows)}
		}
	}
	if err := rows.Err(); err != nil || len(b.rows) == 0 {
		return err
	}
	return deliver(b)
}

// A reader of SQLite is in nobody's way for as long as it likes.
func (e *embedded) staySteady(context.Context, *sql.Tx) error { return nil }

// staySteady takes back the bounds that a server or a role may have on how long
// a statement runs and a transaction waits for its next one.
func (p *postgres) staySteady(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT set_config('statement_timeout', '0', true),
		set_config('idle_in_transaction_session_timeout', '0', true)`)
	return err
}
