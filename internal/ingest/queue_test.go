package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	errAway   = errors.New("connection refused")
	errPoison = errors.New("value out of range")
)

func isAway(err error) bool { return errors.Is(err, errAway) }

// sink keeps what it is given unless fail says otherwise. Like a store it takes
// the samples of a source once.
type sink struct {
	positions
	fail func(metric.Batch) error
	lose func(metric.Batch) error // what it says instead, after it stored the batch

	mu      sync.Mutex
	batches []metric.Batch
	times   []time.Time // the ReceivedAt of each call that moved a source
	calls   int         // of Append with samples
}

func (s *sink) Append(_ context.Context, b metric.Batch, at metric.Position) error {
	s.mu.Lock()
	if b.Len() > 0 {
		s.calls++
	}
	fail, lose := s.fail, s.lose
	s.mu.Unlock()
	// fail may sleep, which it must not with the lock.
	if fail != nil {
		if err := fail(b); err != nil {
			s.answers(!isAway(err))
			return err
		}
	}
	s.answers(true)
	err := s.move(at, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.times = append(s.times, at.ReceivedAt)
		if b.Len() > 0 {
			// The queue uses its blocks again: keep a copy.
			b.Requests = append([]metric.Request(nil), b.Requests...)
			s.batches = append(s.batches, b)
		}
	})
	if err == nil && lose != nil {
		err = lose(b)
	}
	return err
}

func (s *sink) setFail(fail func(metric.Batch) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = fail
	s.answers(true)
}

func (s *sink) requests() (endpoints []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.batches {
		for _, r := range b.Requests {
			endpoints = append(endpoints, r.Endpoint)
		}
	}
	return endpoints
}

func (s *sink) count() (batches, calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.batches), s.calls
}

func request(endpoint string) metric.Request {
	return metric.Request{Timestamp: time.Now(), Endpoint: endpoint, Method: "GET", StatusCode: 200}
}

func event(page string) metric.Event {
	return metric.Event{Timestamp: time.Now(), EventType: "page_view", PageName: page}
}

func events(page string) metric.Batch {
	return metric.Batch{Events: []metric.Event{event(page)}, CheckIDs: true}
}

// away and poison make sinks fail.
func away(metric.Batch) error { return errAway }

func poison(b metric.Batch) error {
	for _, r := range b.Requests {
		if strings.HasPrefix(r.Endpoint, "poison") {
			return errPoison
		}
	}
	for _, e := range b.Events {
		if strings.HasPrefix(e.PageName, "poison") {
			return errPoison
		}
	}
	return nil
}

// start runs a queue inside a synctest bubble and stops it at the end.
func start(t *testing.T, opts ingest.Options) *ingest.Queue {
	t.Helper()
	opts.Unavailable = isAway
	q := ingest.New(opts)
	q.Start(t.Context())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), longest)
		defer cancel()
		_ = q.Stop(ctx)
	})
	return q
}

// longest is how long a Stop may take that should end by itself: it passes at
// once in a bubble.
const longest = 24 * time.Hour

func stop(t *testing.T, q *ingest.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	if err := q.Stop(ctx); err != nil || ctx.Err() != nil {
		t.Errorf("Stop: %v; over by itself: %v", err, ctx.Err() == nil)
	}
}

func TestRecordIsWrittenByAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		q := start(t, ingest.Options{Sink: s})
		q.Record(request("/a"))
		time.Sleep(499 * time.Millisecond)
		synctest.Wait()
		if n, _ := s.count(); n != 0 {
			t.Fatalf("%d batches before the age limit, want 0", n)
		}
		q.Record(request("/b"))
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if got := s.requests(); strings.Join(got, " ") != "/a /b" {
			t.Errorf("written %v, want /a /b in one batch", got)
		}
		if st := q.Stats(); st.Written != 2 || st.Depth != 0 || st.DepthBytes != 0 {
			t.Errorf("stats %+v, want 2 written and nothing held", st)
		}
		stop(t, q)
	})
}

func TestRecordIsWrittenBySize(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		q := start(t, ingest.Options{Sink: s, BatchSize: 10})
		for range 25 {
			q.Record(request("/a"))
		}
		synctest.Wait() // no time passes
		if n := len(s.requests()); n != 20 {
			t.Errorf("%d written at once, want 20", n)
		}
		stop(t, q)
		if n := len(s.requests()); n != 25 {
			t.Errorf("%d written after Stop, want 25", n)
		}
	})
}

