package store

import (
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/sketch"
)

// SQLite groups by sorting, which takes three times as long as handing the rows
// over, and it runs in this process anyway. So there the groups of a SELECT are
// made here, row by row, from the same columns of raw.

// rawRow is one row of raw, as far as it was selected.
type rawRow struct {
	key       metric.Key
	errorType string
	user      string
	status    int
	ms        float64
	at        time.Time
	success   bool
}

// selection lists what to select from raw and where to scan it.
type selection struct {
	columns []string
	to      []any
}

func (s *selection) add(expression string, to any) {
	s.columns = append(s.columns, expression)
	s.to = append(s.to, to)
}

// statement selects from raw.
func (s *selection) statement(where string) string {
	return `SELECT ` + strings.Join(s.columns, ", ") + ` FROM raw` + where
}

// dimensions adds those columns of the key that are asked for.
func (s *selection) dimensions(by Dims, row *rawRow, g grouping) {
	for _, d := range []struct {
		by         Dims
		expression string
		to         any
	}{
		{ByHour | ByDay, g.bucket(), instant{&row.key.Bucket}},
		{ByApp, "app", &row.key.App},
		{ByEndpoint, "endpoint", &row.key.Endpoint},
		{ByMethod, "method", &row.key.Method},
		{ByEventType, "event_type", &row.key.EventType},
		{ByPage, "page_name", &row.key.PageName},
		{ByElement, "element_id", &row.key.ElementID},
		{ByErrorType, errorType, &row.errorType},
	} {
		if g.by&by&d.by != 0 {
			s.add(d.expression, d.to)
		}
	}
}

// requestRows is grouping.requests without groups.
func (g grouping) requestRows(kinds []metric.Kind) (text string, add func(*rollups, *sql.Rows) error) {
	var row rawRow
	var columns selection
	by, where := ByHour|ByDay|ByApp|ByEndpoint|ByMethod, ""
	timed, failed := slices.Contains(kinds, metric.KindPerformance), slices.Contains(kinds, metric.KindError)
	columns.add("status_code", &row.status)
	columns.add("user_id", &row.user)
	switch {
	case timed:
		columns.add("response_time_ms", &row.ms)
	case failed:
		where = ` WHERE status_code >= 400`
	default:
		return "", nil
	}
	if failed {
		columns.add("at", instant{&row.at})
		by |= ByErrorType
	}
	columns.dimensions(by, &row, g)
	return columns.statement(where), func(r *rollups, rows *sql.Rows) error {
		return each(rows, columns.to, func() {
			if timed {
				row.key.Kind, row.key.ErrorType = metric.KindPerformance, ""
				rollup := r.at(row.key)
				addLatencies(rollup, row.status, sketch.Index(row.ms), 1, metric.Nanoseconds(row.ms), row.ms, row.ms)
				addUser(rollup, row.user, 1)
			}
			if failed && row.status >= 400 {
				row.key.Kind, row.key.ErrorType = metric.KindError, row.errorType
				rollup := r.at(row.key)
				rollup.Merge(&metric.Rollup{Count: 1, FirstSeen: row.at, LastSeen: row.at})
				addUser(rollup, row.user, 1)
			}
		})
	}
}

// eventRows is grouping.events without groups.
func (g grouping) eventRows(kinds []metric.Kind) (text string, add func(*rollups, *sql.Rows) error) {
	var row rawRow
	var columns selection
	by := ByHour | ByDay | ByApp
	used, tallied := slices.Contains(kinds, metric.KindUsage), slices.Contains(kinds, metric.KindUser)
	if !used && !tallied {
		return "", nil
	}
	columns.add("user_id", &row.user)
	if used {
		columns.add("success IS NOT FALSE", &row.success)
		by |= ByEventType | ByPage | ByElement
	}
	columns.dimensions(by, &row, g)
	return columns.statement(""), func(r *rollups, rows *sql.Rows) error {
		return each(rows, columns.to, func() {
			if used {
				row.key.Kind = metric.KindUsage
				rollup := r.at(row.key)
				rollup.Count++
				if row.success {
					rollup.SuccessCount++
				} else {
					rollup.FailureCount++
				}
				addUser(rollup, row.user, 1)
			}
			if tallied {
				rollup := r.at(metric.Key{Bucket: row.key.Bucket, Kind: metric.KindUser, App: row.key.App})
				rollup.Count++
				rollup.Tally.Add(row.user, 1)
			}
		})
	}
}

// each scans every row and calls f.
func each(rows *sql.Rows, to []any, f func()) error {
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		f()
	}
	return nil
}
