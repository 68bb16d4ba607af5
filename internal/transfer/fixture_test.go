package transfer_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
	"github.com/appmetrics/appmetrics/internal/transfer"
)

// now is the time of all tests.
var now = time.Date(2026, 3, 20, 10, 30, 0, 0, time.UTC)

const day = 24 * time.Hour

func ago(d time.Duration) time.Time { return now.Add(-d) }

func atNow(o *store.Options) { o.Now = func() time.Time { return now } }

// eachWay runs a test from every engine to every engine.
func eachWay(t *testing.T, test func(t *testing.T, from, to string)) {
	t.Helper()
	for _, from := range storetest.Engines() {
		for _, to := range storetest.Engines() {
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				test(t, from, to)
			})
		}
	}
}

// bothWays runs a test from either engine to the other.
func bothWays(t *testing.T, test func(t *testing.T, from, to string)) {
	t.Helper()
	eachWay(t, func(t *testing.T, from, to string) {
		if from != to {
			test(t, from, to)
		}
	})
}

// database is a migrated database of a test.
type database struct {
	*store.Store
	url string
	db  *sql.DB // as another program opens it
}

func open(t testing.TB, engine string, with ...func(*store.Options)) database {
	t.Helper()
	s, url := storetest.OpenURL(t, engine, append(with, atNow)...)
	d := database{s, url, storetest.DB(t, url)}
	// On PostgreSQL the databases of tests are clones of one.
	d.exec(t, `UPDATE database_origin SET id = '`+uuid.NewString()+`'`)
	return d
}

