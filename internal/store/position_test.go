package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// requestsOf returns a batch of n requests without ids.
func requestsOf(n int) metric.Batch {
	var b metric.Batch
	for range n {
		b.Requests = append(b.Requests, request(ago(0), "/orders", 200, 1, "ada"))
	}
	return b
}

// standsAt fails the test unless the source stands at the position and the
// database holds that many rows.
func standsAt(t *testing.T, s *store.Store, source uuid.UUID, position, rows int64) {
	t.Helper()
	if got, err := s.Position(t.Context(), source); err != nil || got != position {
		t.Errorf("got position %d, %v; want %d", got, err, position)
	}
	if h, err := s.Health(t.Context()); err != nil || h.Rows() != rows {
		t.Errorf("got %d rows, %v; want %d", h.Rows(), err, rows)
	}
}

func TestAppendAt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		source := uuid.New()
		standsAt(t, s, source, 0, 0)
		for _, step := range []struct {
			name       string
			samples    int
			from, to   int64
			actual     int64 // of the error; -1 for none
			rows, then int64
		}{
			{"the first", 3, 0, 3, -1, 3, 3},
			{"the first again", 3, 0, 3, 3, 3, 3},
			{"the next", 2, 3, 5, -1, 5, 5},
			{"the next again", 2, 3, 5, 5, 5, 5},
			{"with a gap", 1, 5, 9, -1, 6, 9},
			{"ahead of the source", 1, 12, 13, 9, 6, 9},
			{"over what cannot be stored", 0, 9, 10, -1, 6, 10},
			{"over it again", 0, 9, 10, 10, 6, 10},
			{"nowhere", 0, 10, 10, -1, 6, 10},
		} {
			stored, err := s.AppendAt(t.Context(), requestsOf(step.samples),
				metric.Position{Source: source, From: step.from, To: step.to, ReceivedAt: now})
			var refused *metric.PositionError
			switch {
			case step.actual < 0 && (err != nil || stored.Requests != step.samples):
				t.Errorf("%s: got %+v, %v; want %d stored", step.name, stored, err, step.samples)
			case step.actual >= 0 && !errors.As(err, &refused):
				t.Errorf("%s: got %+v, %v; want a PositionError", step.name, stored, err)
			case step.actual >= 0 && *refused != metric.PositionError{Source: source, Want: step.from, Actual: step.actual}:
				t.Errorf("%s: got %+v, want it at %d and not at %d", step.name, refused, step.actual, step.from)
			}
			standsAt(t, s, source, step.then, step.rows)
		}

		other := uuid.New()
		if _, err := s.AppendAt(t.Context(), requestsOf(1), metric.Position{Source: other, From: 4, To: 5}); err == nil {
			t.Error("a source that nobody knows, from the middle: got no error")
		}
		if _, err := s.AppendAt(t.Context(), metric.Batch{}, metric.Position{Source: other}); err != nil {
			t.Errorf("a source that has nothing yet: %v", err)
		}
		if _, err := s.AppendAt(t.Context(), requestsOf(1), metric.Position{Source: other, To: 1}); err != nil {
			t.Errorf("its first: %v", err)
		}
		standsAt(t, s, source, 10, 7)
		if err := s.Forget(t.Context(), source, uuid.New()); err != nil {
			t.Errorf("forget: %v", err)
		}
		if err := s.Forget(t.Context()); err != nil {
			t.Errorf("forget nothing: %v", err)
		}
		if _, err := s.AppendAt(t.Context(), requestsOf(3), metric.Position{Source: source, To: 3}); err == nil {
			t.Error("a copy of a source that is forgotten: got no error")
		}
		standsAt(t, s, source, 10, 7)
		standsAt(t, s, other, 1, 7)
	})
}

func TestAppendAtRefusesWhatIsNoPosition(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.SQLite)
	for name, at := range map[string]metric.Position{
		"no source": {To: 1},
		"backwards": {Source: uuid.New(), From: 2, To: 1},
		"negative":  {Source: uuid.New(), From: -1, To: 1},
	} {
		if _, err := s.AppendAt(t.Context(), requestsOf(1), at); err == nil || !strings.Contains(err.Error(), "cannot move") {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
	standsAt(t, s, uuid.New(), 0, 0)
}

// TestAppendAtIsAllOrNothing ends the transaction at every point, and then
// tries again from where the source stands.
func TestAppendAtIsAllOrNothing(t *testing.T) {
	t.Parallel()
	points := []string{
		"append.position", "append.ids", "append.requests", "append.events", "append.commit", "append.committed",
	}
	lost := errors.New("the answer is lost")
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var reached []string
			var end string
			s := storetest.Open(t, engine, atNow, func(o *store.Options) {
				o.Failpoint = func(_ context.Context, point string) error {
					reached = append(reached, point)
					if point == end {
						return lost
					}
					return nil
				}
			})
			b := history()
			b.CheckIDs = true
			all := int64(b.Len())
			for i, point := range points {
				source := uuid.New()
				at := metric.Position{Source: source, To: all, ReceivedAt: now}
				end = point
				if _, err := s.AppendAt(t.Context(), b, at); !errors.Is(err, lost) {
					t.Errorf("%s: got %v, want the failpoint's error", point, err)
				}
				position := int64(0)
				if point == "append.committed" {
					position = all
				}
				standsAt(t, s, source, position, int64(i)*all+position)
				end = ""
				_, err := s.AppendAt(t.Context(), b, at)
				if refused := (*metric.PositionError)(nil); errors.As(err, &refused) != (position > 0) {
					t.Errorf("%s: again: got %v", point, err)
				}
				standsAt(t, s, source, all, int64(i+1)*all)
			}
			if got := strings.Join(reached[len(reached)-1-len(points):len(reached)-1], " "); got != strings.Join(points, " ") {
				t.Errorf("got points %s, want %v", got, points)
			}
		})
	}
}

// TestAppendAtOnce lets writers of two processes try the same positions at the
// same moment: each is stored once.
func TestAppendAtOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			first, url := storetest.OpenURL(t, engine, atNow)
			stores := []*store.Store{first, storetest.OpenAt(t, store.Options{URL: url})}
			source := uuid.New()
			const writers, rounds, samples = 6, 10, 3
			var group sync.WaitGroup
			for w := range writers {
				group.Go(func() {
					s := stores[w%2]
					for from := int64(0); from < rounds*samples; {
						_, err := s.AppendAt(t.Context(), requestsOf(samples), metric.Position{Source: source, From: from, To: from + samples})
						if refused := (*metric.PositionError)(nil); err != nil && !errors.As(err, &refused) {
							t.Errorf("writer %d: %v", w, err)
							return
						}
						if from, err = s.Position(t.Context(), source); err != nil {
							t.Errorf("writer %d: %v", w, err)
							return
						}
					}
				})
			}
			group.Wait()
			standsAt(t, first, source, rounds*samples, rounds*samples)
		})
	}
}
