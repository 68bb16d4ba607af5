package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// DefaultMaxRows is how many raw rows one transaction of [Store.Retire] takes
// when its request does not say.
const DefaultMaxRows = 1_000_000

// RetireRequest says which rows end their life.
type RetireRequest struct {
	// RawBefore: raw rows with earlier timestamps become rollups. It is cut
	// to the hour.
	RawBefore time.Time

	// RollupsBefore: rollups of earlier hours, and raw rows that old, are
	// deleted. It is cut to the hour; zero deletes nothing.
	RollupsBefore time.Time

	// MaxRows is the most raw rows that one transaction takes; 0 for
	// [DefaultMaxRows]. Hours are never split, so one hour may exceed it.
	MaxRows int64

	// DryRun counts what would happen, and changes nothing.
	DryRun bool

	// Progress, when set, hears how many raw rows are done, of how many.
	Progress func(done, total int64)
}

// RetireReport says what [Store.Retire] did, or would do.
type RetireReport struct {
	RequestsRolled, EventsRolled   int64 // raw rows that became rollups
	RequestsExpired, EventsExpired int64 // raw rows older than the retention
	RollupsExpired                 int64 // rollups older than the retention
	RollupsWritten                 int64 // rollups made or replaced; unknown (0) in a dry run
	Hours                          int   // hours that had raw rows
	Transactions                   int   // that retired rows
	DaysSummed                     int   // days whose coarse rollups were made
	Before, After                  Rows
}

// Retire turns old raw rows into rollups and deletes what is past the
// retention. It is safe to repeat, to kill and to run beside writers: each of
// its transactions (one, unless there are more than MaxRows raw rows) leaves
// either the old state or the new. Rows that arrive late for an hour that has
// rollups are merged into them. Afterwards it sums up the days that are wholly
// retired, for questions about long ranges. It returns [ErrLocked] when another
// run is at it, with a report of the transactions that were committed before.
func (s *Store) Retire(ctx context.Context, q RetireRequest) (RetireReport, error) {
	q.RawBefore = q.RawBefore.UTC().Truncate(time.Hour)
	q.RollupsBefore = q.RollupsBefore.UTC().Truncate(time.Hour)
	if q.MaxRows <= 0 {
		q.MaxRows = DefaultMaxRows
	}
	if q.Progress == nil {
		q.Progress = func(int64, int64) {}
	}
	if q.DryRun {
		return s.foresee(ctx, q)
	}
	var report RetireReport
	var err error
	if report.Before, err = s.rows(ctx); err != nil {
		return report, err
	}
	for more := true; more; {
		if more, err = s.retirePart(ctx, q, &report); err != nil {
			return report, err
		}
	}
	if err := s.coarsen(ctx, q, &report); err != nil {
		return report, err
	}
	report.After, err = s.rows(ctx)
	return report, err
}

// rows counts the rows of the tables.
func (s *Store) rows(ctx context.Context) (rows Rows, err error) {
	err = s.read(ctx, "count rows", func(tx *sql.Tx) error {
		rows, err = countRows(ctx, tx)
		return err
	})
	return rows, err
}

// foresee counts what Retire would do.
func (s *Store) foresee(ctx context.Context, q RetireRequest) (report RetireReport, err error) {
	err = s.read(ctx, "retire", func(tx *sql.Tx) error {
		report = RetireReport{}
		if report.Before, err = countRows(ctx, tx); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, s.engine.expand(`SELECT
				(SELECT count(*) FROM performance_metrics WHERE {timestamp} < $1),
				(SELECT count(*) FROM usage_events WHERE {timestamp} < $1),
				(SELECT count(*) FROM aggregated_metrics WHERE {time_bucket} < $1)`), s.engine.time(q.expireBefore())).
			Scan(&report.RequestsExpired, &report.EventsExpired, &report.RollupsExpired)
		if err != nil {
			return err
		}
		hours, err := s.hours(ctx, tx, q)
		if err != nil {
			return err
		}
		report.Hours = len(hours)
		rolled := int64(0)
		for _, hour := range hours {
			report.RequestsRolled += hour.requests
			report.EventsRolled += hour.events
			if rolled == 0 || rolled+hour.rows() > q.MaxRows {
				report.Transactions++
				rolled = 0
			}
			rolled += hour.rows()
		}
		report.Transactions = max(report.Transactions, 1)
		report.After = report.Before
		return nil
	})
	return report, err
}

// retirePart runs one transaction, adds what it did to the report, and reports
// whether there is more to do.
func (s *Store) retirePart(ctx context.Context, q RetireRequest, report *RetireReport) (more bool, err error) {
	var r *retirement
	err = s.exclusively(ctx, "retire", func(conn *sql.Conn, tx *sql.Tx) error {
		r = &retirement{store: s, conn: conn, tx: tx, request: q, report: *report}
		return r.run(ctx)
	})
	if err != nil {
		return false, err
	}
	*report = r.report
	return r.more, nil
}

// exclusively runs f in a transaction that holds the aggregation lock, or
// returns [ErrLocked]. The operation names the failpoint before it.
func (s *Store) exclusively(
	ctx context.Context, operation string, f func(*sql.Conn, *sql.Tx) error,
) (err error) {
	if err := s.reach(ctx, operation+".lock"); err != nil {
		return err
	}
	release, err := s.engine.tryLock()
	if err != nil {
		return s.fail(ctx, operation, err)
	}
	defer func() { err = errors.Join(err, release()) }()
	return s.transact(ctx, operation, s.engine.writer(), s.engine.retireOptions(),
		func(conn *sql.Conn, tx *sql.Tx) error {
			if err := s.engine.tryLockInside(ctx, tx); err != nil {
				return err
			}
			return f(conn, tx)
		})
}

// hourRows counts the raw rows of an hour.
type hourRows struct {
	start            time.Time
	requests, events int64
}

func (h hourRows) rows() int64 { return h.requests + h.events }

// hours returns the hours that have raw rows to roll up, oldest first.
func (s *Store) hours(ctx context.Context, tx *sql.Tx, q RetireRequest) ([]hourRows, error) {
	rows, err := tx.QueryContext(ctx, s.engine.expand(`
		SELECT start, CAST(sum(requests) AS BIGINT), CAST(sum(events) AS BIGINT) FROM (
			SELECT {hour} AS start, count(*) AS requests, 0 AS events
				FROM (SELECT {timestamp} AS at FROM performance_metrics
					WHERE {timestamp} >= $1 AND {timestamp} < $2) AS raw GROUP BY 1
			UNION ALL
			SELECT {hour}, 0, count(*)
				FROM (SELECT {timestamp} AS at FROM usage_events
					WHERE {timestamp} >= $1 AND {timestamp} < $2) AS raw GROUP BY 1
		) AS hours GROUP BY start ORDER BY start`), s.engine.time(q.expireBefore()), s.engine.time(q.RawBefore))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var hours []hourRows
	for rows.Next() {
		var h hourRows
		if err := rows.Scan(instant{&h.start}, &h.requests, &h.events); err != nil {
			return nil, err
		}
		hours = append(hours, h)
	}
	return hours, rows.Err()
}

// epoch is the earliest time that a row can have.
var epoch = time.Unix(0, 0).UTC()

// expireBefore returns the time before which everything is deleted, never
// before the epoch.
func (q RetireRequest) expireBefore() time.Time {
	if q.RollupsBefore.Before(epoch) {
		return epoch
	}
	return q.RollupsBefore
}