func (d database) exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := d.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (d database) append(t testing.TB, b metric.Batch) {
	t.Helper()
	if _, err := d.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func (d database) retire(t testing.TB) {
	t.Helper()
	_, err := d.Retire(t.Context(), store.RetireRequest{RawBefore: ago(metric.RawRetention), RollupsBefore: ago(metric.Retention)})
	if err != nil {
		t.Fatal(err)
	}
}

// samples are n requests and n events, a minute apart, the newest at a time.
func samples(n int, newest time.Time) metric.Batch {
	b := metric.Batch{CheckIDs: true}
	for i := range n {
		at := newest.Add(-time.Duration(i) * time.Minute)
		b.Requests = append(b.Requests, metric.Request{
			Timestamp: at, App: "shop", Endpoint: fmt.Sprintf("/orders/%d", i%7), Method: "GET", StatusCode: 200 + i%3*102,
			ResponseTimeMS: float64(i) * 1.37, UserID: []string{"", "ada", "grace"}[i%3], CorrelationID: fmt.Sprint("c", i),
			ErrorType: metric.ErrorTypeFor(200 + i%3*102),
		})
		b.Events = append(b.Events, metric.Event{
			ID: uuid.New(), Timestamp: at, App: "shop", EventType: "page_view", PageName: "/orders", UserID: "ada", Success: i%2 == 0,
			Metadata: json.RawMessage(fmt.Sprintf(`{"z": %d, "a": [1.50, "ü", null]}`, i)),
		})
	}
	return b
}

// spellings are times as other programs write them.
var spellings = map[string][]string{
	store.PostgreSQL: {`'2026-03-20 09:15:00+00'`, `'2026-03-20T10:15:00.123456+01:00'`, `'1970-01-01 00:00:00+00'`},
	store.SQLite: {
		`'2026-03-20 09:15:00'`, `'2026-03-20T09:15:00.123456Z'`, `'2026-03-20 04:45:00.0-0430'`,
		`julianday('2026-03-20 09:15:00')`, `1773998100`, `1773998100.25`, `1773998100000`, `1773998100000000000`, `0`,
	},
}

// fill gives a database some of everything.
func (d database) fill(t testing.TB) {
	t.Helper()
	for _, newest := range []time.Time{ago(80 * day), ago(20 * day), ago(8 * day), ago(2 * day), ago(time.Minute)} {
		d.append(t, samples(40, newest))
	}
	d.retire(t)
	for _, at := range spellings[d.Engine()] {
		d.exec(t, `INSERT INTO performance_metrics (timestamp, endpoint, method, status_code, response_time_ms, user_id)
			VALUES (`+at+`, '/foreign', 'GET', 404, 12.5, '')`)
		d.exec(t, `INSERT INTO usage_events (timestamp, event_type, success, metadata)
			VALUES (`+at+`, 'page_view', NULL, '{"b": 1.0,  "a": {"e": 1e2}}')`)
		d.exec(t, `INSERT INTO aggregated_metrics (time_bucket, metric_type, endpoint_path, aggregated_values, sample_count)
			VALUES (`+at+`, 'performance', '/foreign', '{"avg": 20.10, "p50": 15}', 40)`)
	}
	d.exec(t, `INSERT INTO usage_events (timestamp, event_type) VALUES ('2026-03-19 09:15:00+00:00', 'page_view')`)
	if err := d.RecordRun(t.Context(), store.Run{StartedAt: ago(day), FinishedAt: ago(day), Outcome: "done", RawBefore: ago(8 * day)}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		at := metric.Position{Source: uuid.New(), To: 7, ReceivedAt: ago(time.Hour)}
		if _, err := d.AppendAt(t.Context(), samples(1, ago(time.Hour)), at); err != nil {
			t.Fatal(err)
		}
	}
}

// dumped selects every column in the same words on both engines, %[1]s being a
// time in microseconds, and JSON last.
var dumped = []struct{ table, columns, at, json string }{
	{"performance_metrics", `lower(CAST(id AS TEXT)), endpoint, method, status_code, response_time_ms, user_id, error_type, correlation_id, app`, "timestamp", "NULL"},
	{"usage_events", `lower(CAST(id AS TEXT)), event_type, user_id, page_name, element_id, success IS TRUE, success IS FALSE, correlation_id, app`, "timestamp", "metadata"},
	{"aggregated_metrics", `lower(CAST(id AS TEXT)), metric_type, endpoint_path, event_type, sample_count, app, method, page_name, element_id, error_type, latency, users, figures`, "time_bucket", "aggregated_values"},
	{"received_ids", `CAST(id AS TEXT)`, "received_at", "NULL"},
	{"aggregation_runs", `CAST(id AS TEXT), outcome, requests_before, events_before, rollups_before, requests_after, events_after, rollups_after`, "finished_at", "NULL"},
	{"replay_positions", `CAST(source AS TEXT), position`, "replayed_until", "NULL"},
}

// dump returns every row as text, sorted: the same for the same rows on either
// engine.
func (d database) dump(t testing.TB) []string {
	t.Helper()
	var lines []string
	for _, table := range dumped {
		at := "CAST(EXTRACT(EPOCH FROM " + table.at + ") * 1000000 AS BIGINT)"
		if d.Engine() == store.SQLite {
			at = table.at
			if at == "timestamp" || at == "time_bucket" {
				at += "_us"
			}
		}
		d.each(t, "SELECT "+table.columns+", "+at+", CAST("+table.json+" AS TEXT) FROM "+table.table, func(values []any) {
			lines = append(lines, table.table+": "+words(t, values))
		})
	}
	slices.Sort(lines)
	return lines
}

// each calls f with every row of a statement; the values are f's until it ends.
func (d database) each(t testing.TB, statement string, f func(values []any)) {
	t.Helper()
	rows, err := d.db.QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, to := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		to[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		f(values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func words(t testing.TB, values []any) string {
	var line strings.Builder
	for i, value := range values {
		switch v := value.(type) {
		case bool:
			value = map[bool]int64{true: 1}[v]
		case []byte:
			value = fmt.Sprintf("%x", v)
		case float64:
			value = fmt.Sprintf("%g", v)
		}
		if text, isText := value.(string); isText && i == len(values)-1 {
			var document any
			if err := json.Unmarshal([]byte(text), &document); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			value = document
		}
		fmt.Fprintf(&line, "%v|", value)
	}
	return line.String()
}

// same fails unless two dumps are equal.
func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%s: got %d rows, want %d", what, len(got), len(want))
	counts := map[string]int{}
	for _, line := range want {
		counts[line]++
	}
	for _, line := range got {
		counts[line]--
	}
	shown := 0
	for line, n := range counts {
		if shown++; n != 0 && shown < 10 {
			t.Errorf("%+d of %s", n, line)
		}
	}
}

// everything asks for all that a store can answer.
func (d database) answers(t testing.TB) string {
	t.Helper()
	answers, err := d.Summarize(t.Context(), store.Question{
		Kinds: []metric.Kind{metric.KindPerformance, metric.KindUsage, metric.KindError, metric.KindUser},
		Range: metric.Range{Start: ago(89 * day).Truncate(day), End: now}, By: store.ByDay | store.ByApp | store.ByEndpoint | store.ByPage,
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for i := range answers[0] {
		r := &answers[0][i]
		lines = append(lines, fmt.Sprint(r.Key, r.Count, r.SumNS, r.ActiveUsers(), r.ErrorCount, r.SuccessCount, r.Percentile(0.95), r.Tally.Get("ada")))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// carry runs a copy that must succeed. Its transactions are small.
func carry(t testing.TB, source, target database) transfer.Report {
	t.Helper()
	report, err := run(t.Context(), source, target)
	if err != nil {
		t.Fatalf("copy: %v", err)
	}
	return report
}

func run(ctx context.Context, source, target database) (transfer.Report, error) {
	return transfer.Run(ctx, transfer.Options{Source: source.Store, Target: target.Store, PartRows: 100})
}
