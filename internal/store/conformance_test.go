package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// conformance is what every engine must do alike.
var conformance = []struct {
	name string
	test func(*testing.T, *store.Store)
}{
	{"append and read back requests", appendRequests},
	{"append and read back events", appendEvents},
	{"append nothing", appendNothing},
	{"append all or nothing", appendAllOrNothing},
	{"leave out repeated ids", leaveOutRepeatedIDs},
	{"page through requests", pageThroughRequests},
	{"filter requests", filterRequests},
	{"filter events", filterEvents},
	{"refuse a cursor that is none", refuseCursor},
	{"compact metadata", compactMetadata},
	{"summarize by every dimension", summarizeEveryDimension},
	{"summarize with every filter", summarizeEveryFilter},
	{"summarize several questions at once", summarizeSeveral},
	{"sum up more than 64 bits hold", sumUpTooMuch},
	{"answers stay when rows are retired", answersStay},
	{"late rows merge into rollups", lateRowsMerge},
	{"retire again changes nothing", retireAgain},
	{"retire in several transactions", retireInParts},
	{"retire dry changes nothing", retireDry},
	{"retire deletes what is past the retention", retireExpires},
	{"one retirement at a time", retireLocked},
	{"retirement that is killed", retireKilled},
	{"retirement that is cancelled", retireCancelled},
	{"count the events of a user", countEvents},
	{"list apps", listApps},
	{"describe health", describeHealth},
	{"record runs", recordRuns},
	{"use after close", useAfterClose},
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			for _, c := range conformance {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.test(t, storetest.Open(t, engine, atNow))
				})
			}
		})
	}
}

func appendRequests(t *testing.T, s *store.Store) {
	want := metric.Request{
		ID: uuid.New(), Timestamp: now.Add(123456 * time.Microsecond), App: "shop", Endpoint: "/ø/{id}", Method: "PATCH",
		StatusCode: 418, ResponseTimeMS: 0.1234567890123, UserID: "ada@example.com", ErrorType: "Teapot", CorrelationID: "c-1",
	}
	bare := metric.Request{Timestamp: now, Endpoint: "/", Method: "GET", StatusCode: 500}
	stored := appendAll(t, s, metric.Batch{Requests: []metric.Request{want, bare}})
	if stored != (store.Stored{Requests: 2}) {
		t.Errorf("got %+v, want 2 requests", stored)
	}
	got, next, err := s.Requests(t.Context(), store.RequestFilter{Range: everything})
	if err != nil || next != nil || len(got) != 2 {
		t.Fatalf("got %d requests, cursor %v, error %v; want 2, none, none", len(got), next, err)
	}
	if got[0] != want {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	if got[1].ID.Version() != 7 {
		t.Errorf("got id %s, want one of version 7", got[1].ID)
	}
	bare.ID, bare.App, bare.ErrorType = got[1].ID, metric.DefaultApp, "SERVER_ERROR_500"
	if got[1] != bare {
		t.Errorf("got %+v, want %+v", got[1], bare)
	}
}

func appendEvents(t *testing.T, s *store.Store) {
	want := metric.Event{
		ID: uuid.New(), Timestamp: now, App: "shop", EventType: "page_view", UserID: "ada", PageName: "/orders",
		ElementID: "add", Success: false, Metadata: []byte(`{"rows":3}`), CorrelationID: "c-1",
	}
	appendAll(t, s, metric.Batch{Events: []metric.Event{want, event(ago(time.Second), "form_submit", "", "", "", true)}})
	got, next, err := s.Events(t.Context(), store.EventFilter{Range: everything})
	if err != nil || next != nil || len(got) != 2 {
		t.Fatalf("got %d events, cursor %v, error %v; want 2, none, none", len(got), next, err)
	}
	if fmt.Sprint(got[0]) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got[0], want)
	}
	if got[1].Metadata != nil || !got[1].Success || got[1].UserID != "" {
		t.Errorf("got %v, want success without metadata and user", got[1])
	}
}

func appendNothing(t *testing.T, s *store.Store) {
	if stored := appendAll(t, s, metric.Batch{CheckIDs: true}); stored != (store.Stored{}) {
		t.Errorf("got %+v, want nothing stored", stored)
	}
}

