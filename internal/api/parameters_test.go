package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/store"
)

func TestRefusedParameters(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite)
	cases := map[string]struct{ path, field, message string }{
		"unknown name":          {"/status?ap=x", "parameter", `parameter: "ap" is not allowed; one of app, time_range, start_time, end_time`},
		"misspelt name":         {"/errors?ap=x", "parameter", `parameter: "ap" is not allowed; one of app, time_range, start_time, end_time, endpoint, method`},
		"twice":                 {"/errors?app=a&app=b", "app", `app: "a, b" is not allowed; one value`},
		"not encoded":           {"/errors?app=%zz", "query string", ""},
		"range name":            {"/performance?time_range=1y", "time_range", `time_range: "1y" is not allowed; one of 24h, 7d, 30d, 90d`},
		"range without a name":  {"/performance?time_range=", "time_range", `time_range: "" is not allowed; one of 24h, 7d, 30d, 90d`},
		"range of the status":   {"/status?time_range=1y", "time_range", `time_range: "1y" is not allowed; one of 24h, 7d, 30d, 90d`},
		"app of the status":     {"/status?app=" + strings.Repeat("x", 101), "app", ""},
		"half of the status":    {"/status?end_time=2025-10-18T00:00:00Z", "start_time", ""},
		"both forms":            {"/performance?time_range=7d&start_time=2025-10-18T00:00:00Z&end_time=2025-10-18T01:00:00Z", "time_range", `time_range: "7d" is not allowed; either time_range, or start_time and end_time`},
		"one half":              {"/performance?start_time=2025-10-18T00:00:00Z", "end_time", ""},
		"not a time":            {"/performance?start_time=yesterday&end_time=2025-10-18T01:00:00Z", "start_time", `start_time: "yesterday" is not allowed; RFC 3339, such as 2025-10-18T00:00:00Z`},
		"future":                {"/usage?start_time=2025-10-18T00:00:00Z&end_time=2025-10-20T00:00:00Z", "", "Cannot query future dates"},
		"past":                  {"/usage?start_time=2025-01-01T00:00:00Z&end_time=2025-01-02T00:00:00Z", "", "Data retention is 90 days; earliest queryable date is 2025-07-20T12:35:02Z"},
		"backwards":             {"/usage?start_time=2025-10-18T02:00:00Z&end_time=2025-10-18T01:00:00Z", "", "Start date must be before end date"},
		"no metric type":        {"/time-series", "metric_type", `metric_type: "" is not allowed; required; one of performance, usage, both`},
		"metric type":           {"/time-series?metric_type=cpu", "metric_type", `metric_type: "cpu" is not allowed; one of performance, usage, both`},
		"interval":              {"/time-series?metric_type=both&interval=weekly", "interval", `interval: "weekly" is not allowed; one of hourly, daily`},
		"compare":               {"/usage?compare=next", "compare", `compare: "next" is not allowed; one of previous`},
		"anonymous":             {"/usage?include_anonymous=yes", "include_anonymous", `include_anonymous: "yes" is not allowed; true or false`},
		"limit":                 {"/events?limit=501", "limit", `limit: "501" is not allowed; 1 to 500`},
		"limit zero":            {"/events?limit=0", "limit", `limit: "0" is not allowed; 1 to 500`},
		"limit without a value": {"/events?limit", "limit", `limit: "" is not allowed; 1 to 500`},
		"limit text":            {"/events?limit=ten", "limit", `limit: "ten" is not allowed; 1 to 500`},
		"milliseconds":          {"/requests?min_ms=-1", "min_ms", `min_ms: "-1" is not allowed; a number, at least 0`},
		"not a number":          {"/requests?min_ms=NaN", "min_ms", `min_ms: "NaN" is not allowed; a number, at least 0`},
		"infinite":              {"/requests?min_ms=Inf", "min_ms", `min_ms: "Inf" is not allowed; a number, at least 0`},
		"status":                {"/requests?status=9xx", "status", ""},
		"cursor":                {"/requests?cursor=here", "cursor", ""},
		"long":                  {"/performance?endpoint=" + strings.Repeat("x", 501), "endpoint", `endpoint: "` + strings.Repeat("x", 80) + `…" is not allowed; text of at most 500 characters`},
		"not UTF-8":             {"/performance?endpoint=%ff", "endpoint", `endpoint: "\xff" is not allowed; text of at most 500 characters`},
		"NUL":                   {"/usage?page_name=%00", "page_name", `page_name: "\x00" is not allowed; text of at most 255 characters`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.get("/api/v1/metrics" + c.path)
			f := got.fault(t)
			if got.Status != http.StatusBadRequest {
				t.Fatalf("got %d %s", got.Status, got.Body)
			}
			if field, _ := f.Details["field"].(string); field != c.field {
				t.Errorf("got field %q, want %q", field, c.field)
			}
			if c.message != "" && f.Message != c.message {
				t.Errorf("got  %s\nwant %s", f.Message, c.message)
			}
		})
	}
}

