package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/sketch"
)

// Raw rows become rollups by one SELECT per table, which PostgreSQL groups, so
// that what travels and the work here follow the groups and not the rows; for
// SQLite see requestRows. Questions and [Store.Retire] share its text: that is
// why answers stay the same when rows are retired.
//
// One SELECT that groups is the UNION of parts, each with its own grouping, over a common
// table expression "raw" with the columns below.

// part says which of a SELECT's groupings a row comes from.
type part int

const (
	latencies part = iota // requests by status code and histogram bucket
	visitors              // requests by user
	failures              // failed requests by error type and user
	actions               // events by user
	tallies               // events of an app by user, for the kind "user"
)

// rawColumns are the columns of raw, as selected from each table.
const (
	rawRequestColumns = `{timestamp} AS at, app, endpoint, method, status_code, response_time_ms,
		COALESCE(user_id, '') AS user_id, COALESCE(error_type, '') AS error_type`
	rawEventColumns = `{timestamp} AS at, app, event_type, COALESCE(page_name, '') AS page_name,
		COALESCE(element_id, '') AS element_id, COALESCE(user_id, '') AS user_id, success`
)

// Expressions over raw requests. The bucket index is sketch.Index in SQL, and
// nanoseconds are metric.Nanoseconds.
var (
	bucketIndex = fmt.Sprintf(`CASE WHEN response_time_ms < %s THEN %d ELSE CAST(ceil(ln(
		CASE WHEN response_time_ms < %[1]s THEN 1 ELSE response_time_ms END) / %[3]s) AS INTEGER) END`,
		literal(sketch.MinValue), sketch.ZeroIndex, literal(sketch.LogGamma()))
	nanoseconds = `CAST(least(sum(CAST(floor(response_time_ms * 1e6 + 0.5) AS BIGINT)), 9223372036854775807) AS BIGINT)`
)

const errorType = `CASE WHEN error_type <> '' THEN error_type
	WHEN status_code >= 500 THEN 'SERVER_ERROR_' || CAST(status_code AS TEXT)
	ELSE 'CLIENT_ERROR_' || CAST(status_code AS TEXT) END`

// literal spells a float so that SQL reads back the same bits.
func literal(f float64) string { return strconv.FormatFloat(f, 'e', -1, 64) }

// grouping builds a SELECT for one choice of dimensions, and adds its rows to
// rollups.
type grouping struct {
	by   Dims
	rows bool // the rows are grouped here and not in SQL
}

// dimension returns the expression when answers are grouped by d, or the
// constant that keys hold otherwise.
func (g grouping) dimension(d Dims, expression, otherwise string) string {
	if g.by&d != 0 {
		return expression
	}
	return otherwise
}

func (g grouping) bucket() string {
	switch {
	case g.by&ByHour != 0:
		return `{hour}`
	case g.by&ByDay != 0:
		return `{day}`
	}
	return noTime
}

const (
	noText = `CAST('' AS TEXT)`
	noTime = `CAST(NULL AS timestamptz)`
)

// statement selects the columns of one part, grouped by those of them that are
// not constants. measures follow the grouped columns.
func statement(p part, grouped []string, measures string, where string) string {
	var by []string
	for i, expression := range grouped {
		if expression != noText && expression != noTime && expression != "0" {
			by = append(by, strconv.Itoa(i+2)) // after the part
		}
	}
	text := fmt.Sprintf("SELECT %d, %s, %s FROM raw", p, strings.Join(grouped, ", "), measures)
	if where != "" {
		text += " WHERE " + where
	}
	if len(by) == 0 {
		return text + " HAVING count(*) > 0"
	}
	return text + " GROUP BY " + strings.Join(by, ", ")
}

// requests returns the SELECT over raw requests for some kinds, or "", and what
// adds its rows to rollups.
func (g grouping) requests(kinds []metric.Kind) (text string, add func(*rollups, *sql.Rows) error) {
	if g.rows {
		return g.requestRows(kinds)
	}
	key := []string{
		g.bucket(), g.dimension(ByApp, "app", noText), g.dimension(ByEndpoint, "endpoint", noText),
		g.dimension(ByMethod, "method", noText),
	}
	with := func(rest ...string) []string { return append(slices.Clip(key), rest...) }
	// Columns: part, key, error type, user, status code, bucket index;
	// samples, nanoseconds, min, max, first, last.
	var parts []string
	if slices.Contains(kinds, metric.KindPerformance) {
		parts = append(parts,
			statement(latencies, with(noText, noText, "status_code", bucketIndex),
				"count(*), "+nanoseconds+", min(response_time_ms), max(response_time_ms), "+noTime+", "+noTime, ""),
			statement(visitors, with(noText, "user_id", "0", "0"), "count(*), 0, 0, 0, "+noTime+", "+noTime, ""))
	}
	if slices.Contains(kinds, metric.KindError) {
		parts = append(parts, statement(failures,
			with(g.dimension(ByErrorType, errorType, noText), "user_id", "0", "0"),
			"count(*), 0, 0, 0, min(at), max(at)", "status_code >= 400"))
	}
	return strings.Join(parts, "\nUNION ALL\n"), (*rollups).addRequests
}