func TestFullQueueDropsNewestCountsAndLogsOncePerInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &sink{fail: away}
		q := start(t, ingest.Options{
			Sink: s, Capacity: 10,
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		for i := range 30 {
			q.Record(request("/" + string(rune('a'+i))))
			synctest.Wait()
		}
		st := q.Stats()
		if st.Depth != 10 || st.Dropped != 20 || !st.Away {
			t.Errorf("stats %+v, want 10 held, 20 dropped, away", st)
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if n := strings.Count(log.String(), "recorded requests dropped"); n != 2 {
			t.Errorf("logged %d times, want 2 (the first drop, and the rest one interval later):\n%s", n, &log)
		}
		s.setFail(nil)
		stop(t, q)
		if got := strings.Join(s.requests(), ""); got != "/a/b/c/d/e/f/g/h/i/j" {
			t.Errorf("written %s, want the ten oldest", got)
		}
	})
}

func TestQueueIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := start(t, ingest.Options{Sink: &sink{}, CapacityBytes: 10_000})
		r := request(strings.Repeat("x", 1000))
		for range 100 {
			q.Record(r)
		}
		if st := q.Stats(); st.DepthBytes > 10_000 || st.Depth < 5 || int(st.Dropped)+st.Depth != 100 {
			t.Errorf("stats %+v, want at most 10,000 bytes held and the rest dropped", st)
		}
	})
}

func TestStoreAwayBacksOffAndKeepsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tries []time.Duration
		begin := time.Now()
		s := &sink{fail: func(metric.Batch) error {
			tries = append(tries, time.Since(begin).Truncate(time.Second))
			return errAway
		}}
		q := start(t, ingest.Options{Sink: s})
		q.Record(request("/first"))
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		want := []time.Duration{0, 30 * time.Second, 90 * time.Second, 210 * time.Second, 510 * time.Second, 810 * time.Second}
		if len(tries) != len(want) {
			t.Fatalf("tried at %v, want %v", tries, want)
		}
		for i := range want {
			if tries[i] != want[i] {
				t.Errorf("try %d at %v, want %v", i, tries[i], want[i])
			}
		}
		if got := q.Stats().LastError; got != errAway.Error() {
			t.Errorf("last error %q while the store is away, want %q", got, errAway)
		}
		q.Record(request("/second"))
		s.setFail(nil)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if got := strings.Join(s.requests(), " "); got != "/first /second" {
			t.Errorf("written %q at the next try, want both in order", got)
		}
		if st := q.Stats(); st.Away || st.Retries != 6 || st.LastError != "" {
			t.Errorf("stats %+v, want back, after 6 retries, without an error", st)
		}
		stop(t, q)
	})
}

func TestPoisonousSampleIsDroppedAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &sink{fail: poison}
		q := start(t, ingest.Options{Sink: s, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		for i := range 100 {
			r := request("/ok")
			if i == 37 || i == 99 {
				r = request("poison")
				r.CorrelationID = "the-culprit"
			}
			q.Record(r)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if st := q.Stats(); st.Written != 98 || st.Dropped != 2 || st.Depth != 0 {
			t.Errorf("stats %+v, want 98 written, 2 dropped", st)
		}
		if !strings.Contains(log.String(), "the-culprit") {
			t.Errorf("log does not name the sample:\n%s", &log)
		}
		stop(t, q)
	})
}

func TestLonePoisonousSampleGoesWhenOthersPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: poison}
		q := start(t, ingest.Options{Sink: s})
		q.Record(request("poison"))
		time.Sleep(600 * time.Millisecond)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 0 || st.Depth != 1 {
			t.Errorf("stats %+v, want the sample kept: the fault may be the store's", st)
		}
		q.Record(request("/ok"))
		time.Sleep(time.Second)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 1 || st.Written != 1 {
			t.Errorf("stats %+v, want 1 dropped, 1 written within a second", st)
		}
		q.Record(request("poison"))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 2 || st.Depth != 0 {
			t.Errorf("stats %+v, want it given up after a while", st)
		}
		stop(t, q)
	})
}

func TestStoreThatRefusesEverythingLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: func(metric.Batch) error { return errPoison }}
		q := start(t, ingest.Options{Sink: s})
		for range 1000 {
			q.Record(request("/ok"))
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 0 || st.Depth != 1000 {
			t.Errorf("stats %+v, want all kept", st)
		}
		if _, calls := s.count(); calls > 300 {
			t.Errorf("%d calls of the sink, want few", calls)
		}
		s.setFail(nil)
		stop(t, q)
		if n := len(s.requests()); n != 1000 {
			t.Errorf("%d written, want 1000", n)
		}
	})
}

func TestSinkPanicIsContained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		s.fail = func(b metric.Batch) error {
			if poison(b) != nil {
				panic("driver bug")
			}
			return nil
		}
		q := start(t, ingest.Options{Sink: s})
		q.Record(request("/a"))
		q.Record(request("poison"))
		time.Sleep(time.Second)
		synctest.Wait()
		if st := q.Stats(); st.Written != 1 || st.Dropped != 1 {
			t.Errorf("stats %+v, want 1 written, 1 dropped", st)
		}
		if err := q.Accept(t.Context(), events("poison")); err == nil {
			t.Error("Accept of a batch that makes the sink panic succeeded")
		}
		stop(t, q)
	})
}
