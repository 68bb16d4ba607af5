package query_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// collecting is an engine in a process that collects; what it says of that may
// be changed between answers.
func collecting(s *store.Store, c *query.Collection) *query.Engine {
	return query.New(query.Options{
		Store: s, Now: func() time.Time { return now }, WarnRows: 2, LimitRows: 5,
		Collection: func() query.Collection { return *c },
	})
}

// Who looks at the status while the database is away wants to know what waits.
func TestStatusIsAnsweredWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, metric.Batch{Requests: []metric.Request{request(ago(time.Minute), "/", 200, 1, "")}})
		c := query.Collection{Queue: query.Queue{Capacity: 10}}
		e := collecting(s, &c)
		before := must[query.Status](t)(e.Status(t.Context()))
		if !before.AsOf.IsZero() || !before.DatabaseAwaySince.IsZero() {
			t.Errorf("got as of %v, away since %v with a database that answers", before.AsOf, before.DatabaseAwaySince)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}

		c.Spool = &query.Spool{Samples: 12_345, Oldest: ago(20 * time.Second)}
		c.Queue.Depth, c.Queue.OldestUnsent = 5, ago(20*time.Second)
		c.DatabaseAwaySince = ago(30 * time.Second).In(time.FixedZone("CET", 3600))
		got := must[query.Status](t)(e.Status(t.Context()))
		if got.DatabaseAwaySince != ago(30*time.Second) || !got.AsOf.Equal(now) {
			t.Errorf("away since %v, as of %v", got.DatabaseAwaySince, got.AsOf)
		}
		if got.Tables != before.Tables || got.SchemaVersion != before.SchemaVersion || got.Engine != s.Engine() {
			t.Errorf("got %+v, want what was known before", got)
		}
		if got.Waiting() != 12_350 || !got.CompleteUpTo.Equal(ago(20*time.Second)) {
			t.Errorf("%d wait, complete up to %v", got.Waiting(), got.CompleteUpTo)
		}
	})
}

// A server that started while the database was away knows nothing of it.
func TestStatusBeforeTheDatabaseEverAnswered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		got := must[query.Status](t)(collecting(s, &query.Collection{Queue: query.Queue{Capacity: 10}}).Status(t.Context()))
		if !got.DatabaseAwaySince.Equal(now) || !got.AsOf.IsZero() {
			t.Errorf("away since %v, as of %v", got.DatabaseAwaySince, got.AsOf)
		}
		if got.Engine != s.Engine() || got.Apps == nil || !got.CompleteUpTo.Equal(now) {
			t.Errorf("got %s", encode(t, got))
		}
	})
}

// Elsewhere there is nothing to say without the database, and a question that
// is given up is not answered.
func TestStatusFailsWhereNothingIsCollected(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := collecting(s, &query.Collection{Queue: query.Queue{Capacity: 1}}).Status(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want that it was given up", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := engine(s).Status(t.Context()); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	})
}

// Whoever compares a count with what it sent is told that some of it still
// waits.
func TestCountSaysWhetherItIsComplete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := query.Collection{Queue: query.Queue{Capacity: 10}}
		e := collecting(s, &c)
		for _, test := range []struct {
			oldest time.Time
			want   bool
		}{{time.Time{}, true}, {ago(29 * time.Second), true}, {ago(30 * time.Second), false}, {ago(72 * time.Hour), false}} {
			c.Queue.OldestUnsent = test.oldest
			got := must[query.Count](t)(e.Count(t.Context(), query.CountParams{Range: metric.Range{Start: ago(24 * time.Hour), End: now}, UserID: "ann"}))
			if got.Complete != test.want {
				t.Errorf("something waits since %v: complete is %t", test.oldest, got.Complete)
			}
		}
	})
}
