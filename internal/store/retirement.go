package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// retirement is one transaction of [Store.Retire]. It works hour by hour, so
// that it holds the groups of one hour in memory and no rows.
type retirement struct {
	store   *Store
	conn    *sql.Conn
	tx      *sql.Tx
	request RetireRequest
	report  RetireReport // of all transactions so far
	more    bool         // whether hours are left for another transaction
	day     time.Time    // of the hour that was replaced last
}

func (r *retirement) run(ctx context.Context) error {
	r.report.Transactions++
	if err := r.expire(ctx); err != nil {
		return err
	}
	if err := r.store.reach(ctx, "retire.plan"); err != nil {
		return err
	}
	hours, err := r.store.hours(ctx, r.tx, r.request)
	if err != nil {
		return err
	}
	done := r.report.RequestsRolled + r.report.EventsRolled
	total := done
	for _, hour := range hours {
		total += hour.rows()
	}
	var taken int64
	for _, hour := range hours {
		if taken > 0 && taken+hour.rows() > r.request.MaxRows {
			r.more = true
			break
		}
		if err := r.hour(ctx, hour.start); err != nil {
			return err
		}
		taken += hour.rows()
		r.request.Progress(done+taken, total)
	}
	return r.store.reach(ctx, "retire.commit")
}

// expire deletes what is past the retention.
func (r *retirement) expire(ctx context.Context) error {
	before := r.store.engine.time(r.request.expireBefore())
	for _, expiry := range []struct {
		point, table, column string
		count                *int64
	}{
		{"retire.expire-requests", requestTable, "{timestamp}", &r.report.RequestsExpired},
		{"retire.expire-events", eventTable, "{timestamp}", &r.report.EventsExpired},
		{"retire.expire-rollups", rollupTable, "{time_bucket}", &r.report.RollupsExpired},
	} {
		n, err := r.delete(ctx, expiry.point, expiry.table, expiry.column+" < $1", before)
		if err != nil {
			return err
		}
		*expiry.count += n
	}
	// What is left of a day that is deleted in part is in no answer.
	if _, err := r.delete(ctx, "retire.expire-coarse", coarseTable, coarseWithin, r.store.engine.time(epoch), before); err != nil {
		return err
	}
	if _, err := r.delete(ctx, "retire.expire-days", coarseDayTable, "day < $1", before); err != nil {
		return err
	}
	return r.forget(ctx)
}

func (r *retirement) delete(ctx context.Context, point, table, where string, args ...any) (int64, error) {
	if err := r.store.reach(ctx, point); err != nil {
		return 0, err
	}
	result, err := r.tx.ExecContext(ctx, r.store.engine.expand(`DELETE FROM `+table+` WHERE `+where), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// hour replaces the raw rows and the rollups of one hour by new rollups.
func (r *retirement) hour(ctx context.Context, start time.Time) error {
	if err := r.forgetDay(ctx, start.Truncate(day)); err != nil {
		return err
	}
	into := newRollups()
	within := []any{r.store.engine.time(start), r.store.engine.time(start.Add(time.Hour))}
	if err := r.takeRaw(ctx, into, within); err != nil {
		return err
	}
	for _, rollup := range into.byKey {
		if rollup.Kind == metric.KindPerformance {
			r.report.RequestsRolled += rollup.Count
		}
		if rollup.Kind == metric.KindUsage {
			r.report.EventsRolled += rollup.Count
		}
	}
	if err := r.takeRollups(ctx, into, within); err != nil {
		return err
	}
	rows := make([][]any, 0, len(into.byKey))
	// By kind, so that a question finds those of its kind side by side.
	for _, rollup := range slices.SortedFunc(maps.Values(into.byKey), compareKinds) {
		row, err := r.store.rollupRow(rollup)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	r.report.Hours++
	r.report.RollupsWritten += int64(len(rows))
	return r.store.insert(ctx, r.conn, r.tx, "retire.insert", rollupTable, rollupColumns, rows)
}

// forgetDay forgets the coarse rollups of the day of an hour that is about to
// be replaced.
func (r *retirement) forgetDay(ctx context.Context, start time.Time) error {
	if start.Equal(r.day) {
		return nil
	}
	r.day = start
	if err := r.store.reach(ctx, "retire.forget-day"); err != nil {
		return err
	}
	return r.store.forgetDay(ctx, r.tx, start)
}

func compareKinds(a, b *metric.Rollup) int { return cmp.Compare(a.Kind, b.Kind) }

// Rollups keep every dimension that their kind has.
const rollupDims = ByHour | ByApp | ByEndpoint | ByMethod | ByEventType | ByPage | ByElement | ByErrorType

const withinHour = `{timestamp} >= $1 AND {timestamp} < $2`

// takeRaw groups the raw rows of an hour and deletes them.
func (r *retirement) takeRaw(ctx context.Context, into *rollups, within []any) error {
	g := grouping{rollupDims, r.store.engine.groupsSlowly()}
	requests, addRequests := g.requests([]metric.Kind{metric.KindPerformance, metric.KindError})
	events, addEvents := g.events([]metric.Kind{metric.KindUsage, metric.KindUser})
	for _, source := range []struct {
		table, columns, selected string
		add                      func(*rollups, *sql.Rows) error
	}{
		{requestTable, rawRequestColumns, requests, addRequests},
		{eventTable, rawEventColumns, events, addEvents},
	} {
		if err := r.store.reach(ctx, "retire.take-"+source.table); err != nil {
			return err
		}
		text, takes := r.store.engine.takeStatement(source.table, source.columns, withinHour, source.selected)
		if err := into.query(ctx, r.tx, r.store.engine.expand(text), within, source.add); err != nil {
			return err
		}
		if takes {
			continue
		}
		if _, err := r.delete(ctx, "retire.delete-"+source.table, source.table, withinHour, within...); err != nil {
			return err
		}
	}
	return nil
}

// takeRollups deletes the rollups of an hour and merges them into the new
// ones, each under the key that it had.
func (r *retirement) takeRollups(ctx context.Context, into *rollups, within []any) error {
	if err := r.store.reach(ctx, "retire.take-"+rollupTable); err != nil {
		return err
	}
	// Rows of kinds that other programs made up stay as they are.
	rows, err := r.tx.QueryContext(ctx, r.store.engine.expand(`DELETE FROM aggregated_metrics
		WHERE {time_bucket} >= $1 AND {time_bucket} < $2
			AND metric_type IN ('performance', 'usage', 'error', 'user')
		RETURNING `+hourly.rollups(rollupDims)), within...)
	if err != nil {
		return err
	}
	return r.store.readRollups(rows, rollupDims,
		func(row *storedRollup) error { return row.addTo(into.at(row.key)) },
		func(foreign *metric.Rollup) { into.at(foreign.Key).Merge(foreign) })
}