func appendAllOrNothing(t *testing.T, s *store.Store) {
	b := history()
	b.Requests[len(b.Requests)-1].ResponseTimeMS = -1 // the database refuses it
	if _, err := s.Append(t.Context(), b); err == nil {
		t.Error("got no error for a negative response time")
	}
	if h, err := s.Health(t.Context()); err != nil || h.Rows() != 0 {
		t.Errorf("got %d rows, error %v; want none", h.Rows(), err)
	}
}

func leaveOutRepeatedIDs(t *testing.T, s *store.Store) {
	b := metric.Batch{CheckIDs: true, Requests: traffic(700, ago(time.Hour), time.Hour, 1)}
	renew(b.Requests)
	b.Requests[1].ID = b.Requests[0].ID // repeated inside the batch
	b.Requests[2].ID = uuid.Nil         // no id: always new
	b.Events = []metric.Event{event(now, "page_view", "", "", "", true), event(now, "page_view", "", "", "", true)}
	b.Events[0].ID = uuid.New()
	for i, want := range []store.Stored{{Requests: 699, Events: 2, Duplicates: 1}, {Requests: 1, Events: 1, Duplicates: 700}} {
		if got := appendAll(t, s, b); got != want {
			t.Errorf("time %d: got %+v, want %+v", i+1, got, want)
		}
	}
}

func summarizeEveryDimension(t *testing.T, s *store.Store) {
	b := history()
	appendAll(t, s, b)
	for subset := range 1 << len(allDims) {
		var by store.Dims
		for i, d := range allDims {
			if subset>>i&1 != 0 {
				by |= d
			}
		}
		same(t, fmt.Sprintf("by %09b", by), ask(t, s, store.Question{By: by}), expect(b, store.Question{By: by}))
	}
}

func summarizeEveryFilter(t *testing.T, s *store.Store) {
	b := history()
	appendAll(t, s, b)
	retire(t, s, store.RetireRequest{})
	for name, q := range map[string]store.Question{
		"app":            {App: "shop"},
		"the product":    {App: metric.SelfApp},
		"endpoint":       {Endpoint: "/orders"},
		"method":         {Method: "POST"},
		"event type":     {EventType: "page_view"},
		"page":           {PageName: "/orders"},
		"all":            {App: "shop", Endpoint: "/orders", Method: "GET", EventType: "page_view", PageName: "/orders"},
		"nothing":        {App: "no such app"},
		"performance":    {Kinds: []metric.Kind{metric.KindPerformance}},
		"usage twice":    {Kinds: []metric.Kind{metric.KindUsage, metric.KindUsage}},
		"no kind":        {Kinds: []metric.Kind{}},
		"quoted":         {Endpoint: `'; DROP TABLE usage_events; --`},
		"retired only":   {Range: metric.Range{Start: ago(30 * day), End: ago(7 * day).Truncate(time.Hour)}},
		"raw only":       {Range: metric.Range{Start: ago(7 * day), End: now}},
		"half open":      {Range: metric.Range{Start: ago(time.Hour), End: ago(time.Minute)}},
		"nothing there":  {Range: metric.Range{Start: ago(day), End: ago(23 * time.Hour)}},
		"by every thing": {By: store.ByHour | store.ByApp | store.ByEndpoint | store.ByPage},
	} {
		same(t, name, ask(t, s, q), expect(b, q))
	}
}

func summarizeSeveral(t *testing.T, s *store.Store) {
	b := history()
	appendAll(t, s, b)
	questions := []store.Question{
		{Kinds: []metric.Kind{metric.KindUsage}, Range: everything},
		{Kinds: []metric.Kind{metric.KindPerformance}, Range: everything},
	}
	answers, err := s.Summarize(t.Context(), questions...)
	if err != nil || len(answers) != 2 {
		t.Fatalf("got %d answers, error %v; want 2", len(answers), err)
	}
	for i, q := range questions {
		same(t, fmt.Sprint("question ", i), answers[i], expect(b, q))
	}
	if answers, err := s.Summarize(t.Context()); err != nil || len(answers) != 0 {
		t.Errorf("got %v, %v without a question; want nothing", answers, err)
	}
}

