package transfer_test

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/store"
)

// oddRows are what other programs may write to SQLite.
const oddRows = `
INSERT INTO performance_metrics (id, timestamp, endpoint, method, status_code, response_time_ms, user_id, app) VALUES
	('order 66', 1773998100, '/text as id', 'GET', 200, 5, '', 'shop'),
	('order 66', '2026-03-20 09:15:00', '/text as id', 'GET', 200, 5, NULL, 'shop'),
	(x'00112233445566778899aabbccddeeff', 1773998100, '/blob as id', 'GET', 200, -0.0, 'x' || char(0) || 'y', 'shop'),
	('{D3C2B1A0-0000-4000-8000-00000000ABCD}', 1773998100, x'2f80', 'GET', 9999999999, 1e9, 'ada', 'shop');
INSERT INTO usage_events (timestamp, event_type, success, metadata) VALUES
	(1773998100, 'a', 1, '{"a": "x\u0000y"}'), (1773998100, 'b', 0, '["\ud800", 1e200000]'),
	(1773998100, 'c', NULL, 'null'), (1773998100, 'd', 1, '{"a": 1, "a": 2.50, "ü": [1e2]}');
INSERT INTO aggregated_metrics (time_bucket, metric_type, latency, users, sample_count) VALUES
	(1773998100, 'weather', 'text', x'', 9223372036854775807), (1773998100, 'weather', NULL, x'00ff', -1);
`

func TestOddRowsStayAsTheyAreOnSQLite(t *testing.T) {
	t.Parallel()
	source, target := open(t, store.SQLite), open(t, store.SQLite)
	source.exec(t, oddRows)
	report := carry(t, source, target)
	if report.Adjusted != 0 {
		t.Errorf("got %d rows adjusted, want none", report.Adjusted)
	}
	raw := func(d database) (lines []string) {
		for _, statement := range []string{
			`SELECT quote(id) || quote(timestamp) || typeof(timestamp) || quote(endpoint) || quote(user_id) || quote(status_code)
				|| quote(response_time_ms) || quote(error_type) FROM performance_metrics`,
			`SELECT quote(timestamp) || event_type || quote(success) || quote(metadata) || quote(page_name) FROM usage_events`,
			`SELECT quote(time_bucket) || quote(latency) || quote(users) || quote(figures) || quote(sample_count) FROM aggregated_metrics`,
		} {
			d.each(t, statement, func(values []any) { lines = append(lines, values[0].(string)) })
		}
		slices.Sort(lines)
		return lines
	}
	same(t, "target", raw(target), raw(source))
}

