package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

const (
	coarseTable    = "coarse_metrics"
	coarseDayTable = "coarse_days"
)

const day = 24 * time.Hour

// A grain is one way to sum up the hourly rollups of a whole day in UTC.
type grain struct {
	name string
	by   Dims // what its rollups tell apart
}

// grains are the coarse rollups of a day, the fewest rows first.
var grains = []grain{
	{"day total", ByDay | ByApp},
	{"hour total", ByHour | ByApp},
	{"day", rollupDims&^ByHour | ByDay},
}

// coarseKinds are the kinds that have coarse rollups. Tallies have none: there
// is one of them an hour and app already.
var coarseKinds = []metric.Kind{metric.KindPerformance, metric.KindUsage, metric.KindError}

// kindDims are the dimensions that the rollups of a kind have, but for time.
var kindDims = map[metric.Kind]Dims{
	metric.KindPerformance: ByApp | ByEndpoint | ByMethod,
	metric.KindUsage:       ByApp | ByEventType | ByPage | ByElement,
	metric.KindError:       ByApp | ByEndpoint | ByMethod | ByErrorType,
}

// grainFor returns the grain with the fewest rows that can answer a question
// about one kind, and false when only hours can.
func (q Question) grainFor(kind metric.Kind) (grain, bool) {
	dims, known := kindDims[kind]
	need := q.By
	for _, filter := range []struct {
		value string
		by    Dims
	}{{q.Endpoint, ByEndpoint}, {q.Method, ByMethod}, {q.EventType, ByEventType}, {q.PageName, ByPage}} {
		if filter.value != "" {
			need |= filter.by
		}
	}
	need &= dims | ByHour | ByDay
	for _, g := range grains {
		have := g.by
		if have&ByHour != 0 {
			have |= ByDay
		}
		if known && need&^have == 0 {
			return g, true
		}
	}
	return grain{}, false
}

// stretch is a part of a question's range. The rollups with figures of a coarse
// stretch, which is whole days, are answered from coarse ones; all others are
// read as they are.
type stretch struct {
	from, to time.Time
	coarse   bool
}

// stretches divides a range, in ascending order.
func (s *Store) stretches(ctx context.Context, tx *sql.Tx, kind metric.Kind, r metric.Range) ([]stretch, error) {
	days, err := s.coarseDays(ctx, tx, kind, wholeDays(r))
	if err != nil {
		return nil, err
	}
	var all []stretch
	next := r.Start
	for _, start := range days {
		if start.After(next) {
			all = append(all, stretch{from: next, to: start})
		}
		next = start.Add(day)
		if last := len(all) - 1; last >= 0 && all[last].coarse && all[last].to.Equal(start) {
			all[last].to = next
			continue
		}
		all = append(all, stretch{from: start, to: next, coarse: true})
	}
	if next.Before(r.End) {
		all = append(all, stretch{from: next, to: r.End})
	}
	return all, nil
}

// wholeDays returns the days in UTC that lie in a range wholly, which may be
// none: then it ends before it starts.
func wholeDays(r metric.Range) metric.Range {
	start := r.Start.UTC().Truncate(day)
	if start.Before(r.Start) {
		start = start.Add(day)
	}
	return metric.Range{Start: start, End: r.End.UTC().Truncate(day)}
}

// coarseDays returns the starts of those days of a range whose coarse rollups
// of a kind are the sum of exactly the hourly rollups with figures that are
// there, in ascending order. It counts them, from indexes alone: one that was
// inserted or deleted since the day was summed makes the counts differ. The
// program itself never changes an hour without forgetting its day.
func (s *Store) coarseDays(ctx context.Context, tx *sql.Tx, kind metric.Kind, r metric.Range) ([]time.Time, error) {
	if !r.Start.Before(r.End) {
		return nil, nil
	}
	const within = `metric_type = $1 AND {time_bucket} >= d.day AND {time_bucket} < {next_day}`
	rows, err := tx.QueryContext(ctx, s.engine.expand(`SELECT d.day FROM `+coarseDayTable+` AS d
		WHERE d.metric_type = $1 AND d.day >= $2 AND d.day < $3 AND d.rollups =
			(SELECT count(*) FROM `+rollupTable+` WHERE `+within+`)
			- (SELECT count(*) FROM `+rollupTable+` WHERE `+within+` AND figures IS NULL)
		ORDER BY d.day`), string(kind), s.engine.time(r.Start), s.engine.time(r.End))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var days []time.Time
	for rows.Next() {
		var start time.Time
		if err := rows.Scan(instant{&start}); err != nil {
			return nil, err
		}
		days = append(days, start)
	}
	return days, rows.Err()
}

// forgetDay makes every question answer a day from hours, from the commit of
// tx on and until the day is summed again. Whoever changes the rollups of an
// hour, or sums a day, does this before: then of two such transactions that
// overlap the later one fails and starts again, at any isolation.
func (s *Store) forgetDay(ctx context.Context, tx *sql.Tx, start time.Time) error {
	args := []any{s.engine.time(start)}
	for _, kind := range coarseKinds {
		args = append(args, string(kind))
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO `+coarseDayTable+` (day, metric_type)
		VALUES ($1, $2), ($1, $3), ($1, $4) ON CONFLICT (day, metric_type) DO UPDATE SET rollups = NULL`, args...)
	return err
}
