package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

const (
	events   = "/api/v1/metrics/usage-events"
	requests = "/api/v1/metrics/requests"
)

func (s *site) storedEvents() []query.Event {
	s.t.Helper()
	within, err := metric.ParseRange("7d", "", "", now.Add(time.Minute))
	if err != nil {
		s.t.Fatal(err)
	}
	page, err := s.engine.Events(context.Background(), query.EventsParams{Range: within})
	if err != nil {
		s.t.Fatal(err)
	}
	return page.Events
}

func TestPostedEventsAreStored(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		s := open(t, engine, func(o *api.Options) { o.App = "orders" })
		got := s.post(events, `{"events":[
			{"id":"0197f9d2-6f3a-7c31-9d0e-5f6f1c2b3a4d","event_type":"button_click","timestamp":"2025-10-18T12:35:02Z",
			 "page_name":"/orders","element_id":"add-order","success":true,"metadata":{"rows":3},"user_id":"mallory"},
			{"event_type":"page_view","timestamp":"2020-01-01T00:00:00Z"}]}`, "X-Request-Id", "ignored")
		if got.Status != http.StatusAccepted {
			t.Fatalf("got %d %s", got.Status, got.Body)
		}
		stored := s.storedEvents()
		if len(stored) != 2 {
			t.Fatalf("got %d events stored, want 2", len(stored))
		}
		for _, e := range stored {
			if e.UserID != admin.LocalUser || e.App != "orders" || e.CorrelationID != got.Header.Get("X-Request-Id") || !e.Timestamp.Equal(now) {
				t.Errorf("stored %+v", e)
			}
		}
		if late := s.queue.Stats().Late; late != 1 {
			t.Errorf("got %d late, want 1", late)
		}
	}
}

func TestRepeatedIDsAreStoredOnce(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite)
	const body = `{"events":[{"id":"0197f9d2-6f3a-7c31-9d0e-5f6f1c2b3a4d","event_type":"page_view","timestamp":"2025-10-18T12:35:02Z"}]}`
	for range 3 {
		if got := s.post(events, body); got.Status != http.StatusAccepted {
			t.Fatalf("got %d %s", got.Status, got.Body)
		}
	}
	if stored := s.storedEvents(); len(stored) != 1 {
		t.Errorf("got %d events stored, want 1", len(stored))
	}
}

func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite)
	event := func(fields string) string {
		return `{"events":[{"event_type":"page_view","timestamp":"2025-10-18T12:00:00Z"},{` + fields + `}]}`
	}
	request := func(fields string) string {
		return `{"requests":[{"timestamp":"2025-10-18T12:00:00Z","endpoint":"/","method":"GET","status_code":200,"response_time_ms":1},{` + fields + `}]}`
	}
	cases := map[string]struct {
		path, body string
		field      string
		whole      bool // the body as a whole is wrong, not one entry
	}{
		"not JSON":           {path: events, body: `{"events":`, whole: true},
		"no entries":         {path: events, body: `{"events":[]}`, field: "events", whole: true},
		"no list":            {path: events, body: `{}`, field: "events", whole: true},
		"event type":         {path: events, body: event(`"event_type":"dance","timestamp":"2025-10-18T12:00:00Z"`), field: "event_type"},
		"no timestamp":       {path: events, body: event(`"event_type":"page_view"`), field: "timestamp"},
		"event id":           {path: events, body: event(`"id":"x","event_type":"page_view","timestamp":"2025-10-18T12:00:00Z"`), field: "id"},
		"metadata":           {path: events, body: event(`"event_type":"page_view","timestamp":"2025-10-18T12:00:00Z","metadata":[1]`), field: "metadata"},
		"status code":        {path: requests, body: request(`"timestamp":"2025-10-18T12:00:00Z","endpoint":"/","method":"GET","status_code":99,"response_time_ms":1`), field: "status_code"},
		"request in future":  {path: requests, body: request(`"timestamp":"2025-10-19T12:00:00Z","endpoint":"/","method":"GET","status_code":200,"response_time_ms":1`), field: "timestamp"},
		"request before all": {path: requests, body: request(`"timestamp":"2025-01-01T12:00:00Z","endpoint":"/","method":"GET","status_code":200,"response_time_ms":1`), field: "timestamp"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.post(c.path, c.body)
			f := got.fault(t)
			if got.Status != http.StatusBadRequest {
				t.Fatalf("got %d %s", got.Status, got.Body)
			}
			index, one := f.Details["index"].(float64)
			if one == c.whole || one && index != 1 {
				t.Errorf("got index %v in %s", f.Details["index"], got.Body)
			}
			if c.field != "" && f.Details["field"] != c.field {
				t.Errorf("got field %v, want %s", f.Details["field"], c.field)
			}
		})
	}
	t.Cleanup(func() {
		if stored := s.storedEvents(); len(stored) != 0 {
			t.Errorf("got %d events of refused batches stored", len(stored))
		}
	})
}