// events returns the SELECT over raw events for some kinds, or "", and what adds
// its rows to rollups.
func (g grouping) events(kinds []metric.Kind) (text string, add func(*rollups, *sql.Rows) error) {
	if g.rows {
		return g.eventRows(kinds)
	}
	bucket, app := g.bucket(), g.dimension(ByApp, "app", noText)
	// Columns: part, bucket, app, event type, page, element, user; samples,
	// successes.
	var parts []string
	if slices.Contains(kinds, metric.KindUsage) {
		parts = append(parts, statement(actions, []string{
			bucket, app, g.dimension(ByEventType, "event_type", noText), g.dimension(ByPage, "page_name", noText),
			g.dimension(ByElement, "element_id", noText), "user_id",
		}, "count(*), count(*) FILTER (WHERE success IS NOT FALSE)", ""))
	}
	if slices.Contains(kinds, metric.KindUser) {
		parts = append(parts, statement(tallies,
			[]string{bucket, app, noText, noText, noText, "user_id"}, "count(*), 0", ""))
	}
	return strings.Join(parts, "\nUNION ALL\n"), (*rollups).addEvents
}

// rollups collects groups into rollups, one per key.
type rollups struct {
	byKey map[metric.Key]*metric.Rollup
}

func newRollups() *rollups { return &rollups{byKey: make(map[metric.Key]*metric.Rollup)} }

func (r *rollups) at(key metric.Key) *metric.Rollup {
	rollup := r.byKey[key]
	if rollup == nil {
		rollup = &metric.Rollup{Key: key}
		r.byKey[key] = rollup
	}
	return rollup
}

// query runs a SELECT and adds its rows.
func (r *rollups) query(
	ctx context.Context, tx *sql.Tx, statement string, args []any, add func(*rollups, *sql.Rows) error,
) error {
	rows, err := tx.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if err := add(r, rows); err != nil {
		return err
	}
	return rows.Err()
}

// addRequests adds the rows of grouping.requests.
func (r *rollups) addRequests(rows *sql.Rows) error {
	var (
		from              part
		key               metric.Key
		user, errorType   string
		status, index     int
		samples, ns       int64
		least, most       float64
		bucket, low, high time.Time
	)
	to := []any{
		&from, instant{&bucket}, &key.App, &key.Endpoint, &key.Method, &errorType, &user, &status, &index,
		&samples, &ns, &least, &most, instant{&low}, instant{&high},
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		key.Bucket, key.Kind, key.ErrorType = bucket, metric.KindPerformance, ""
		if from == failures {
			key.Kind, key.ErrorType = metric.KindError, errorType
		}
		rollup := r.at(key)
		if from == latencies {
			addLatencies(rollup, status, index, samples, ns, least, most)
			continue
		}
		if from == failures {
			rollup.Merge(&metric.Rollup{Key: key, Count: samples, FirstSeen: low, LastSeen: high})
		}
		addUser(rollup, user, samples)
	}
	return nil
}

func addLatencies(r *metric.Rollup, status, index int, samples, ns int64, least, most float64) {
	if r.Count == 0 {
		r.MinMS, r.MaxMS = least, most
		r.StatusCodes = make(map[int]int64, 4)
	}
	r.MinMS, r.MaxMS = min(r.MinMS, least), max(r.MaxMS, most)
	r.Count += samples
	r.SumNS = metric.AddCounts(r.SumNS, ns)
	r.StatusCodes[status] += samples
	if status >= 400 {
		r.ErrorCount += samples
	}
	r.Latency.AddBucket(index, uint64(samples))
}

func addUser(r *metric.Rollup, user string, samples int64) {
	if user == "" {
		r.Anonymous += samples
		return
	}
	r.Users.Add(user)
}

// addEvents adds the rows of grouping.events.
func (r *rollups) addEvents(rows *sql.Rows) error {
	var (
		from               part
		key                metric.Key
		bucket             time.Time
		user               string
		samples, successes int64
	)
	to := []any{
		&from, instant{&bucket}, &key.App, &key.EventType, &key.PageName, &key.ElementID, &user,
		&samples, &successes,
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		key.Bucket, key.Kind = bucket, metric.KindUsage
		if from == tallies {
			key.Kind = metric.KindUser
		}
		rollup := r.at(key)
		rollup.Count += samples
		if from == tallies {
			rollup.Tally.Add(user, uint64(samples))
			continue
		}
		rollup.SuccessCount += successes
		rollup.FailureCount += samples - successes
		addUser(rollup, user, samples)
	}
	return nil
}
