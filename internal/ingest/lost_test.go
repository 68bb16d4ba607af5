package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// The answer to a COMMIT is lost: what was stored must not be stored again,
// wherever it came from.
func TestLostAnswersStoreOnce(t *testing.T) {
	t.Parallel()
	for _, isSilent := range []bool{false, true} {
		for _, way := range []string{"recorded", "recorded through a spool", "posted", "posted to the disk"} {
			t.Run(fmt.Sprintf("%s, silent=%v", way, isSilent), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { loseAnswer(t, way, isSilent) })
			})
		}
	}
}

func loseAnswer(t *testing.T, way string, isSilent bool) {
	s, lost := &sink{}, 0
	s.lose = func(b metric.Batch) error {
		if b.Len() == 0 || lost > 0 {
			return nil
		}
		lost++
		if isSilent {
			s.isSilent = true
			s.fail = away // nor does it take anything more
		}
		return errAway
	}
	opts := ingest.Options{Sink: s}
	if strings.Contains(way, "spool") || strings.Contains(way, "disk") {
		opts = onDisk(t, s)
	}
	q := start(t, opts)
	var err error
	if strings.HasPrefix(way, "recorded") {
		q.Record(request("/a"))
		time.Sleep(time.Second)
	} else {
		err = q.Accept(t.Context(), events("/a"))
	}
	synctest.Wait()
	isDisk, isPost := opts.Spool != nil, strings.HasPrefix(way, "posted")
	var unavailable *ingest.UnavailableError
	if want := isPost && !isDisk && isSilent; want != errors.As(err, &unavailable) {
		t.Errorf("Accept: %v; want it unavailable: %v", err, want)
	}
	s.setFail(nil)
	time.Sleep(time.Hour)
	synctest.Wait()
	stop(t, q)
	if n := len(s.requests()) + len(s.pages()); n != 1 || lost != 1 {
		t.Errorf("stored %d times after %d lost answers, want once after one", n, lost)
	}
	if st := q.Stats(); !isSilent && st.Duplicates != 1 {
		t.Errorf("stats %+v, want 1 duplicate avoided", st)
	}
}

// zombie is a sink whose first attempt with samples hangs: it says that the
// store is away, but stores them when its time comes, if it still can.
type zombie struct {
	sink
	isMute bool // nor does it say afterwards where the source stands
	rise   func() error
}

func (z *zombie) Append(ctx context.Context, b metric.Batch, at metric.Position) error {
	if z.rise == nil && b.Len() > 0 {
		z.rise = func() error { return z.sink.Append(ctx, b, at) }
		z.answers(!z.isMute)
		return errAway
	}
	return z.sink.Append(ctx, b, at)
}

// What was answered with 503 must not turn up later beside what the sender sent
// again, not even when the first attempt is still on its way.
func TestFailedPostCannotBeStoredLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zombie{}
		q := start(t, ingest.Options{Sink: z})
		accept(t, q, events("/a")) // by a second attempt
		var moved *metric.PositionError
		if err := z.rise(); !errors.As(err, &moved) {
			t.Errorf("the first attempt came through as well: %v", err)
		}
		accept(t, q, events("/b"))
		if got := strings.Join(z.pages(), " "); got != "/a /b" {
			t.Errorf("stored %q, want each post once", got)
		}
		stop(t, q)
	})
}

// An attempt can also come through between the question where the source
// stands and the next attempt.
func TestAttemptThatComesThroughLateIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zombie{isMute: true}
		q := start(t, onDisk(t, z))
		accept(t, q, events("/a"))
		synctest.Wait()
		accept(t, q, events("/b"))
		if err := z.rise(); err != nil {
			t.Fatalf("the hanging attempt: %v", err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := strings.Join(z.pages(), " "); got != "/a /b" {
			t.Errorf("stored %q, want each post once", got)
		}
		stop(t, q)
	})
}

// An old connection fails although the store is there: nobody is refused, and
// nothing waits half a minute.
func TestBrokenConnectionIsTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	for _, ack := range []ingest.Ack{ingest.AckDB, ingest.AckDisk} {
		synctest.Test(t, func(t *testing.T) {
			failed := false
			s := &sink{}
			s.fail = func(b metric.Batch) error {
				if b.Len() == 0 || failed {
					return nil
				}
				failed = true
				time.AfterFunc(0, func() { s.answers(true) })
				return errBroken
			}
			opts := onDisk(t, s)
			opts.Ack = ack
			opts.Unavailable = func(err error) bool { return isAway(err) || errors.Is(err, errBroken) }
			q := ingest.New(opts)
			q.Start(t.Context())
			begin := time.Now()
			accept(t, q, events("/a"))
			synctest.Wait()
			if n := len(s.pages()); n != 1 || time.Since(begin) > 0 {
				t.Errorf("ack %v: %d stored after %v, want 1 at once", ack, n, time.Since(begin))
			}
			stop(t, q)
			if st := q.Stats(); st.Retries != 1 || st.Away {
				t.Errorf("ack %v: stats %+v, want one retry", ack, st)
			}
		})
	}
}

var errBroken = errors.New("broken pipe")

// Two copies of one spool, as of a disk that was cloned, are two processes that
// store the same samples.
func TestClonesOfASpoolStoreOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		dir := t.TempDir()
		first := ingest.Options{Sink: s, Ack: ingest.AckDisk, Spool: openSpoolAt(t, dir)}
		q := start(t, first)
		for i := range 100 {
			accept(t, q, events(fmt.Sprint("/", i)))
		}
		stop(t, q)
		if err := first.Spool.Close(); err != nil {
			t.Fatal(err)
		}
		clone := copyDir(t, dir)
		s.setFail(nil)
		var wait sync.WaitGroup
		for _, dir := range []string{dir, clone} {
			wait.Go(func() {
				o := ingest.Options{Sink: s, Ack: ingest.AckDisk, Spool: openSpoolAt(t, dir), BatchSize: 1}
				stop(t, start(t, o))
			})
		}
		wait.Wait()
		if n := len(s.pages()); n != 100 {
			t.Errorf("%d stored from two copies, want 100", n)
		}
	})
}
