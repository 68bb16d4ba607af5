package aggregate_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

const day = 24 * time.Hour

// now is where every test's clock starts: in the middle of an hour.
var now = time.Date(2026, 3, 10, 12, 34, 56, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func clock() time.Time { return now }

func request(at time.Time, endpoint string, status int, ms float64, user string) metric.Request {
	return metric.Request{
		Timestamp: at, App: metric.DefaultApp, Endpoint: endpoint, Method: "GET",
		StatusCode: status, ResponseTimeMS: ms, UserID: user, ErrorType: metric.ErrorTypeFor(status),
	}
}

func event(at time.Time, eventType, page, user string) metric.Event {
	return metric.Event{
		Timestamp: at, App: metric.DefaultApp, EventType: eventType,
		PageName: page, ElementID: "save", UserID: user, Success: true,
	}
}

func fill(t testing.TB, s *store.Store, b metric.Batch) {
	t.Helper()
	if _, err := s.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// journal is a log that tests read.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// job returns a job at the fixed clock whose log is the journal.
func job(s *store.Store, thresholds aggregate.Thresholds) (*aggregate.Job, *journal) {
	out := &journal{}
	return aggregate.New(aggregate.Options{
		Store: s, Now: clock, Thresholds: thresholds,
		Logger: slog.New(slog.NewTextHandler(out, nil)),
	}), out
}

func rows(t testing.TB, s *store.Store) store.Rows {
	t.Helper()
	h, err := s.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return store.Rows{Requests: h.Requests.Rows, Events: h.Events.Rows, Rollups: h.Rollups.Rows}
}

// background is for work that outlives no test but has none to belong to.
var background = context.Background()
