package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

const rollupTable = "aggregated_metrics"

// rollupColumns are the columns that hold a rollup, in the order of
// rollupRow and scannedRollup.
var rollupColumns = []string{
	"time_bucket", "metric_type", "app", "endpoint_path", "method", "event_type", "page_name", "element_id",
	"error_type", "sample_count", "aggregated_values", "latency", "users",
}

const selectedRollup = `{time_bucket}, metric_type, app, COALESCE(endpoint_path, ''), method,
	COALESCE(event_type, ''), page_name, element_id, error_type, sample_count,
	CAST(aggregated_values AS TEXT), latency, users`

// readRollups calls f with every row of a SELECT of selectedRollup. Rows that
// other programs wrote may hold values that make no sense; what can be read of
// them is used, and the rest is reported once.
func (s *Store) readRollups(rows *sql.Rows, f func(*metric.Rollup) error) error {
	defer func() { _ = rows.Close() }()
	var odd int
	var example error
	for rows.Next() {
		rollup, oddity, err := scanRollup(rows)
		if err != nil {
			return err
		}
		if oddity != nil {
			odd, example = odd+1, oddity
		}
		if err := f(rollup); err != nil {
			return err
		}
	}
	if odd > 0 {
		s.log.Warn("rollups hold values that cannot be read", "rollups", odd, "last", example)
	}
	return rows.Err()
}

// scanRollup reads one row. oddity says what of it could not be read.
func scanRollup(rows *sql.Rows) (r *metric.Rollup, oddity, err error) {
	r = &metric.Rollup{}
	var values, latency, users sql.RawBytes
	var bucket time.Time
	err = rows.Scan(instant{&bucket}, &r.Kind, &r.App, &r.Endpoint, &r.Method, &r.EventType, &r.PageName,
		&r.ElementID, &r.ErrorType, &r.Count, &values, &latency, &users)
	if err != nil {
		return nil, nil, err
	}
	r.Bucket = bucket.Truncate(time.Hour)
	if len(latency) > 0 {
		oddity = r.Latency.UnmarshalBinary(latency)
	}
	switch {
	case len(users) == 0:
	case r.Kind == metric.KindUser:
		oddity = firstOf(oddity, r.Tally.UnmarshalBinary(users))
	default:
		oddity = firstOf(oddity, r.Users.UnmarshalBinary(users))
	}
	return r, firstOf(oddity, r.DecodeValues(values)), nil
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// rollupRow returns the values of rollupColumns.
func (s *Store) rollupRow(r *metric.Rollup) ([]any, error) {
	values, err := r.Values()
	if err != nil {
		return nil, err
	}
	var latency, users []byte
	if r.Kind == metric.KindPerformance {
		latency, err = r.Latency.AppendBinary(nil)
	}
	if err != nil {
		return nil, err
	}
	if r.Kind == metric.KindUser {
		users, err = r.Tally.AppendBinary(nil)
	} else {
		users, err = r.Users.AppendBinary(nil)
	}
	if err != nil {
		return nil, err
	}
	return []any{
		s.engine.time(r.Bucket), string(r.Kind), r.App, nullable(r.Endpoint), r.Method, nullable(r.EventType),
		r.PageName, r.ElementID, r.ErrorType, r.Count, string(values), blob(latency), blob(users),
	}, nil
}

// blob returns NULL for no bytes.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func (s *Store) summarizeRollups(ctx context.Context, tx *sql.Tx, q Question, into *rollups) error {
	for _, kind := range q.Kinds {
		f := s.rollupFilter(kind, q)
		text := `SELECT ` + selectedRollup + ` FROM ` + rollupTable + ` WHERE ` + f.String()
		rows, err := tx.QueryContext(ctx, s.engine.expand(text), f.args...)
		if err != nil {
			return err
		}
		if err := s.readRollups(rows, func(r *metric.Rollup) error {
			into.merge(r, q)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) rollupFilter(kind metric.Kind, q Question) *filter {
	f := &filter{}
	f.where("{time_bucket} >= %s AND {time_bucket} < %s", s.engine.time(q.Range.Start), s.engine.time(q.Range.End))
	f.where("metric_type = %s", string(kind))
	f.app(q.App)
	switch kind {
	case metric.KindPerformance, metric.KindError:
		f.equals("endpoint_path", q.Endpoint)
		f.equals("method", q.Method)
	case metric.KindUsage:
		f.equals("event_type", q.EventType)
		if q.PageName != "" {
			// A rollup of another program may hold counts of several pages.
			f.where("page_name IN (%s, '')", q.PageName)
		}
	case metric.KindUser: // has no dimension but the app
	}
	return f
}

// merge adds a stored rollup under the key that the question asks for.
func (r *rollups) merge(rollup *metric.Rollup, q Question) {
	if rollup.Count == 0 {
		return
	}
	parts := []metric.Rollup{*rollup}
	if len(rollup.Pages) > 0 && (q.By&ByPage != 0 || q.PageName != "") {
		parts = rollup.SplitPages()
	}
	for i := range parts {
		stored := &parts[i]
		if q.PageName != "" && stored.Kind == metric.KindUsage && stored.PageName != q.PageName {
			continue
		}
		r.at(q.By.key(stored.Key)).Merge(stored)
	}
}

// key returns the key without the dimensions that are not asked for.
func (d Dims) key(k metric.Key) metric.Key {
	out := metric.Key{Kind: k.Kind}
	switch {
	case d&ByHour != 0:
		out.Bucket = k.Bucket
	case d&ByDay != 0:
		out.Bucket = k.Bucket.Truncate(24 * time.Hour)
	}
	for _, dimension := range []struct {
		by       Dims
		from, to *string
	}{
		{ByApp, &k.App, &out.App},
		{ByEndpoint, &k.Endpoint, &out.Endpoint},
		{ByMethod, &k.Method, &out.Method},
		{ByEventType, &k.EventType, &out.EventType},
		{ByPage, &k.PageName, &out.PageName},
		{ByElement, &k.ElementID, &out.ElementID},
		{ByErrorType, &k.ErrorType, &out.ErrorType},
	} {
		if d&dimension.by != 0 {
			*dimension.to = *dimension.from
		}
	}
	return out
}

// sorted returns the kinds without repetition.
func sorted(kinds []metric.Kind) []metric.Kind {
	kinds = slices.Clone(kinds)
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
