package ingest_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

// withPoison returns n events, of which those at the places are poisonous.
func withPoison(n int, at ...int) metric.Batch {
	b := numbered(n)
	for _, i := range at {
		b.Events[i].PageName = fmt.Sprint("poison", i)
		b.Events[i].CorrelationID = "the-culprit"
	}
	return b
}

func TestRefusedSamplesOfTheSpoolArePassedOver(t *testing.T) {
	t.Parallel()
	for _, at := range [][]int{{0}, {99}, {37}, {0, 1, 2, 98, 99}, {10, 11, 12, 13, 50}} {
		synctest.Test(t, func(t *testing.T) {
			s := &sink{fail: poison}
			var log lines
			opts := onDisk(t, s)
			opts.Logger = log.logger()
			q := start(t, opts)
			accept(t, q, withPoison(100, at...))
			synctest.Wait()
			if got, want := len(s.pages()), 100-len(at); got != want {
				t.Errorf("poison at %v: %d stored, want %d", at, got, want)
			}
			accept(t, q, events("/next"))
			synctest.Wait() // no time passes
			st := q.Stats()
			if st.Dropped != int64(len(at)) || st.DroppedBy[ingest.Refused] != st.Dropped || st.Spool.Samples != 0 {
				t.Errorf("poison at %v: stats %+v, want as many dropped and nothing left", at, st)
			}
			if log.count("samples dropped: refused", "the-culprit") == 0 {
				t.Errorf("poison at %v: the log does not name it", at)
			}
			stop(t, q)
			if n := len(s.pages()); n != 101-len(at) {
				t.Errorf("poison at %v: %d stored, want what came next too", at, n)
			}
		})
	}
}

// What was acknowledged is kept for as long as the fault may be the store's.
func TestStoreThatRefusesEverythingLosesNothingOfTheSpool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: func(metric.Batch) error { return errPoison }}
		q := start(t, onDisk(t, s))
		for range 10 {
			accept(t, q, numbered(100))
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 0 || st.Spool.Samples != 1000 || st.LastError != errPoison.Error() {
			t.Errorf("stats %+v after hours, want everything kept and why", st)
		}
		if _, calls := s.count(); calls > 80_000 {
			t.Errorf("%d calls in three hours, want few", calls)
		}
		s.setFail(nil)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := len(s.pages()); n != 1000 {
			t.Errorf("%d stored within 5 min, want 1000", n)
		}
		stop(t, q)
	})
}

// More refused samples in a row than one pass suspects must not be in the way
// of the others for good.
func TestManyRefusedSamplesInARowArePassedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: poison}
		q := start(t, onDisk(t, s))
		bad := metric.Batch{}
		for i := range 1000 {
			bad.Events = append(bad.Events, event(fmt.Sprint("poison", i)))
		}
		accept(t, q, bad)
		accept(t, q, events("/ok"))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 1000 || len(s.pages()) != 1 || st.Spool.Samples != 0 {
			t.Errorf("stats %+v, want 1000 dropped and the other stored", st)
		}
		stop(t, q)
	})
}

func TestLoneRefusedSampleOfTheSpoolWaitsForAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: poison}
		q := start(t, onDisk(t, s))
		accept(t, q, events("poison"))
		synctest.Wait()
		accept(t, q, events("/ok"))
		synctest.Wait() // the first tries are brought forward
		if st := q.Stats(); st.Dropped != 1 || len(s.pages()) != 1 {
			t.Errorf("stats %+v, want the poison dropped when another is taken", st)
		}
		accept(t, q, events("poison"))
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 1 || st.Spool.Samples != 1 {
			t.Errorf("stats %+v, want it kept while nothing else shows where the fault is", st)
		}
		if err := q.Stop(t.Context()); err != nil {
			t.Errorf("Stop: %v, want nil: it is in the spool", err)
		}
	})
}

// Where nothing is taken behind a bad sample the fault may be the store's, whatever
// it took before.
func TestRefusedEndWaitsForAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: poison}
		q := start(t, onDisk(t, s))
		accept(t, q, withPoison(20, 18, 19))
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 0 || st.Spool.Samples != 2 || len(s.pages()) != 18 {
			t.Errorf("stats %+v, %d stored; want the end kept, and what is before it stored", st, len(s.pages()))
		}
		accept(t, q, events("/ok"))
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 2 || st.Spool.Samples != 0 || len(s.pages()) != 19 {
			t.Errorf("stats %+v, %d stored; want the end dropped when another is taken", st, len(s.pages()))
		}
		stop(t, q)
	})
}

// The last samples of an earlier run have nothing behind them that could show
// where the fault is, and must not be in the way of the runs after it.
func TestRefusedEndOfAnEarlierRunIsPassedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		dir := t.TempDir()
		for _, page := range []string{"poison1", "poison2", "/ok"} {
			o := ingest.Options{Sink: s, Spool: openSpoolAt(t, dir), Ack: ingest.AckDisk}
			q := start(t, o)
			if page == "/ok" {
				s.setFail(func(metric.Batch) error { return errPoison })
				time.Sleep(time.Hour)
				synctest.Wait()
				if st := q.Stats(); st.Dropped != 0 || st.Spool.Samples != 2 {
					t.Errorf("stats %+v, want both kept while the store takes nothing", st)
				}
				s.setFail(poison)
			}
			accept(t, q, events(page))
			stop(t, q)
			if err := o.Spool.Close(); err != nil {
				t.Fatal(err)
			}
			if st := q.Stats(); page == "/ok" && (st.Dropped != 2 || st.Spool.Samples != 0 || len(s.pages()) != 1) {
				t.Errorf("stats %+v, want 2 dropped and the third stored", st)
			}
		}
	})
}

