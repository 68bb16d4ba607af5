package store_test

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// shell runs SQL by the program that comes with the engine, as somebody at a
// terminal would, and returns what the program says.
func shell(t *testing.T, engine, url, script string) (output string, ok bool) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", url)
	if engine == store.SQLite {
		command = exec.CommandContext(t.Context(), "sqlite3", "-bail", strings.TrimPrefix(url, "sqlite://"))
	}
	command.Stdin = strings.NewReader(script)
	out, err := command.CombinedOutput()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		t.Fatalf("run %s: %v", command.Path, err)
	}
	return string(out), err == nil
}

func mustShell(t *testing.T, engine, url, script string) {
	t.Helper()
	if out, ok := shell(t, engine, url, script); !ok {
		t.Fatalf("%s", out)
	}
}

// spellings are times that other programs may write: all of them mean
// 2026-03-20 09:15:00 UTC.
var spellings = map[string][]string{
	store.PostgreSQL: {`'2026-03-20 09:15:00+00'`, `'2026-03-20T10:15:00+01:00'`, `to_timestamp(1773998100)`},
	store.SQLite: {
		`'2026-03-20 09:15:00'`, `'2026-03-20T09:15:00Z'`, `'2026-03-20T09:15:00.000000Z'`, `'2026-03-20 09:15'`,
		`'2026-03-20T10:15:00+01:00'`, `'2026-03-20 10:15+01:00'`, `'2026-03-20 04:45:00.0-0430'`, `'2026-03-20 11:15:00+02'`,
		`'2026-03-20 09:15:00.0 +0000 UTC'`, `datetime(1773998100, 'unixepoch')`, `strftime('%s', '2026-03-20 09:15:00')`,
		`julianday('2026-03-20 09:15:00')`, `1773998100`, `1773998100.0`, `1773998100000`, `1773998100000000`,
		`1773998100000000000`,
	},
}

// TestPlainInserts writes with psql and sqlite3, naming only the columns that
// the tables promise, and finds every row in every answer, before and after
// retirement.
func TestPlainInserts(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, url := storetest.OpenURL(t, engine, atNow)
			times := spellings[engine]
			n := int64(len(times))
			at := time.Date(2026, 3, 20, 9, 15, 0, 0, time.UTC)
			var script strings.Builder
			for _, spelling := range times {
				script.WriteString(`
INSERT INTO performance_metrics (timestamp, endpoint, method, status_code, response_time_ms, user_id, error_type)
VALUES (` + spelling + `, '/foreign', 'GET', 404, 12.5, 'ada', NULL);
INSERT INTO usage_events (timestamp, event_type, user_id, page_name, element_id, success, metadata)
VALUES (` + spelling + `, 'page_view', 'ada', '/page', NULL, NULL, '{"from": "shell"}');`)
			}
			mustShell(t, engine, url, script.String())

			check := func(when string) {
				rollups := ask(t, s, store.Question{By: store.ByHour | store.ByApp | store.ByEndpoint | store.ByPage | store.ByErrorType})
				if len(rollups) != 4 {
					t.Fatalf("%s: got %d rollups, want one of each kind: %+v", when, len(rollups), figuresOf(rollups))
				}
				for _, got := range figuresOf(rollups) {
					if got.Count != n || got.App != metric.DefaultApp || !got.Bucket.Equal(at.Truncate(time.Hour)) {
						t.Errorf("%s: got %+v, want %d of app default", when, got, n)
					}
					if got.Kind == metric.KindPerformance && (got.SumNS != n*12_500_000 || got.Errors != n || got.Users != 1) {
						t.Errorf("%s: got %+v", when, got)
					}
					if got.Kind == metric.KindError && (got.ErrorType != "CLIENT_ERROR_404" || !got.First.Equal(at) || !got.Last.Equal(at)) {
						t.Errorf("%s: got %+v", when, got)
					}
					if got.Kind == metric.KindUsage && (got.Successes != n || got.PageName != "/page") {
						t.Errorf("%s: got %+v", when, got)
					}
				}
				if count, err := s.CountEvents(t.Context(), "ada", everything, ""); err != nil || count != n {
					t.Errorf("%s: got %d events, %v; want %d", when, count, err, n)
				}
				if h, err := s.Health(t.Context()); err != nil || !slices.Equal(h.Apps, []string{metric.DefaultApp}) {
					t.Errorf("%s: got apps %v, %v; want default", when, h.Apps, err)
				}
			}
			check("raw")
			requests, _, err := s.Requests(t.Context(), store.RequestFilter{Range: everything})
			if err != nil || int64(len(requests)) != n || !requests[0].Timestamp.Equal(at) {
				t.Fatalf("got %d requests, %v; want %d", len(requests), err, n)
			}
			events, _, err := s.Events(t.Context(), store.EventFilter{Range: everything})
			if err != nil || int64(len(events)) != n || !events[0].Success || len(events[0].Metadata) == 0 {
				t.Fatalf("got %d events, %v; want %d", len(events), err, n)
			}
			ids := map[string]bool{}
			for _, r := range requests {
				ids[r.ID.String()] = true
			}
			if int64(len(ids)) != n {
				t.Errorf("got %d different ids, want %d", len(ids), n)
			}
			report := retire(t, s, store.RetireRequest{RawBefore: now})
			if report.RequestsRolled != n || report.EventsRolled != n || report.After.Requests != 0 {
				t.Errorf("got %+v, want %d rolled", report, n)
			}
			check("rolled up")
		})
	}
}

