package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) set(o *store.Options) { o.Now = func() time.Time { return c.at } }

// TestIDsAreKeptForReplays stores an id on each of twenty days and then looks
// which are still known: for eight days at least, and as long as a source has
// something to replay that is as old.
func TestIDsAreKeptForReplays(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		for name, c := range map[string]struct {
			sources []time.Time // up to when they are replayed
			forget  int         // how many of them are forgotten
			kept    int         // days whose ids are known
		}{
			"nobody replays":             {kept: 8},
			"everything is replayed":     {sources: []time.Time{now, ago(time.Hour)}, kept: 8},
			"one is five days behind":    {sources: []time.Time{ago(time.Hour), ago(5 * day)}, kept: 13},
			"one that never has old":     {sources: []time.Time{{}}, kept: 8},
			"that one, and one behind":   {sources: []time.Time{{}, ago(4 * day)}, kept: 12},
			"one whose clock is ahead":   {sources: []time.Time{now.Add(26 * time.Hour)}, kept: 8},
			"one that is away for ever":  {sources: []time.Time{ago(19 * day), now}, kept: 20},
			"one that is forgotten":      {sources: []time.Time{ago(19 * day), now}, forget: 1, kept: 8},
			"one that nobody heard from": {sources: []time.Time{ago(91 * day), now}, kept: 8},
		} {
			t.Run(engine+"/"+name, func(t *testing.T) {
				t.Parallel()
				var at clock
				s := storetest.Open(t, engine, at.set)
				for i, until := range c.sources {
					if at.at = until; until.IsZero() {
						at.at = now
					}
					position := metric.Position{Source: uuid.New(), To: 1, ReceivedAt: until}
					if _, err := s.AppendAt(t.Context(), metric.Batch{}, position); err != nil {
						t.Fatal(err)
					}
					if i < c.forget {
						if err := s.Forget(t.Context(), position.Source); err != nil {
							t.Fatal(err)
						}
					}
				}
				const days = 20
				b := requestsOf(days)
				renew(b.Requests)
				for i := range b.Requests {
					at.at = ago(time.Duration(i)*day + 2*time.Hour)
					appendAll(t, s, metric.Batch{Requests: b.Requests[i : i+1], CheckIDs: true})
				}
				at.at = now
				retire(t, s, store.RetireRequest{})
				b.CheckIDs = true
				if got := appendAll(t, s, b).Duplicates; got != c.kept {
					t.Errorf("got %d ids that are known, want those of the last %d days", got, c.kept)
				}
			})
		}
	}
}

// TestPositionsAreForgotten keeps those of sources that were heard of within
// the retention.
func TestPositionsAreForgotten(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			var at clock
			s := storetest.Open(t, engine, at.set)
			heard := map[uuid.UUID]time.Duration{}
			for _, d := range []time.Duration{0, 89 * day, 90*day - time.Second, 90*day + time.Second, 200 * day} {
				source := uuid.New()
				heard[source], at.at = d, ago(d)
				// What was replayed long ago says nothing about the source.
				if _, err := s.AppendAt(t.Context(), metric.Batch{}, metric.Position{Source: source, To: 7, ReceivedAt: ago(300 * day)}); err != nil {
					t.Fatal(err)
				}
			}
			at.at = now
			retire(t, s, store.RetireRequest{})
			for source, d := range heard {
				want := int64(7)
				if d > 90*day {
					want = 0
				}
				if got, err := s.Position(t.Context(), source); err != nil || got != want {
					t.Errorf("heard of %v ago: got position %d, %v; want %d", d, got, err, want)
				}
			}
		})
	}
}
