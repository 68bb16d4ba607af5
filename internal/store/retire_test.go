package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// finest asks for everything that survives retirement.
var finest = store.Question{
	By: store.ByHour | store.ByApp | store.ByEndpoint | store.ByMethod | store.ByEventType | store.ByPage |
		store.ByElement | store.ByErrorType,
}

// daily asks for everything that whole days tell apart.
var daily = store.Question{By: finest.By&^store.ByHour | store.ByDay}

func answersStay(t *testing.T, s *store.Store) {
	b := history()
	appendAll(t, s, b)
	for _, before := range []time.Time{ago(20 * day), ago(7 * day), now} {
		retire(t, s, store.RetireRequest{RawBefore: before})
		same(t, "retired before "+before.String(), ask(t, s, finest), expect(b, finest))
	}
}

func lateRowsMerge(t *testing.T, s *store.Store) {
	b := history()
	appendAll(t, s, b)
	first := retire(t, s, store.RetireRequest{})
	late := metric.Batch{
		Requests: []metric.Request{request(ago(8*day).Add(time.Second), "/orders/{id}", 404, 77, "late")},
		Events:   []metric.Event{event(ago(8*day).Add(time.Second), "page_view", "/orders", "", "ada", false)},
	}
	appendAll(t, s, late)
	b.Requests, b.Events = append(b.Requests, late.Requests...), append(b.Events, late.Events...)
	same(t, "before merging", ask(t, s, finest), expect(b, finest))
	second := retire(t, s, store.RetireRequest{})
	if second.RequestsRolled != 1 || second.EventsRolled != 1 || second.Hours != 1 {
		t.Errorf("got %+v, want one request and one event of one hour", second)
	}
	if second.After.Rollups != first.After.Rollups {
		t.Errorf("got %d rollups, want still %d", second.After.Rollups, first.After.Rollups)
	}
	same(t, "after merging", ask(t, s, finest), expect(b, finest))
}

func retireAgain(t *testing.T, s *store.Store) {
	appendAll(t, s, history())
	first := retire(t, s, store.RetireRequest{})
	if first.RequestsRolled != 30 || first.EventsRolled != 20 || first.Transactions != 1 || first.Hours != 3 {
		t.Errorf("got %+v, want 30 requests and 20 events of 3 hours in one transaction", first)
	}
	second := retire(t, s, store.RetireRequest{})
	want := store.RetireReport{Transactions: 1, Before: first.After, After: first.After}
	if second != want {
		t.Errorf("got %+v, want %+v", second, want)
	}
}

func retireInParts(t *testing.T, s *store.Store) {
	b := history()
	appendAll(t, s, b)
	var done, total int64
	report := retire(t, s, store.RetireRequest{MaxRows: 1, Progress: func(d, all int64) { done, total = d, all }})
	if report.Transactions != 3 || report.Hours != 3 || done != 50 || total != 50 {
		t.Errorf("got %+v, progress %d of %d; want 3 transactions, 50 of 50", report, done, total)
	}
	same(t, "in parts", ask(t, s, finest), expect(b, finest))
}

func retireDry(t *testing.T, s *store.Store) {
	appendAll(t, s, history())
	q := store.RetireRequest{RawBefore: ago(7 * day), RollupsBefore: ago(20 * day), MaxRows: 20, DryRun: true}
	dry := retire(t, s, q)
	if dry.After != dry.Before || dry.RequestsExpired != 12 || dry.EventsExpired != 8 || dry.RequestsRolled != 18 {
		t.Errorf("got %+v, want nothing changed, 12 and 8 expired, 18 rolled", dry)
	}
	q.DryRun = false
	wet := retire(t, s, q)
	wet.RollupsWritten, wet.DaysSummed, wet.After = 0, 0, dry.After
	if wet != dry {
		t.Errorf("foresaw %+v, did %+v", dry, wet)
	}
}

func retireExpires(t *testing.T, s *store.Store) {
	appendAll(t, s, history())
	retire(t, s, store.RetireRequest{})
	appendAll(t, s, history()) // rows that old may still arrive
	report := retire(t, s, store.RetireRequest{RollupsBefore: ago(8*day + 12*time.Hour)})
	if report.RequestsExpired != 18 || report.EventsExpired != 12 || report.RollupsExpired == 0 {
		t.Errorf("got %+v, want 18 requests, 12 events and rollups expired", report)
	}
	old := store.Question{Range: metric.Range{Start: everything.Start, End: ago(8*day + 12*time.Hour)}}
	if left := ask(t, s, old); len(left) != 0 {
		t.Errorf("got %d rollups that should have expired", len(left))
	}
}

func retireLocked(t *testing.T, s *store.Store) {
	appendAll(t, s, history())
	inner := make(chan error, 1)
	_, err := s.Retire(t.Context(), store.RetireRequest{
		RawBefore: ago(8*day + 12*time.Hour),
		Progress: func(done, total int64) {
			if len(inner) == 0 {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // it must not wait for the first
				defer cancel()
				_, err := s.Retire(ctx, store.RetireRequest{RawBefore: now})
				inner <- err
			}
		},
	})
	if err != nil {
		t.Errorf("first: %v", err)
	}
	if err := <-inner; !errors.Is(err, store.ErrLocked) {
		t.Errorf("second: got %v, want ErrLocked", err)
	}
}

