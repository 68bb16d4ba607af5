package lakebase_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// rotation is a load on a database whose password changes.
type rotation struct {
	rotations    int
	every        time.Duration // at least
	pace         time.Duration // of each writer and reader
	connLifetime time.Duration
	lifetime     time.Duration // of a password, as the workspace says
}

const (
	writers = 8
	readers = 2
)

// run fails when any write or read fails, or when rotations came to pass
// without logins.
func (r rotation) run(t *testing.T) {
	l, c := newLake(t, migrated(t))
	l.set(func(l *lake) { l.lifetime = r.lifetime })
	counts := &counting{Credentials: c}
	s := storetest.OpenAt(t, store.Options{URL: l.url, Credentials: counts, PoolMax: writers + readers, ConnLifetime: r.connLifetime})
	began := time.Now()
	load := r.start(t, s)
	for range r.rotations {
		l.rotate(t)
		load.settle(r.every, func() bool { return counts.met(l) })
	}
	load.end()

	accepted, refused := counts.counts()
	t.Logf("%d rotations in %s: %d writes, the slowest took %s, %d reads, %d failed; %d logins, %d refused, %d passwords fetched",
		r.rotations, time.Since(began).Round(time.Millisecond), load.writes.Load(),
		time.Duration(load.slowest.Load()).Round(time.Millisecond), load.reads.Load(), load.failed.Load(),
		accepted, refused, l.credentialCalls())
	if accepted <= r.rotations || refused == 0 || l.credentialCalls() <= r.rotations {
		t.Errorf("%d rotations were not all met by logins", r.rotations)
	}
	if h, err := s.Health(t.Context()); err != nil || h.Requests.Rows != load.writes.Load() {
		t.Errorf("got %d rows, %v; want the %d that were written", h.Requests.Rows, err, load.writes.Load())
	}
}

// load is writers and readers at work.
type load struct {
	t        *testing.T
	progress chan int // who has ended something
	stop     chan struct{}
	group    sync.WaitGroup

	writes, reads, failed atomic.Int64
	slowest               atomic.Int64 // write, in nanoseconds
}

func (r rotation) start(t *testing.T, s *store.Store) *load {
	l := &load{t: t, progress: make(chan int), stop: make(chan struct{})}
	for i := range writers + readers {
		l.group.Go(func() {
			turn := time.NewTicker(r.pace)
			defer turn.Stop()
			for {
				if i < writers {
					l.write(s)
				} else {
					l.read(s)
				}
				select {
				case l.progress <- i:
				case <-l.stop:
					return
				}
				<-turn.C
			}
		})
	}
	return l
}

func (l *load) write(s *store.Store) {
	began := time.Now()
	if _, err := s.Append(l.t.Context(), batch()); err != nil {
		l.failed.Add(1)
		l.t.Errorf("write: %v", err)
		return
	}
	l.writes.Add(1)
	if took := int64(time.Since(began)); took > l.slowest.Load() {
		l.slowest.Store(took) // near enough: the slowest are not at the same moment
	}
}

func (l *load) read(s *store.Store) {
	answers, err := s.Summarize(l.t.Context(), store.Question{
		Kinds: []metric.Kind{metric.KindPerformance},
		Range: metric.Range{Start: time.Now().Add(-time.Hour), End: time.Now().Add(time.Hour), Name: "custom"},
	})
	if err != nil || len(answers) != 1 {
		l.failed.Add(1)
		l.t.Errorf("read: got %d answers, %v", len(answers), err)
		return
	}
	l.reads.Add(1)
}

// settle waits that long and until done, and then until everybody has ended two
// things, the second of which began after that: nobody is left who has seen
// what was before, and no login meets two rotations.
func (l *load) settle(atLeast time.Duration, done func() bool) {
	waited, tooLong := time.After(atLeast), time.After(atLeast+time.Minute)
	for over := false; !over || !done(); {
		select {
		case <-l.progress:
		case <-waited:
			over = true
		case <-tooLong:
			l.end()
			l.t.Fatal("nobody logs in with the new password")
		}
	}
	ended := make([]int, writers+readers)
	for slices.Min(ended) < 2 {
		ended[<-l.progress]++
	}
}

func (l *load) end() {
	close(l.stop)
	l.group.Wait()
}

func TestRotationUnderLoad(t *testing.T) {
	rotation{
		rotations: 20, every: 50 * time.Millisecond, pace: 5 * time.Millisecond,
		connLifetime: 150 * time.Millisecond, lifetime: time.Hour,
	}.run(t)
}
