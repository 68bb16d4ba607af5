package api_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

const (
	oneEvent   = `{"events":[{"event_type":"page_view","timestamp":"2025-10-18T12:30:00Z"}]}`
	oneRequest = `{"requests":[{"timestamp":"2025-10-18T12:30:00Z","endpoint":"/","method":"GET","status_code":200,"response_time_ms":1}]}`
)

func bodyFor(path string, entries int) string {
	whole, list := oneEvent, "events"
	if strings.HasSuffix(path, "/requests") {
		whole, list = oneRequest, "requests"
	}
	one := whole[strings.Index(whole, "[")+1 : strings.LastIndex(whole, "]")]
	return `{"` + list + `":[` + strings.Repeat(one+",", entries-1) + one + `]}`
}

// TestEveryDocumentedAnswer brings every operation to give every answer that
// the document has for it, each of which the transport holds against its
// schema.
func TestEveryDocumentedAnswer(t *testing.T) {
	t.Parallel()
	secret := errors.New("password=hunter2 at /var/lib/appmetrics")
	well := open(t, store.SQLite)
	well.fill()
	sites := map[string]*site{
		"401": over(t, api.Options{Source: broken{}, Intake: broken{}, Checker: says{err: admin.ErrUnauthenticated}}),
		"403": over(t, api.Options{Source: broken{}, Intake: broken{}, Checker: says{err: admin.ErrForbidden}}),
		"408": interrupted(t),
		"500": over(t, api.Options{Source: broken{secret}, Intake: broken{secret}}),
		"503": over(t, api.Options{Source: broken{query.ErrTimeout}, Intake: broken{store.ErrUnavailable}}),
	}
	for path, item := range document(t).Paths.Map() {
		for method, operation := range item.Operations() {
			for status := range operation.Responses.Map() {
				t.Run(method+" "+path+" "+status, func(t *testing.T) {
					t.Parallel()
					s := sites[status]
					if s == nil {
						s = well
					}
					target, body := path, ""
					headers := []string{"Content-Type", "application/json"}
					if strings.HasSuffix(path, "/time-series") {
						target += "?metric_type=both"
					}
					if method == http.MethodPost {
						body = bodyFor(path, 1)
					}
					switch status {
					case "400":
						target += "?nonsense=1"
					case "403":
						headers = append(headers, "Sec-Fetch-Site", "cross-site")
					case "413":
						body = bodyFor(path, 1001)
					case "415":
						headers[1] = "text/csv"
					}
					got := s.do(method, target, body, headers...)
					if strconv.Itoa(got.Status) != status {
						t.Fatalf("got %d, want %s: %s", got.Status, status, got.Body)
					}
					if got.Status >= 400 {
						if f := got.fault(t); f.StatusCode != got.Status || f.CorrelationID != got.Header.Get("X-Request-Id") {
							t.Errorf("got %+v under %v", f, got.Header)
						}
					}
					if strings.Contains(string(got.Body), "hunter2") {
						t.Errorf("internals are shown: %s", got.Body)
					}
				})
			}
		}
	}
}

func TestWordsOfErrors(t *testing.T) {
	t.Parallel()
	const performance = "/api/v1/metrics/performance"
	cases := map[string]struct {
		options api.Options
		message string
		status  int
	}{
		"no token":        {api.Options{Checker: says{err: admin.ErrUnauthenticated}}, admin.ErrUnauthenticated.Error(), 401},
		"no admin":        {api.Options{Checker: says{}}, "Administrator privileges required to access metrics", 403},
		"workspace away":  {api.Options{Checker: says{err: admin.ErrUnverifiable}}, "Unable to verify admin privileges", 503},
		"slow question":   {api.Options{Source: broken{query.ErrTimeout}}, "Data temporarily unavailable", 503},
		"database away":   {api.Options{Source: broken{store.ErrUnavailable}}, "Data temporarily unavailable", 503},
		"something broke": {api.Options{Source: broken{store.ErrCorrupt}}, "Something went wrong; the log has the details under this correlation id", 500},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.options.Source == nil {
				c.options.Source = broken{errors.New("asked before the gate")}
			}
			c.options.Intake = broken{}
			got := over(t, c.options).get(performance)
			if f := got.fault(t); f.Message != c.message || got.Status != c.status {
				t.Errorf("got %d %q, want %d %q", got.Status, f.Message, c.status, c.message)
			}
			if got.Status == 503 && got.Header.Get("Retry-After") == "" {
				t.Error("503 without Retry-After")
			}
		})
	}
}

func TestGateComesBeforeEverything(t *testing.T) {
	t.Parallel()
	s := over(t, api.Options{Source: broken{}, Intake: broken{}, Checker: says{err: admin.ErrUnauthenticated}})
	for _, path := range []string{"/performance?nonsense=1", "/time-series", "/requests?limit=0"} {
		if got := s.get("/api/v1/metrics" + path); got.Status != http.StatusUnauthorized {
			t.Errorf("%s: got %d, want 401", path, got.Status)
		}
	}
	if got := s.post("/api/v1/metrics/usage-events", "{", "Content-Type", "text/csv"); got.Status != http.StatusUnauthorized {
		t.Errorf("post: got %d, want 401", got.Status)
	}
}

func TestPathsAndMethodsThatDoNotExist(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite)
	if got := s.get("/api/v1/metrics/nothing"); got.Status != http.StatusNotFound || got.fault(t).Error != "Not Found" {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
	got := s.do(http.MethodDelete, "/api/v1/metrics/requests", "")
	if got.Status != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("got %d, Allow %q: %s", got.Status, got.Header.Get("Allow"), got.Body)
	}
	if got := s.do(http.MethodHead, "/api/v1/metrics/status", ""); got.Status != http.StatusOK || len(got.Body) > 0 {
		t.Errorf("HEAD: got %d %q", got.Status, got.Body)
	}
}

func TestPanicIsAnswered(t *testing.T) {
	t.Parallel()
	s := over(t, api.Options{Source: panicking{}, Intake: broken{}})
	if got := s.get("/api/v1/metrics/performance"); got.Status != http.StatusInternalServerError {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
}

func TestOnlyWhatTheOperatorMustKnowIsLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := over(t, api.Options{
		Source: broken{errors.New("disk full")}, Intake: broken{},
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if s.get("/api/v1/metrics/performance?x=y"); log.Len() > 0 {
		t.Errorf("a bad parameter is logged: %s", log.String())
	}
	got := s.get("/api/v1/metrics/performance?app=secret-app")
	line := log.String()
	if !strings.Contains(line, "level=ERROR") || !strings.Contains(line, `error="disk full"`) ||
		!strings.Contains(line, "correlation_id="+got.Header.Get("X-Request-Id")) {
		t.Errorf("got %s", line)
	}
	if strings.Contains(line, "secret-app") {
		t.Errorf("the query string is logged: %s", line)
	}
}

// panicking fails on every question, as nil.
type panicking struct{ query.Source }
