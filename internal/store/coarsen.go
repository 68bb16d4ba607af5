package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// coarseColumns are the columns that hold a coarse rollup, in the order of
// coarseRow.
var coarseColumns = []string{
	"grain", "bucket", "metric_type", "app", "endpoint_path", "method", "event_type", "page_name", "element_id",
	"error_type", "latency", "users", "figures",
}

// coarseWithin are the coarse rollups of whole days, in the terms of their
// index.
const coarseWithin = `metric_type IN ('performance', 'usage', 'error')
	AND grain IN ('day total', 'hour total', 'day') AND bucket >= $1 AND bucket < $2`

// coarsen sums up the days whose raw rows are all retired, wherever the sum is
// missing or no longer right, and adds to the report how many these were. Each
// day is a transaction of its own, so that it holds the lock for a moment and
// the groups of one day and kind in memory. A day that is not reached, because
// another run has the lock or the process ends, is answered from hours.
func (s *Store) coarsen(ctx context.Context, q RetireRequest, report *RetireReport) error {
	stale, err := s.staleDays(ctx, q)
	if err != nil {
		return err
	}
	for _, start := range stale {
		err := s.exclusively(ctx, "coarsen", func(conn *sql.Conn, tx *sql.Tx) error {
			return s.coarsenDay(ctx, conn, tx, start)
		})
		if errors.Is(err, ErrLocked) {
			return nil
		}
		if err != nil {
			return err
		}
		report.DaysSummed++
	}
	return nil
}

// staleDays returns the days that can be summed up and are not. Days that the
// retention has begun to delete are left alone.
func (s *Store) staleDays(ctx context.Context, q RetireRequest) (stale []time.Time, err error) {
	retained := q.RawBefore.Add(-metric.Retention)
	if q.RollupsBefore.After(retained) {
		retained = q.RollupsBefore
	}
	err = s.read(ctx, "find days to sum up", func(tx *sql.Tx) error {
		stale = nil
		var oldest time.Time
		text := s.engine.expand(`SELECT min({time_bucket}) FROM ` + rollupTable + ` WHERE {time_bucket} >= $1`)
		if err := tx.QueryRowContext(ctx, text, s.engine.time(retained)).Scan(instant{&oldest}); err != nil || oldest.IsZero() {
			return err
		}
		r := wholeDays(metric.Range{Start: retained, End: q.RawBefore})
		if first := oldest.Truncate(day); first.After(r.Start) {
			r.Start = first
		}
		summed := make(map[time.Time]int)
		for _, kind := range coarseKinds {
			days, err := s.coarseDays(ctx, tx, kind, r)
			if err != nil {
				return err
			}
			for _, start := range days {
				summed[start]++
			}
		}
		for start := r.Start; start.Before(r.End); start = start.Add(day) {
			if summed[start] < len(coarseKinds) {
				stale = append(stale, start)
			}
		}
		return nil
	})
	return stale, err
}

// coarsenDay replaces the coarse rollups of one day.
func (s *Store) coarsenDay(ctx context.Context, conn *sql.Conn, tx *sql.Tx, start time.Time) error {
	if err := s.reach(ctx, "coarsen.forget"); err != nil {
		return err
	}
	if err := s.forgetDay(ctx, tx, start); err != nil {
		return err
	}
	if err := s.reach(ctx, "coarsen.delete"); err != nil {
		return err
	}
	from, to := s.engine.time(start), s.engine.time(start.Add(day))
	if _, err := tx.ExecContext(ctx, `DELETE FROM `+coarseTable+` WHERE `+coarseWithin, from, to); err != nil {
		return err
	}
	for _, kind := range coarseKinds {
		if err := s.coarsenKind(ctx, conn, tx, kind, start); err != nil {
			return err
		}
	}
	return s.reach(ctx, "coarsen.commit")
}

func (s *Store) coarsenKind(ctx context.Context, conn *sql.Conn, tx *sql.Tx, kind metric.Kind, start time.Time) error {
	if err := s.reach(ctx, "coarsen.sum-"+string(kind)); err != nil {
		return err
	}
	// One statement reads and counts, because at READ COMMITTED another program
	// may come between two.
	sums, count, err := s.sumDay(ctx, tx, kind, start)
	if err != nil {
		return err
	}
	var rows [][]any
	for i, g := range grains {
		for rollup := range maps.Values(sums[i].byKey) {
			row, err := s.coarseRow(g, rollup)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	if err := s.insert(ctx, conn, tx, "coarsen.insert", coarseTable, coarseColumns, rows); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE `+coarseDayTable+` SET rollups = $1 WHERE day = $2 AND metric_type = $3`,
		count, s.engine.time(start), string(kind))
	return err
}

// sumDay merges the hourly rollups with figures of a day and kind for each of
// the grains, and counts them.
func (s *Store) sumDay(
	ctx context.Context, tx *sql.Tx, kind metric.Kind, start time.Time,
) (sums []*rollups, count int64, err error) {
	for range grains {
		sums = append(sums, newRollups())
	}
	text := `SELECT ` + hourly.rollups(rollupDims) + ` FROM ` + hourly.table + `
		WHERE metric_type = $1 AND {time_bucket} >= $2 AND {time_bucket} < $3 AND figures IS NOT NULL`
	rows, err := tx.QueryContext(ctx, s.engine.expand(text),
		string(kind), s.engine.time(start), s.engine.time(start.Add(day)))
	if err != nil {
		return nil, 0, err
	}
	err = s.readRollups(rows, rollupDims, func(row *storedRollup) (oddity error) {
		count++
		for i, g := range grains {
			oddity = row.addTo(sums[i].at(g.by.key(row.key)))
		}
		return oddity
	}, func(*metric.Rollup) {})
	return sums, count, err
}

// coarseRow returns the values of coarseColumns.
func (s *Store) coarseRow(g grain, r *metric.Rollup) ([]any, error) {
	latency, users, err := sketches(r)
	if err != nil {
		return nil, err
	}
	return []any{
		g.name, s.engine.time(r.Bucket), string(r.Kind), r.App, r.Endpoint, r.Method, r.EventType, r.PageName,
		r.ElementID, r.ErrorType, blob(latency), blob(users), r.AppendFigures(nil),
	}, nil
}

// SumDays sums up the days before the given time whose coarse rollups are
// missing or no longer right, as [Store.Retire] does after its work, and returns
// how many these were. It leaves them to another run that aggregates.
func (s *Store) SumDays(ctx context.Context, before time.Time) (int, error) {
	var report RetireReport
	err := s.coarsen(ctx, RetireRequest{RawBefore: before.UTC().Truncate(time.Hour)}, &report)
	return report.DaysSummed, err
}