func TestBatchOfTooManyEvents(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite)
	got := s.post(events, bodyFor(events, 1001))
	f := got.fault(t)
	if got.Status != http.StatusRequestEntityTooLarge || f.Detail != "Batch size exceeds maximum of 1000 events" ||
		f.MaxBatchSize != 1000 || f.Received != 1001 {
		t.Errorf("got %d %s", got.Status, got.Body)
	}
	if got := s.post(events, bodyFor(events, 1000)); got.Status != http.StatusAccepted {
		t.Errorf("1000 events: got %d %s", got.Status, got.Body)
	}
}

func TestBodiesTooLarge(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite)
	large := `{"events":[{"event_type":"page_view","timestamp":"2025-10-18T12:00:00Z","page_name":"` + strings.Repeat("x", ingest.MaxBodyBytes) + `"}]}`
	if got := s.post(events, large); got.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("plain: got %d %s", got.Status, got.Body)
	}
	if got := s.post(events, zipped(t, large), "Content-Encoding", "gzip"); got.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("compressed: got %d %s", got.Status, got.Body)
	}
	if got := s.post(events, strings.Repeat(zipped(t, ""), 200_000), "Content-Encoding", "gzip"); got.Status != http.StatusBadRequest {
		t.Errorf("megabytes of nothing: got %d %s", got.Status, got.Body)
	}
}

