package store

import (
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

const rollupTable = "aggregated_metrics"

// rollupColumns are the columns that hold a rollup, in the order of rollupRow.
var rollupColumns = []string{
	"time_bucket", "metric_type", "app", "endpoint_path", "method", "event_type", "page_name", "element_id",
	"error_type", "sample_count", "aggregated_values", "latency", "users", "figures",
}

// rollupDimensions are the columns that, after the time, make up a key. Those that are not asked
// for are not read: with SQLite a column costs as much as a sketch.
var rollupDimensions = []struct {
	by     Dims
	column string
	of     func(*metric.Key) any
}{
	{ByApp, "app", func(k *metric.Key) any { return &k.App }},
	{ByEndpoint, "COALESCE(endpoint_path, '')", func(k *metric.Key) any { return &k.Endpoint }},
	{ByMethod, "method", func(k *metric.Key) any { return &k.Method }},
	{ByEventType, "COALESCE(event_type, '')", func(k *metric.Key) any { return &k.EventType }},
	{ByPage, "page_name", func(k *metric.Key) any { return &k.PageName }},
	{ByElement, "element_id", func(k *metric.Key) any { return &k.ElementID }},
	{ByErrorType, "error_type", func(k *metric.Key) any { return &k.ErrorType }},
}

// place is where rollups are stored.
type place struct{ table, bucket, samples, values string }

// The document is for rollups of other programs, which have no figures.
var (
	hourly = place{
		rollupTable, "{time_bucket}", "sample_count", "CASE WHEN figures IS NULL THEN CAST(aggregated_values AS TEXT) END",
	}
	coarse = place{coarseTable, "bucket", "0", "NULL"}
)

// rollups lists what readRollups scans.
func (p place) rollups(by Dims) string {
	columns := []string{"metric_type", p.samples, p.values, "latency", "users", "figures"}
	if by&(ByHour|ByDay) != 0 {
		columns = append(columns, p.bucket)
	}
	for _, dimension := range rollupDimensions {
		if by&dimension.by != 0 {
			columns = append(columns, dimension.column)
		}
	}
	return strings.Join(columns, ", ")
}

// storedRollup is a row of a SELECT of place.rollups. Its bytes are valid
// until the next row.
type storedRollup struct {
	key                             metric.Key
	count                           int64
	values, latency, users, figures sql.RawBytes
}

// readRollups hands every row of a SELECT of place.rollups(by) to own, or to
// foreign when another program wrote it. They may hold values that make no
// sense; what can be read of them is used, and the rest is reported once.
func (s *Store) readRollups(
	rows *sql.Rows, by Dims, own func(*storedRollup) (oddity error), foreign func(*metric.Rollup),
) error {
	defer func() { _ = rows.Close() }()
	var odd int
	var example error
	var row storedRollup
	var kind string
	to := []any{&kind, &row.count, &row.values, &row.latency, &row.users, &row.figures}
	if by&(ByHour|ByDay) != 0 {
		to = append(to, instant{&row.key.Bucket})
	}
	for _, dimension := range rollupDimensions {
		if by&dimension.by != 0 {
			to = append(to, dimension.of(&row.key))
		}
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		row.key.Kind, row.key.Bucket = metric.Kind(kind), row.key.Bucket.Truncate(time.Hour)
		var oddity error
		if len(row.figures) > 0 {
			oddity = own(&row)
		} else {
			var rollup *metric.Rollup
			rollup, oddity = row.rollup()
			foreign(rollup)
		}
		if oddity != nil {
			odd, example = odd+1, oddity
		}
	}
	if odd > 0 {
		s.log.Warn("rollups hold values that cannot be read", "rollups", odd, "last", example)
	}
	return rows.Err()
}

// addTo adds a row with figures to a rollup.
func (s *storedRollup) addTo(r *metric.Rollup) (oddity error) {
	oddity = r.MergeFigures(s.figures)
	if len(s.latency) > 0 {
		oddity = firstOf(oddity, r.Latency.MergeBinary(s.latency))
	}
	switch {
	case len(s.users) == 0:
	case r.Kind == metric.KindUser:
		oddity = firstOf(oddity, r.Tally.MergeBinary(s.users))
	default:
		oddity = firstOf(oddity, r.Users.MergeBinary(s.users))
	}
	return oddity
}

// rollup reads a row without figures. oddity says what could not be read.
func (s *storedRollup) rollup() (r *metric.Rollup, oddity error) {
	r = &metric.Rollup{Key: s.key, Count: s.count}
	if len(s.latency) > 0 {
		oddity = r.Latency.UnmarshalBinary(s.latency)
	}
	switch {
	case len(s.users) == 0:
	case r.Kind == metric.KindUser:
		oddity = firstOf(oddity, r.Tally.UnmarshalBinary(s.users))
	default:
		oddity = firstOf(oddity, r.Users.UnmarshalBinary(s.users))
	}
	return r, firstOf(oddity, r.DecodeValues(s.values))
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
	latency, users, err := sketches(r)
	if err != nil {
		return nil, err
	}
	return []any{
		s.engine.time(r.Bucket), string(r.Kind), r.App, nullable(r.Endpoint), r.Method, nullable(r.EventType),
		r.PageName, r.ElementID, r.ErrorType, r.Count, string(values), blob(latency), blob(users),
		blob(r.AppendFigures(nil)),
	}, nil
}

// sketches encodes the histogram and the users of a rollup.
func sketches(r *metric.Rollup) (latency, users []byte, err error) {
	if r.Kind == metric.KindPerformance {
		if latency, err = r.Latency.AppendBinary(nil); err != nil {
			return nil, nil, err
		}
	}
	if r.Kind == metric.KindUser {
		users, err = r.Tally.AppendBinary(nil)
	} else {
		users, err = r.Users.AppendBinary(nil)
	}
	return latency, users, err
}

// blob returns NULL for no bytes.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func (s *Store) rollupFilter(kind metric.Kind, q Question) *filter {
	f := &filter{}
	f.where("{time_bucket} >= %s AND {time_bucket} < %s", s.engine.time(q.Range.Start), s.engine.time(q.Range.End))
	f.rollups(kind, q)
	return f
}

// rollups lets the rollups of one kind through that a question asks for.
func (f *filter) rollups(kind metric.Kind, q Question) {
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
			f.where("(page_name = %s OR page_name = '' AND figures IS NULL)", q.PageName)
		}
	case metric.KindUser: // has no dimension but the app
	}
}

// merge adds a rollup of another program under the key that the question asks
// for.
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