// TestPlainRollups finds hourly summaries that another program computed, and
// merges late raw rows into them.
func TestPlainRollups(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, url := storetest.OpenURL(t, engine, atNow)
			mustShell(t, engine, url, `
INSERT INTO aggregated_metrics (time_bucket, metric_type, endpoint_path, event_type, aggregated_values, sample_count)
VALUES ('2026-03-01 10:00:00+00:00', 'performance', '/foreign', NULL,
	'{"avg": 20, "min": 5, "max": 100, "p50": 15, "p95": 60, "p99": 90, "error_count": 3, "unique_users": 7}', 40);
INSERT INTO aggregated_metrics (time_bucket, metric_type, endpoint_path, event_type, aggregated_values, sample_count)
VALUES ('2026-03-01 10:00:00+00:00', 'usage', NULL, 'page_view',
	'{"unique_users": 4, "success_count": 9, "failure_count": 1, "pages": {"/a": 6, "/b": 4}}', 10);
INSERT INTO aggregated_metrics (time_bucket, metric_type, aggregated_values)
VALUES ('2026-03-01 10:00:00+00:00', 'weather', '{"rain": true}');`)
			check := func(when string, more int64) {
				for _, got := range figuresOf(ask(t, s, store.Question{Kinds: []metric.Kind{metric.KindPerformance}})) {
					if got.Count != 40+more || got.Errors != 3 || got.Users != 7 || got.Min != 5 || got.Max != 100 {
						t.Errorf("%s: got %+v", when, got)
					}
					if got.SumNS != 800_000_000+more*20_000_000 || got.P50 < 12 || got.P50 > 25 {
						t.Errorf("%s: got %+v, want an average of 20 and p50 near 15", when, got)
					}
				}
				pages := ask(t, s, store.Question{Kinds: []metric.Kind{metric.KindUsage}, By: store.ByPage})
				// What the program did not count by page is known without one.
				if len(pages) != 3 || pages[0].ActiveUsers() != 4 || pages[1].Count != 6 || pages[2].Count != 4+more {
					t.Errorf("%s: got %+v, want 4 users, 6 and %d events by page", when, figuresOf(pages), 4+more)
				}
				filtered := ask(t, s, store.Question{Kinds: []metric.Kind{metric.KindUsage}, PageName: "/b"})
				if len(filtered) != 1 || filtered[0].Count != 4+more {
					t.Errorf("%s: got %+v, want %d of page /b", when, figuresOf(filtered), 4+more)
				}
			}
			check("alone", 0)
			late := request(time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC), "/foreign", 200, 20, "ada")
			late.App = metric.DefaultApp
			view := event(late.Timestamp, "page_view", "/b", "", "ada", true)
			view.App = metric.DefaultApp
			appendAll(t, s, metric.Batch{Requests: []metric.Request{late}, Events: []metric.Event{view}})
			check("with raw rows", 1)
			retire(t, s, store.RetireRequest{})
			check("retired", 1)
			h, err := s.Health(t.Context())
			if err != nil || h.Requests.Rows != 0 {
				t.Fatalf("got %+v, %v", h, err)
			}
		})
	}
}

// TestRefusedInserts names values that no answer could make sense of.
func TestRefusedInserts(t *testing.T) {
	t.Parallel()
	const requests = "INSERT INTO performance_metrics (timestamp, endpoint, method, status_code, response_time_ms) VALUES "
	cases := map[string]struct{ engine, statement, says string }{
		"nan":          {store.PostgreSQL, requests + "(now(), '/', 'GET', 200, 'NaN')", "response_time_ms_within"},
		"negative":     {store.PostgreSQL, requests + "(now(), '/', 'GET', 200, -1)", "response_time_ms_within"},
		"infinity":     {store.PostgreSQL, requests + "('infinity', '/', 'GET', 200, 1)", "timestamp_within"},
		"no endpoint":  {store.PostgreSQL, requests + "(now(), NULL, 'GET', 200, 1)", "endpoint"},
		"words":        {store.SQLite, requests + "('yesterday', '/', 'GET', 200, 1)", "timestamp_is_iso_8601"},
		"now":          {store.SQLite, requests + "('now', '/', 'GET', 200, 1)", "timestamp_is_iso_8601"},
		"time of day":  {store.SQLite, requests + "('10:15:00', '/', 'GET', 200, 1)", "timestamp_is_iso_8601"},
		"month 13":     {store.SQLite, requests + "('2026-13-01 10:15:00', '/', 'GET', 200, 1)", "timestamp_is_iso_8601"},
		"named zone":   {store.SQLite, requests + "('2026-03-01 10:15:00 CEST', '/', 'GET', 200, 1)", "timestamp_is_iso_8601"},
		"before 1970":  {store.SQLite, requests + "(-5, '/', 'GET', 200, 1)", "timestamp_is_iso_8601"},
		"blob":         {store.SQLite, requests + "(x'00', '/', 'GET', 200, 1)", "timestamp_is_iso_8601"},
		"text as time": {store.SQLite, requests + "(1, '/', 'GET', 200, 'fast')", "response_time_ms_within"},
		"text status":  {store.SQLite, requests + "(1, '/', 'GET', 'OK', 1)", "status_code_is_an_integer"},
		"broken JSON":  {store.SQLite, "INSERT INTO usage_events (timestamp, event_type, metadata) VALUES (1, 'a', '{')", "metadata_is_json"},
		"odd success":  {store.SQLite, "INSERT INTO usage_events (timestamp, event_type, success) VALUES (1, 'a', 'yes')", "success_is_0_or_1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, url := storetest.OpenURL(t, c.engine)
			if out, ok := shell(t, c.engine, url, c.statement+";"); ok || !strings.Contains(out, c.says) {
				t.Errorf("got %q, want it to be refused by %s", out, c.says)
			}
		})
	}
}