// sumUpTooMuch stores more response time than fits: the sum stops growing, and
// the question is answered.
func sumUpTooMuch(t *testing.T, s *store.Store) {
	var b metric.Batch
	for range 9_300 {
		b.Requests = append(b.Requests, request(ago(9*day), "/eternal", 200, metric.MaxResponseTimeMS, "ada"))
		b.Requests = append(b.Requests, request(ago(9*day), "/eternal", 500, metric.MaxResponseTimeMS, "ada"))
	}
	appendAll(t, s, b)
	for _, when := range []string{"raw", "retired"} {
		got := ask(t, s, store.Question{Kinds: []metric.Kind{metric.KindPerformance}})
		if len(got) != 1 || got[0].Count != 18_600 || got[0].SumNS != math.MaxInt64 {
			t.Errorf("%s: got %+v, want 18600 requests and the largest sum", when, figuresOf(got))
		}
		retire(t, s, store.RetireRequest{})
	}
}

func countEvents(t *testing.T, s *store.Store) {
	appendAll(t, s, history())
	for _, when := range []string{"before", "after"} {
		for _, c := range []struct {
			user, app string
			want      int64
		}{{"ada", "", 16}, {"ada", "shop", 16}, {"ada", "other", 0}, {"grace", "", 8}, {"", "", 0}, {"nobody", "", 0}} {
			got, err := s.CountEvents(t.Context(), c.user, everything, c.app)
			if err != nil || got != c.want {
				t.Errorf("%s retiring: %q in %q: got %d, %v; want %d", when, c.user, c.app, got, err, c.want)
			}
		}
		retire(t, s, store.RetireRequest{})
	}
}

func listApps(t *testing.T, s *store.Store) {
	appendAll(t, s, history())
	want := []string{metric.SelfApp, metric.DefaultApp, "shop"}
	for range 2 {
		h, err := s.Health(t.Context())
		if err != nil || !slices.Equal(h.Apps, want) {
			t.Errorf("got %v, %v; want %v", h.Apps, err, want)
		}
		retire(t, s, store.RetireRequest{RawBefore: now.Add(day)})
	}
}

func describeHealth(t *testing.T, s *store.Store) {
	empty, err := s.Health(t.Context())
	if err != nil || empty.Rows() != 0 || empty.LastRun != nil || !empty.Requests.Oldest.IsZero() {
		t.Errorf("empty: got %+v, %v; want zeros", empty, err)
	}
	appendAll(t, s, history())
	retire(t, s, store.RetireRequest{})
	h, err := s.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hour := ago(28 * day).Truncate(time.Hour)
	if h.Engine != s.Engine() || h.SchemaVersion < 1 || h.SizeBytes <= 0 || !h.CompleteUpTo.Equal(now) {
		t.Errorf("got %+v", h)
	}
	if want := (store.TableHealth{Rows: 18, Oldest: ago(2 * day), Newest: ago(time.Minute)}); h.Requests != want {
		t.Errorf("requests: got %+v, want %+v", h.Requests, want)
	}
	if h.Events.Rows != 12 || h.Rollups.Rows == 0 || !h.Rollups.Oldest.Equal(hour) {
		t.Errorf("got events %+v, rollups %+v", h.Events, h.Rollups)
	}
}

func recordRuns(t *testing.T, s *store.Store) {
	if run, err := s.LastRun(t.Context()); err != nil || run != nil {
		t.Errorf("got %v, %v before any run; want nothing", run, err)
	}
	want := store.Run{
		ID: uuid.New(), StartedAt: ago(time.Minute), FinishedAt: now, Outcome: "done", RawBefore: ago(7 * day),
		RowsBefore: store.Rows{Requests: 5, Events: 4, Rollups: 3}, RowsAfter: store.Rows{Requests: 2, Events: 1, Rollups: 6},
	}
	for _, run := range []store.Run{want, {StartedAt: ago(time.Hour), FinishedAt: ago(time.Hour), RawBefore: now}} {
		if err := s.RecordRun(t.Context(), run); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.LastRun(t.Context()); err != nil || *got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func useAfterClose(t *testing.T, s *store.Store) {
	if err := s.CheckSchema(t.Context()); err != nil {
		t.Errorf("open: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.CheckSchema(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want the cancellation", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.CheckSchema(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}