// Every question takes the same app and range, so that whoever asks them can keep
// both.
func TestEveryQuestionTakesAppAndRange(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite)
	s.fill()
	asked := 0
	for path, item := range document(t).Paths.Map() {
		if item.Get == nil || !strings.HasPrefix(path, "/api/v1/metrics/") {
			continue
		}
		asked++
		own := ""
		if path == "/api/v1/metrics/time-series" {
			own = "&metric_type=both"
		}
		for _, within := range []string{"app=orders", "time_range=24h", "time_range=90d&app=orders", "app=orders&start_time=2025-10-18T00:00:00Z&end_time=2025-10-18T01:00:00Z"} {
			if got := s.get(path + "?" + within + own); got.Status != http.StatusOK {
				t.Errorf("%s?%s: got %d %s", path, within+own, got.Status, got.Body)
			}
		}
		for _, bad := range []string{"time_range=1y", "app=%ff", "start_time=2025-10-18T00:00:00Z", "time_range=7d&start_time=2025-10-18T00:00:00Z&end_time=2025-10-18T01:00:00Z"} {
			if got := s.get(path + "?" + bad + own); got.Status != http.StatusBadRequest {
				t.Errorf("%s?%s: got %d, want 400", path, bad+own, got.Status)
			}
		}
	}
	if asked < 8 {
		t.Errorf("%d questions, want all 8", asked)
	}
}

// The status is that of the whole database, whatever is asked.
func TestAppAndRangeDoNotNarrowTheStatus(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite)
	s.fill()
	whole := s.get("/api/v1/metrics/status")
	for _, within := range []string{"app=nobody", "time_range=90d", "start_time=2025-10-01T00:00:00Z&end_time=2025-10-01T01:00:00Z"} {
		if got := s.get("/api/v1/metrics/status?" + within); string(got.Body) != string(whole.Body) {
			t.Errorf("%s: got  %s\nwant %s", within, got.Body, whole.Body)
		}
	}
}

func FuzzParameters(f *testing.F) {
	for _, seed := range []string{
		"", "time_range=7d", "app=orders&endpoint=/orders/{id}", "limit=1&min_ms=0.5&status=5xx", "cursor=abc",
		"start_time=2025-10-18T00:00:00Z&end_time=2025-10-18T01:00:00Z", "a;b", "%", "app=%ff", "user_id=%00", "status=",
		"limit=99999999999999999999", "limit", "include_anonymous=", "min_ms=1e999", "status=%F0%9F%98%80", "time_range=&app=",
	} {
		f.Add(seed)
	}
	s := open(f, store.SQLite)
	f.Fuzz(func(t *testing.T, raw string) {
		if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return // no request line holds these
		}
		client := http.Client{Transport: checked{t: t, next: s.wire}}
		for _, path := range []string{"/requests", "/performance", "/events", "/time-series", "/usage/count", "/status"} {
			r := &http.Request{Method: http.MethodGet, Header: http.Header{}}
			r.URL, _ = url.Parse(s.url + "/api/v1/metrics" + path)
			r.URL.RawQuery = raw
			response, err := client.Do(r.WithContext(t.Context()))
			if err != nil {
				continue // a URL that no client can send
			}
			_ = response.Body.Close()
			if response.StatusCode >= 500 {
				t.Errorf("%s?%s: got %d", path, raw, response.StatusCode)
			}
		}
	})
}