// retireKilled ends a retirement before each of its statements in turn.
func retireKilled(t *testing.T, s *store.Store) {
	killWith(t, s.Engine(), func(context.CancelFunc) error { return errors.New("killed") })
}

// retireCancelled cancels its context there instead.
func retireCancelled(t *testing.T, s *store.Store) {
	killWith(t, s.Engine(), func(cancel context.CancelFunc) error { cancel(); return nil })
}

func killWith(t *testing.T, engine string, kill func(context.CancelFunc) error) {
	t.Helper()
	var stop func() error
	var at string
	statements, last := 0, 0
	s := storetest.Open(t, engine, atNow, func(o *store.Options) {
		o.Failpoint = func(_ context.Context, point string) error {
			if statements++; statements == last {
				at = point
				return stop()
			}
			return nil
		}
	})
	b := history()
	appendAll(t, s, b)
	before, err := s.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for last = 1; ; last++ {
		ctx, cancel := context.WithCancel(t.Context())
		stop = func() error { return kill(cancel) }
		statements = 0
		_, err := s.Retire(ctx, store.RetireRequest{RawBefore: ago(7 * day)})
		cancel()
		if errors.Is(err, store.ErrLocked) {
			last-- // PostgreSQL has not noticed yet that the one before is gone
			continue
		}
		if statements < last {
			if err != nil {
				t.Fatalf("not killed: %v", err)
			}
			break
		}
		if err == nil {
			t.Fatalf("killed at statement %d: got no error", last)
		}
		if strings.HasPrefix(at, "coarsen.") { // after the rows are retired
			same(t, "killed at "+at, ask(t, s, finest), expect(b, finest))
			same(t, "killed at "+at+", by day", ask(t, s, daily), expect(b, daily))
			continue
		}
		after, err := s.Health(t.Context())
		if err != nil || after.Requests != before.Requests || after.Events != before.Events || after.Rollups != before.Rollups {
			t.Fatalf("killed at statement %d: got %+v, %v; want %+v", last, after, err, before)
		}
	}
	if last < 10 {
		t.Errorf("got %d statements, want more to be killed at", last)
	}
	same(t, "after all", ask(t, s, finest), expect(b, finest))
}

// TestAnswersBeforeAndAfterRetiring draws histories and retires parts of them
// in any order: every figure stays what the samples say.
func TestAnswersBeforeAndAfterRetiring(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var all metric.Batch
		rapid.Check(t, func(r *rapid.T) {
			b := metric.Batch{
				Requests: rapid.SliceOfN(rapid.Custom(anyRequest), 0, 8).Draw(r, "requests"),
				Events:   rapid.SliceOfN(rapid.Custom(anyEvent), 0, 8).Draw(r, "events"),
			}
			appendAll(t, s, b)
			all.Requests, all.Events = append(all.Requests, b.Requests...), append(all.Events, b.Events...)
			same(t, "before", ask(t, s, finest), expect(all, finest))
			hours := rapid.IntRange(-1, 20*24).Draw(r, "hours ago")
			retire(t, s, store.RetireRequest{
				RawBefore: ago(time.Duration(hours) * time.Hour), MaxRows: rapid.Int64Range(1, 20).Draw(r, "rows"),
			})
			same(t, "after", ask(t, s, finest), expect(all, finest))
			if t.Failed() {
				r.FailNow()
			}
		})
	})
}

func anyTime(r *rapid.T) time.Time {
	return ago(time.Duration(rapid.Int64Range(0, int64(20*day/time.Microsecond)).Draw(r, "age")) * time.Microsecond)
}

func anyRequest(r *rapid.T) metric.Request {
	request := request(anyTime(r), rapid.SampledFrom([]string{"/a", "/b"}).Draw(r, "endpoint"),
		rapid.SampledFrom([]int{200, 301, 404, 500}).Draw(r, "status"), rapid.Float64Range(0, 60_000).Draw(r, "ms"),
		rapid.SampledFrom([]string{"", "ada", "grace", "x"}).Draw(r, "user"))
	request.App = rapid.SampledFrom([]string{"shop", metric.DefaultApp, metric.SelfApp}).Draw(r, "app")
	return request
}

func anyEvent(r *rapid.T) metric.Event {
	return event(anyTime(r), rapid.SampledFrom([]string{"page_view", "form_submit"}).Draw(r, "type"),
		rapid.SampledFrom([]string{"", "/a", "/b"}).Draw(r, "page"), rapid.SampledFrom([]string{"", "e"}).Draw(r, "element"),
		rapid.SampledFrom([]string{"", "ada", "grace"}).Draw(r, "user"), rapid.Bool().Draw(r, "success"))
}