// What a younger run shows holds although it has a bad sample of its own.
func TestYoungerRunWithABadSampleShowsTheFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{fail: away}
		dir := t.TempDir()
		first := ingest.Options{Sink: s, Spool: openSpoolAt(t, dir), Ack: ingest.AckDisk}
		q := start(t, first)
		accept(t, q, events("poison"))
		stop(t, q)
		if err := first.Spool.Close(); err != nil {
			t.Fatal(err)
		}
		s.setFail(poison)
		q = start(t, ingest.Options{Sink: s, Spool: openSpoolAt(t, dir), Ack: ingest.AckDisk})
		accept(t, q, withPoison(20, 19))
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 1 || st.Spool.Samples != 1 || len(s.pages()) != 19 {
			t.Errorf("stats %+v, %d stored; want the earlier run's dropped, and the last one kept", st, len(s.pages()))
		}
		stop(t, q)
	})
}

// Records of a newer version wait for it, those after them too: order is kept.
func TestNewerRecordsAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		var log lines
		opts := onDisk(t, s)
		opts.Logger = log.logger()
		q := start(t, opts)
		accept(t, q, events("/before"))
		synctest.Wait()
		put(t, opts.Spool, spool.Record{Payload: []byte{200, 1, 2}, Samples: 3})
		accept(t, q, events("/after"))
		time.Sleep(time.Hour)
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 0 || st.Spool.Samples != 4 || len(s.pages()) != 1 {
			t.Errorf("stats %+v, want the newer record and what follows kept", st)
		}
		if n := log.count("level=ERROR", "newer version"); n != 1 {
			t.Errorf("logged %d times, want once", n)
		}
		stop(t, q)
	})
}

func TestUnreadableRecordIsPassedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		var log lines
		opts := onDisk(t, s)
		opts.Logger = log.logger()
		text, err := os.ReadFile(filepath.Join("testdata", "batch.v1.hex"))
		if err != nil {
			t.Fatal(err)
		}
		two, err := hex.DecodeString(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		for _, payload := range [][]byte{{1, 0xff}, {0}, {1}, two} {
			put(t, opts.Spool, spool.Record{Payload: payload, Samples: 3})
		}
		q := start(t, opts)
		accept(t, q, events("/after"))
		synctest.Wait()
		if st := q.Stats(); st.DroppedBy[ingest.Refused] != 12 || len(s.pages()) != 1 || st.Spool.Samples != 0 {
			t.Errorf("stats %+v, want 12 dropped and the next stored", st)
		}
		if n := log.count("cannot be read", "dropped=3"); n != 4 {
			t.Errorf("logged %d times, want 4", n)
		}
		put(t, opts.Spool, spool.Record{Payload: bytes.Repeat([]byte{1}, 9), Samples: 1})
		synctest.Wait()
		if st := q.Stats(); st.Dropped != 13 || st.Spool.Samples != 0 {
			t.Errorf("stats %+v, want the last one gone too, alone as it is", st)
		}
		stop(t, q)
	})
}

// What the store refuses for its own sake was acknowledged all the same: it is
// kept for people to look at.
func TestRefusedSamplesAreSetAside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		q := start(t, ingest.Options{Sink: &sink{fail: poison}, Spool: openSpoolAt(t, dir), Ack: ingest.AckDisk})
		bad := withPoison(20, 3, 17)
		bad.Events[3].Metadata = json.RawMessage(`{"a":1}`)
		bad.Events[3].ID = uuid.New()
		bad.Requests = []metric.Request{request("poison, too")}
		bad.Requests[0].ResponseTimeMS = math.NaN()
		accept(t, q, bad)
		stop(t, q)
		text, err := os.ReadFile(filepath.Join(dir, "quarantine", "refused.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range bytes.Lines(text) {
			var l struct {
				Error   string
				Request struct{ Endpoint string }
				Event   struct {
					ID       string
					PageName string `json:"page_name"`
					Metadata json.RawMessage
				}
			}
			if err := json.Unmarshal(line, &l); err != nil || l.Error != errPoison.Error() {
				t.Errorf("line %s: %v, want JSON that says why", line, err)
			}
			got = append(got, l.Request.Endpoint+l.Event.PageName+string(l.Event.Metadata))
			if hasID := l.Event.ID != ""; hasID != (l.Event.PageName == "poison3") {
				t.Errorf("line %s: an id is given that there is not, or the other way round", line)
			}
		}
		if want := `poison, too poison3{"a":1} poison17`; strings.Join(got, " ") != want {
			t.Errorf("set aside %q, want %q", got, want)
		}
	})
}

func put(t *testing.T, s *spool.Spool, records ...spool.Record) {
	t.Helper()
	if err := s.Append(context.Background(), records...); err != nil {
		t.Fatalf("append to spool: %v", err)
	}
}
