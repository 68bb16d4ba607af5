package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

func pageThroughRequests(t *testing.T, s *store.Store) {
	const total, page = 103, 10
	var b metric.Batch
	for i := range total {
		// Seven at a time share their timestamp, across the ends of pages.
		b.Requests = append(b.Requests, request(ago(time.Duration(i/7)*time.Second), fmt.Sprint(i), 200, 1, ""))
	}
	appendAll(t, s, b)
	seen := map[string]bool{}
	last := everything.End
	f := store.RequestFilter{Range: everything, Limit: page}
	for pages := 1; ; pages++ {
		got, next, err := s.Requests(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) > page || len(got) < page && next != nil {
			t.Fatalf("page %d: got %d requests, want %d", pages, len(got), page)
		}
		for _, r := range got {
			if r.Timestamp.After(last) || seen[r.Endpoint] {
				t.Fatalf("page %d: %v is out of order or repeated", pages, r)
			}
			seen[r.Endpoint], last = true, r.Timestamp
		}
		if next == nil {
			break
		}
		f.Before = *next
	}
	if len(seen) != total {
		t.Errorf("got %d requests over all pages, want %d", len(seen), total)
	}
	if got, _, err := s.Requests(t.Context(), store.RequestFilter{Range: everything}); err != nil || len(got) != store.DefaultLimit {
		t.Errorf("got %d requests without a limit, %v; want %d", len(got), err, store.DefaultLimit)
	}
}

func filterRequests(t *testing.T, s *store.Store) {
	appendAll(t, s, history())
	for name, c := range map[string]struct {
		filter store.RequestFilter
		want   int
	}{
		"all but the product": {store.RequestFilter{}, 40},
		"app":                 {store.RequestFilter{App: metric.DefaultApp}, 8},
		"endpoint":            {store.RequestFilter{Endpoint: "/orders"}, 16},
		"method":              {store.RequestFilter{Method: "POST"}, 8},
		"client errors":       {store.RequestFilter{StatusMin: 400, StatusMax: 499}, 8},
		"user":                {store.RequestFilter{UserID: "ada"}, 16},
		"slow":                {store.RequestFilter{MinMS: 30_000}, 8},
		"limit":               {store.RequestFilter{Limit: 3}, 3},
		"range":               {store.RequestFilter{Range: metric.Range{Start: ago(day), End: now}}, 10},
		"nothing":             {store.RequestFilter{UserID: "' OR 1=1"}, 0},
	} {
		if c.filter.Range.Start.IsZero() {
			c.filter.Range = everything
		}
		got, _, err := s.Requests(t.Context(), c.filter)
		if err != nil || len(got) != c.want {
			t.Errorf("%s: got %d requests, %v; want %d", name, len(got), err, c.want)
		}
	}
}

func filterEvents(t *testing.T, s *store.Store) {
	appendAll(t, s, history())
	for name, c := range map[string]struct {
		filter store.EventFilter
		want   int
	}{
		"all":    {store.EventFilter{}, 32},
		"app":    {store.EventFilter{App: "other"}, 0},
		"type":   {store.EventFilter{EventType: "page_view"}, 16},
		"page":   {store.EventFilter{PageName: "/orders"}, 24},
		"user":   {store.EventFilter{UserID: "grace"}, 8},
		"limit":  {store.EventFilter{Limit: 5}, 5},
		"period": {store.EventFilter{Range: metric.Range{Start: ago(day), End: now}}, 8},
	} {
		if c.filter.Range.Start.IsZero() {
			c.filter.Range = everything
		}
		got, next, err := s.Events(t.Context(), c.filter)
		if err != nil || len(got) != c.want {
			t.Errorf("%s: got %d events, %v; want %d", name, len(got), err, c.want)
		}
		if name == "limit" && next != nil {
			c.filter.Limit, c.filter.Before = 100, *next
			if rest, _, err := s.Events(t.Context(), c.filter); err != nil || len(rest) != 27 {
				t.Errorf("rest: got %d events, %v; want 27", len(rest), err)
			}
		}
	}
}

func refuseCursor(t *testing.T, s *store.Store) {
	for _, cursor := range []store.Cursor{
		"!", "MTIz", "eCB5", "MTIgAA", "MTIg_w", "LTkwMDAwMDAwMDAwMDAwMDAwMCBh", "MjUzNDAyMzAwODAwMDAwMDAwIGE",
	} {
		_, _, err := s.Requests(t.Context(), store.RequestFilter{Range: everything, Before: cursor})
		if !errors.Is(err, store.ErrCursor) {
			t.Errorf("requests before %q: got %v, want ErrCursor", cursor, err)
		}
		_, _, err = s.Events(t.Context(), store.EventFilter{Range: everything, Before: cursor})
		if !errors.Is(err, store.ErrCursor) {
			t.Errorf("events before %q: got %v, want ErrCursor", cursor, err)
		}
	}
}

// compactMetadata returns metadata as JSON is sent, however the engine spells
// it, so that local and remote answers agree.
func compactMetadata(t *testing.T, s *store.Store) {
	view := event(ago(time.Minute), "page_view", "/", "", "ada", true)
	view.Metadata = json.RawMessage("{ \"b\": [1, 2],\n\"a\": \"x y\" }")
	empty := event(ago(time.Hour), "page_view", "/", "", "ada", true)
	empty.Metadata = json.RawMessage("null") // as some ORMs write what is absent
	appendAll(t, s, metric.Batch{Events: []metric.Event{view, empty}})
	events, _, err := s.Events(t.Context(), store.EventFilter{Range: everything})
	if err != nil || len(events) != 2 {
		t.Fatalf("got %d events, %v; want 2", len(events), err)
	}
	got := string(events[0].Metadata)
	if got != `{"b":[1,2],"a":"x y"}` && got != `{"a":"x y","b":[1,2]}` {
		t.Errorf("got metadata %s, want it compact", got)
	}
	if events[1].Metadata != nil {
		t.Errorf("got metadata %s for null, want none", events[1].Metadata)
	}
}
