package query_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

// now is the clock of every test: a Tuesday in the middle of an hour.
var now = time.Date(2026, 3, 10, 12, 34, 56, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

// hour is an hour of the day of now.
func hour(h int) time.Time { return time.Date(2026, 3, 10, h, 0, 0, 0, time.UTC) }

func named(t testing.TB, name string) metric.Range {
	t.Helper()
	r, err := metric.ParseRange(name, "", "", now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func between(start, end time.Time) metric.Range {
	return metric.Range{Start: start, End: end, Name: "custom"}
}

func engine(s *store.Store) *query.Engine {
	return query.New(query.Options{
		Store: s, Now: func() time.Time { return now },
		WarnRows: 800_000, LimitRows: 1_000_000,
	})
}

// number makes ids that are the same on every run.
func number(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-7000-8000-%012d", n))
}

func request(at time.Time, endpoint string, status int, ms float64, user string) metric.Request {
	return metric.Request{
		Timestamp: at, App: metric.DefaultApp, Endpoint: endpoint, Method: "GET",
		StatusCode: status, ResponseTimeMS: ms, UserID: user, ErrorType: metric.ErrorTypeFor(status),
	}
}

func event(at time.Time, eventType, page, element, user string) metric.Event {
	return metric.Event{
		Timestamp: at, App: metric.DefaultApp, EventType: eventType,
		PageName: page, ElementID: element, UserID: user, Success: true,
	}
}

func fill(t testing.TB, s *store.Store, b metric.Batch) {
	t.Helper()
	for i := range b.Requests {
		if b.Requests[i].ID == uuid.Nil {
			b.Requests[i].ID = number(i + 1)
		}
	}
	for i := range b.Events {
		if b.Events[i].ID == uuid.Nil {
			b.Events[i].ID = number(1000 + i + 1)
		}
	}
	stored, err := s.Append(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if stored.Requests != len(b.Requests) || stored.Events != len(b.Events) {
		t.Fatalf("stored %+v, want %d requests and %d events", stored, len(b.Requests), len(b.Events))
	}
}

// retire turns every raw row before a time into rollups.
func retire(t testing.TB, s *store.Store, before time.Time) {
	t.Helper()
	if _, err := s.Retire(t.Context(), store.RetireRequest{RawBefore: before}); err != nil {
		t.Fatal(err)
	}
}

func must[T any](t testing.TB) func(*T, error) *T {
	return func(answer *T, err error) *T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func encode(t testing.TB, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// golden compares with testdata/NAME.json, which -update writes. Both engines
// share the files: they give one answer.
func golden(t *testing.T, name string, answer any) {
	t.Helper()
	got, path := encode(t, answer), filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
	}
}

// orders is a small web shop's morning: hand-made, so that every number of its
// answers can be checked by eye.
func orders() metric.Batch {
	return metric.Batch{
		Requests: []metric.Request{
			request(hour(9).Add(10*time.Minute), "/orders", 200, 10, "ann"),
			request(hour(9).Add(20*time.Minute), "/orders", 200, 20, "bob"),
			request(hour(9).Add(30*time.Minute), "/orders", 500, 90, ""),
			request(hour(11), "/orders/{id}", 200, 300, "ann"),
			request(hour(11).Add(59*time.Minute), "/orders/{id}", 404, 100, "cat"),
			request(hour(12).Add(time.Minute), "/", 304, 1.5, ""),
		},
		Events: []metric.Event{
			event(hour(9), "page_view", "/orders", "", "ann"),
			event(hour(9).Add(time.Second), "page_view", "/orders", "", "dan"),
			event(hour(9).Add(2*time.Second), "button_click", "/orders", "add-order", "dan"),
			event(hour(11), "button_click", "/orders", "add-order", "ann"),
			event(hour(11), "button_click", "/orders", "delete", ""),
			{
				Timestamp: hour(12), App: metric.DefaultApp, EventType: "form_submit", PageName: "/new", ElementID: "form",
				UserID: "eve", Success: false, Metadata: json.RawMessage(`{"fields":3}`), CorrelationID: "c-1",
			},
		},
	}
}