// TestBodiesThatBreakOff: a sender that goes away, or takes too long, is nothing
// that the operator has to mend.
func TestBodiesThatBreakOff(t *testing.T) {
	t.Parallel()
	for cause, status := range map[error]int{
		syscall.ECONNRESET: http.StatusBadRequest, io.ErrUnexpectedEOF: http.StatusBadRequest,
		os.ErrDeadlineExceeded: http.StatusRequestTimeout,
	} {
		for _, encoding := range []string{"", "gzip"} {
			var log bytes.Buffer
			h, err := api.New(api.Options{
				Source: broken{}, Intake: broken{errors.New("stored")}, Now: clock, Checker: wants(""),
				Logger: slog.New(slog.NewTextHandler(&log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			body := oneEvent
			if encoding == "gzip" {
				body = zipped(t, oneEvent)
			}
			r := httptest.NewRequest(http.MethodPost, events, io.MultiReader(strings.NewReader(body[:20]), iotest.ErrReader(cause)))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Content-Encoding", encoding)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != status || log.Len() > 0 {
				t.Errorf("%v %s: got %d %s and the log %s", cause, encoding, w.Code, w.Body, log.String())
			}
		}
	}
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormsOfBodies(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite)
	cases := []struct {
		contentType, encoding, body string
		status                      int
	}{
		{"application/json", "", oneEvent, 202},
		{"application/json; charset=utf-8", "", oneEvent, 202},
		{"text/plain;charset=UTF-8", "", oneEvent, 202},
		{"application/json", "gzip", zipped(t, oneEvent), 202},
		{"application/json", "gzip", oneEvent, 400},
		{"application/json", "br", oneEvent, 415},
		{"application/x-www-form-urlencoded", "", oneEvent, 415},
		{"", "", oneEvent, 415},
	}
	for _, c := range cases {
		got := s.post(events, c.body, "Content-Type", c.contentType, "Content-Encoding", c.encoding)
		if got.Status != c.status {
			t.Errorf("%q %q: got %d %s, want %d", c.contentType, c.encoding, got.Status, got.Body, c.status)
		}
	}
}

func TestPostedRequestsAreNamedAndStored(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite, func(o *api.Options) {
		o.Name = func(path string, _ time.Time) string { return strings.Replace(path, "17", "{id}", 1) }
	})
	got := s.post(requests, `{"requests":[{"timestamp":"2025-10-18T12:34:02.123Z","endpoint":"/orders/17","method":"GET",
		"status_code":503,"response_time_ms":12.5,"user_id":"ada"}]}`, "X-Request-Id", "x")
	if got.Status != http.StatusAccepted {
		t.Fatalf("got %d %s", got.Status, got.Body)
	}
	list := s.get(requests + "?start_time=2025-10-18T12:00:00Z&end_time=2025-10-18T12:35:00Z&status=5xx&user_id=ada&min_ms=12.5&endpoint=/orders/{id}")
	if list.Status != http.StatusOK || !strings.Contains(string(list.Body), `"error_type":"SERVER_ERROR_503"`) {
		t.Errorf("got %d %s", list.Status, list.Body)
	}
}

func TestPostedPagesAndElementsAreNamedAndStored(t *testing.T) {
	t.Parallel()
	s := open(t, store.SQLite, func(o *api.Options) {
		o.Page = func(name string, _ time.Time) string { return strings.Replace(name, "17", "{id}", 1) }
		o.Element = func(page, id string, _ time.Time) string { return id + " of " + page }
	})
	got := s.post(events, `{"events":[{"event_type":"button_click","timestamp":"2025-10-18T12:34:02.123Z","page_name":"/orders/17","element_id":"buy"}]}`)
	if got.Status != http.StatusAccepted {
		t.Fatalf("got %d %s", got.Status, got.Body)
	}
	if stored := s.storedEvents(); len(stored) != 1 || stored[0].PageName != "/orders/{id}" || stored[0].ElementID != "buy of /orders/{id}" {
		t.Errorf("stored %+v", stored)
	}
}

func TestServiceTokensPostRequestsAndNothingElse(t *testing.T) {
	t.Parallel()
	tokens, err := admin.ParseServiceTokens([]string{admin.HashToken("s3cret")})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, store.SQLite, func(o *api.Options) {
		o.ServiceTokens = tokens
		o.Checker = says{err: admin.ErrUnauthenticated}
	})
	for token, want := range map[string]int{"Bearer s3cret": 202, "Bearer other": 401, "": 401} {
		if got := s.post(requests, oneRequest, "Authorization", token); got.Status != want {
			t.Errorf("%q: got %d, want %d", token, got.Status, want)
		}
	}
	if got := s.get(requests, "Authorization", "Bearer s3cret"); got.Status != http.StatusUnauthorized {
		t.Errorf("a service token reads requests: %d", got.Status)
	}
	if got := s.post(events, oneEvent, "Authorization", "Bearer s3cret"); got.Status != http.StatusUnauthorized {
		t.Errorf("a service token posts events: %d", got.Status)
	}
}

func TestIntakeThatIsAway(t *testing.T) {
	t.Parallel()
	s := over(t, api.Options{Source: broken{}, Intake: broken{&ingest.UnavailableError{RetryAfter: 90 * time.Second, Err: ingest.ErrBusy}}})
	got := s.post(events, oneEvent)
	after, err := strconv.Atoi(got.Header.Get("Retry-After"))
	if got.Status != http.StatusServiceUnavailable || err != nil || after != 90 {
		t.Errorf("got %d, Retry-After %q: %s", got.Status, got.Header.Get("Retry-After"), got.Body)
	}
}
