package demo

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

var now = time.Date(2026, 3, 18, 15, 20, 0, 0, time.UTC) // a Wednesday

// history is what Fill writes, in order.
func history(t *testing.T, seed uint64, to time.Duration) (all metric.Batch) {
	t.Helper()
	err := Fill(t.Context(), History{
		Now: now, Seed: seed, To: to,
		Append: func(_ context.Context, b metric.Batch) error {
			all.Requests = append(all.Requests, b.Requests...)
			all.Events = append(all.Events, b.Events...)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestHistoryIsFull(t *testing.T) {
	t.Parallel()
	all := history(t, 1, metric.Retention)
	people, endpoints, types, failed := map[string]bool{}, map[string]bool{}, map[string]bool{}, 0
	for _, r := range all.Requests {
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		if r.Timestamp.After(now) || r.Timestamp.Before(now.Add(-metric.Retention)) {
			t.Fatalf("%v is not in the 90 days before %v", r.Timestamp, now)
		}
		people[r.UserID], endpoints[r.Method+" "+r.Endpoint] = true, true
		if r.StatusCode == http.StatusServiceUnavailable {
			failed++
			if age := now.Sub(r.Timestamp); age > 24*time.Hour || age < 20*time.Hour {
				t.Fatalf("the incident was at %v", r.Timestamp)
			}
		}
	}
	for _, e := range all.Events {
		if err := e.Validate(metric.EventTypes()); err != nil {
			t.Fatal(err)
		}
		people[e.UserID], types[e.EventType] = true, true
	}
	delete(people, "")
	if len(people) != 60 || len(endpoints) != len(routes()) || len(types) != len(metric.EventTypes()) || failed < 20 {
		t.Errorf("%d people, %d endpoints, %d event types, %d failed in the incident", len(people), len(endpoints), len(types), failed)
	}
	t.Logf("%d requests, %d events", len(all.Requests), len(all.Events))
}

func TestEveryRequestCanBeFoundInLogs(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, r := range history(t, 1, metric.RawRetention).Requests {
		if id, err := uuid.Parse(r.CorrelationID); err != nil || id.Version() != 4 || seen[r.CorrelationID] {
			t.Fatalf("correlation id %q: %v, seen before: %v", r.CorrelationID, err, seen[r.CorrelationID])
		}
		seen[r.CorrelationID] = true
	}
}

func TestHistoryHasADailyAndAWeeklyRhythm(t *testing.T) {
	t.Parallel()
	var weekday, weekend, day, night float64
	for _, r := range history(t, 1, metric.RawRetention).Requests {
		if d := r.Timestamp.Weekday(); d == time.Saturday || d == time.Sunday {
			weekend += 1.0 / 2
			continue
		}
		weekday += 1.0 / 5
		switch h := r.Timestamp.Hour(); {
		case h >= 9 && h < 17:
			day++
		case h < 6:
			night++
		}
	}
	if weekday < 2*weekend || day < 5*night {
		t.Errorf("weekday %.0f, weekend %.0f; day %.0f, night %.0f", weekday, weekend, day, night)
	}
}

func TestHistoryIsTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	first, second, other := history(t, 7, day), history(t, 7, day), history(t, 8, day)
	if !reflect.DeepEqual(first, second) {
		t.Error("the same seed gave another history")
	}
	if reflect.DeepEqual(first, other) {
		t.Error("another seed gave the same history")
	}
}

func TestHistoryBeginsWithTheNewestHour(t *testing.T) {
	t.Parallel()
	all := history(t, 1, 24*time.Hour)
	if first := all.Requests[0].Timestamp; now.Sub(first) > time.Hour {
		t.Errorf("first written is of %v", first)
	}
}

func TestFillStopsAtAnError(t *testing.T) {
	t.Parallel()
	err := Fill(t.Context(), History{Now: now, To: metric.RawRetention, Append: func(context.Context, metric.Batch) error { return io.ErrUnexpectedEOF }})
	if err == nil || err.Error() != "fill demo: unexpected EOF" {
		t.Errorf("error = %v", err)
	}
}

func TestApplicationAnswersItsRoutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		app := NewApp(1)
		for _, r := range routes() {
			began := time.Now()
			w := httptest.NewRecorder()
			app.ServeHTTP(w, httptest.NewRequest(r.method, concrete(r.endpoint, rand.New(rand.NewPCG(1, 2))), nil))
			if w.Code == http.StatusNotFound && r.refused != http.StatusNotFound || w.Code == http.StatusMethodNotAllowed {
				t.Errorf("%s %s: status %d", r.method, r.endpoint, w.Code)
			}
			if took := time.Since(began); took == 0 || took > longest {
				t.Errorf("%s %s: took %v", r.method, r.endpoint, took)
			}
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/nowhere", nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("unknown path: status %d", w.Code)
		}
	})
}

func TestVisitorsVisitUntilTheyAreSentHome(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	visits, named, events := 0, 0, 0
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		visits++
		if r.Header.Get("X-User") != "" {
			named++
		}
	}))
	defer server.Close()
	Visitors{
		URL: server.URL, Client: server.Client(), Every: time.Millisecond, Seed: 1,
		Sign: func(r *http.Request, user string) { r.Header.Set("X-User", user) },
		Accept: func(_ context.Context, b metric.Batch) error {
			mu.Lock()
			defer mu.Unlock()
			if events += len(b.Events); events >= 20 {
				cancel()
			}
			return nil
		},
		Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	}.Run(ctx)
	mu.Lock()
	defer mu.Unlock()
	if visits < events/2 || named < visits/2 || events < 20 {
		t.Errorf("%d visits, %d of them with a name, %d events", visits, named, events)
	}
}

// TestVisitorsDoNotDwarfTheHistory: the charts that a newcomer sees show the
// hour that is running beside the hours of the history.
func TestVisitorsDoNotDwarfTheHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var visits atomic.Int64
		Visitors{
			URL: "http://demo.invalid",
			Client: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				visits.Add(1)
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})},
			Sign:   func(*http.Request, string) {},
			Accept: func(context.Context, metric.Batch) error { return nil },
			Seed:   1, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		}.Run(ctx)
		if n := visits.Load(); n < peakPerHour || n > 4*peakPerHour {
			t.Errorf("%d visits in an hour; the busiest of the history has %d", n, peakPerHour)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