func TestOddRowsAsPostgresCanHoldThem(t *testing.T) {
	t.Parallel()
	source, target, back := open(t, store.SQLite), open(t, store.PostgreSQL), open(t, store.SQLite)
	source.exec(t, oddRows)
	report := carry(t, source, target)
	if report.Adjusted != 4 {
		t.Errorf("got %d rows adjusted, want 4", report.Adjusted)
	}
	for statement, want := range map[string]any{
		`SELECT count(*) FROM performance_metrics WHERE timestamp = '2026-03-20 09:15:00+00'`:                    int64(4),
		`SELECT count(DISTINCT id) FROM performance_metrics WHERE endpoint = '/text as id'`:                      int64(1),
		`SELECT CAST(id AS TEXT) FROM performance_metrics WHERE endpoint = '/blob as id'`:                        "00112233-4455-6677-8899-aabbccddeeff",
		`SELECT user_id FROM performance_metrics WHERE endpoint = '/blob as id'`:                                 "x\uFFFDy",
		`SELECT CAST(id AS TEXT) FROM performance_metrics WHERE endpoint = '/` + "\uFFFD" + `'`:                  "d3c2b1a0-0000-4000-8000-00000000abcd",
		`SELECT status_code FROM performance_metrics WHERE user_id = 'ada'`:                                      int64(math.MaxInt32),
		`SELECT count(*) FROM performance_metrics WHERE user_id IS NULL`:                                         int64(1),
		`SELECT count(*) FROM performance_metrics WHERE user_id = ''`:                                            int64(1),
		`SELECT metadata ->> 'a' FROM usage_events WHERE event_type = 'a'`:                                       "x\uFFFDy",
		`SELECT CAST(metadata AS TEXT) FROM usage_events WHERE event_type = 'b'`:                                 `["` + "\uFFFD" + `", "1e200000"]`,
		`SELECT success IS NULL AND CAST(metadata AS TEXT) = 'null' FROM usage_events WHERE event_type = 'c'`:    true,
		`SELECT CAST(metadata AS TEXT) FROM usage_events WHERE event_type = 'd'`:                                 `{"a": 2.50, "ü": [100]}`,
		`SELECT CAST(convert_from(latency, 'UTF8') AS TEXT) FROM aggregated_metrics WHERE sample_count > 0`:      "text",
		`SELECT users = '' AND figures IS NULL FROM aggregated_metrics WHERE sample_count = 9223372036854775807`: true,
		`SELECT users = '\x00ff' AND latency IS NULL FROM aggregated_metrics WHERE sample_count = -1`:            true,
	} {
		var got any
		if err := target.db.QueryRowContext(t.Context(), statement).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %v, %v; want %v", statement, got, err, want)
		}
	}
	if sum := carry(t, source, target).Total(); sum.Written != 0 {
		t.Errorf("again: got %+v, want nothing to do", sum)
	}
	if report := carry(t, target, back); report.Adjusted != 0 {
		t.Errorf("back: got %d rows adjusted, want none", report.Adjusted)
	}
	same(t, "back", back.dump(t), target.dump(t))
	if strings.Join(back.dump(t), "") == "" {
		t.Error("nothing was dumped")
	}
}

// TestEveryValueCounts changes one column of one row at a time: the next run
// sees it.
func TestEveryValueCounts(t *testing.T) {
	t.Parallel()
	source, target := open(t, store.SQLite), open(t, store.SQLite)
	source.fill(t)
	carry(t, source, target)
	const more = `'x' || coalesce(%, '')`
	first := map[string]string{"replay_positions": "source"} // which row
	for table, columns := range map[string]map[string]string{
		"performance_metrics": {
			"timestamp": "timestamp_us + 1", "endpoint": more, "method": more, "status_code": "% + 1", "response_time_ms": "% + 0.5",
			"user_id": more, "error_type": more, "correlation_id": more, "app": more, "id": more,
		},
		"usage_events": {
			"timestamp": "timestamp_us + 1", "event_type": more, "user_id": more, "page_name": more, "element_id": more,
			"success": "NOT coalesce(%, 0)", "metadata": "json_array(%)", "correlation_id": more, "app": more, "id": more,
		},
		"aggregated_metrics": {
			"time_bucket": "time_bucket_us + 1", "metric_type": more, "endpoint_path": more, "event_type": more,
			"aggregated_values": "json_array(%)", "sample_count": "% + 1", "app": more, "method": more, "page_name": more,
			"element_id": more, "error_type": more, "latency": "CAST(" + more + " AS BLOB)", "users": "CAST(" + more + " AS BLOB)",
			"figures": "CAST(" + more + " AS BLOB)", "id": more,
		},
		"aggregation_runs": {"outcome": more, "started_at": "% + 1", "raw_before": "% + 1", "rollups_after": "% + 1"},
		"replay_positions": {"position": "% + 1", "replayed_until": "coalesce(%, 0) + 1", "updated_at": "% + 1"},
	} {
		key := cmp.Or(first[table], "rowid")
		for column, value := range columns {
			// First perhaps from NULL, then from something.
			for range 2 {
				source.exec(t, `UPDATE `+table+` SET `+column+` = `+strings.ReplaceAll(value, "%", column)+`
					WHERE `+key+` = (SELECT min(`+key+`) FROM `+table+`)`)
				if sum := carry(t, source, target).Total(); sum.Changed != 1 {
					t.Errorf("%s.%s: got %d hours that changed, want 1", table, column, sum.Changed)
				}
			}
		}
	}
	same(t, "target", target.dump(t), source.dump(t))
}
