package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// TestAcknowledgedSamplesAreStoredOnce drives processes that follow each other
// over one directory, each of them stopped, killed or without power at any
// moment, against a store that loses answers, takes what it said it did not, is
// away, hangs, panics and refuses, and a disk that fails: every acknowledged
// sample is stored once, in its sender's order, every other one at most once.
func TestAcknowledgedSamplesAreStoredOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := history{
			fates: rapid.SliceOfN(rapid.SampledFrom([]string{
				"ok", "ok", "ok", "lost", "lost and silent", "later", "away", "silent", "hang", "slow", "panic", "refuse",
			}), 1, 30).Draw(rt, "fates"),
			faults: rapid.SliceOfN(rapid.SampledFrom([]simfs.Op{
				"", "", "", "", "", "", "", "", simfs.OpWrite, simfs.OpSync, simfs.OpSyncDir, simfs.OpCreate, simfs.OpRemove,
			}), 1, 30).Draw(rt, "faults of the disk"),
			disk:        simfs.New(rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "luck"), 0))), //nolint:gosec // no secrets
			ack:         rapid.SampledFrom([]ingest.Ack{ingest.AckDisk, ingest.AckDisk, ingest.AckDB}).Draw(rt, "ack"),
			batchSize:   rapid.IntRange(1, 20).Draw(rt, "batch size"),
			poisonEvery: rapid.IntRange(2, 60).Draw(rt, "poison every"),
			posts:       rapid.IntRange(1, 20).Draw(rt, "posts"),
			maxBytes:    rapid.SampledFrom([]int64{0, 16 << 10}).Draw(rt, "max bytes"),
			pause:       time.Duration(rapid.IntRange(0, 3000).Draw(rt, "pause ms")) * time.Millisecond,
		}
		ends := rapid.SliceOfN(rapid.SampledFrom([]string{"stop", "kill", "power cut"}), 1, 4).Draw(rt, "ends")
		seconds := rapid.SliceOfN(rapid.IntRange(0, 40), len(ends), len(ends)).Draw(rt, "after s")
		var err error
		synctest.Test(t, func(t *testing.T) { err = h.play(t, ends, seconds) })
		if err != nil {
			rt.Fatal(err)
		}
	})
}

// history is one run of the property: its draws, the store, and what is known.
type history struct {
	fates       []string
	faults      []simfs.Op
	disk        *simfs.Disk
	ack         ingest.Ack
	batchSize   int
	poisonEvery int
	posts       int
	maxBytes    int64
	pause       time.Duration

	positions
	mu       sync.Mutex
	next     int
	nextOp   int
	isHealed bool
	pending  []func() // attempts that the store takes later
	stored   []string // pages and endpoints, in order
	acked    []string
}

// process is one process as the store sees it.
type process struct {
	*history
	id     int
	isDead bool // nobody hears it any more
}

func (h *history) play(t *testing.T, ends []string, seconds []int) error {
	for id, end := range ends {
		p := &process{history: h, id: id}
		p.live(t, time.Duration(seconds[id])*time.Second, end)
	}
	return h.settle(t, len(ends))
}

// live runs the process for a while.
func (p *process) live(t *testing.T, long time.Duration, end string) {
	s := openSpool(t, spool.Options{Dir: "/spool", MaxBytes: p.maxBytes, FS: p.disk.FS()})
	q := p.queue(s)
	q.Start(t.Context())
	p.disk.Fail(p.fault)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var senders sync.WaitGroup
	for sender := range 3 {
		senders.Go(func() { p.send(ctx, q, sender) })
	}
	time.Sleep(long)
	switch end {
	case "kill":
		p.die()
		p.disk.Kill()
	case "power cut":
		p.die()
		p.disk.PowerCut()
	}
	cancel()
	senders.Wait()
	stopping, done := context.WithTimeout(t.Context(), 10*time.Second)
	defer done()
	_ = q.Stop(stopping) // what is lost was never acknowledged
	p.die()
	p.disk.Fail(nil)
	_ = s.Close() // a machine that is down says so
}

// settle lets a last process, in a world without faults, store what is left.
func (h *history) settle(t *testing.T, id int) error {
	h.mu.Lock()
	h.isHealed = true
	h.mu.Unlock()
	h.answers(true)
	p := &process{history: h, id: id}
	s := openSpool(t, spool.Options{Dir: "/spool", FS: h.disk.FS()})
	q := p.queue(s)
	q.Start(t.Context())
	if err := q.Accept(t.Context(), events(fmt.Sprintf("/%d/0/0", id))); err != nil {
		return fmt.Errorf("last Accept: %w", err)
	}
	time.Sleep(time.Minute) // several refused in a row take several tries, for which nobody waits who stops
	if err := q.Stop(t.Context()); err != nil {
		return fmt.Errorf("last Stop: %w", err)
	}
	for _, rise := range h.pending {
		rise()
	}
	if n := s.Stats().Samples; n > 0 {
		return fmt.Errorf("%d samples are left in the spool", n)
	}
	return h.check()
}

func (p *process) queue(disk *spool.Spool) *ingest.Queue {
	return ingest.New(ingest.Options{
		Sink: p, Spool: disk, Ack: p.ack, BatchSize: p.batchSize, Unavailable: isAway,
		Backoff: []time.Duration{time.Second, 5 * time.Second},
	})
}

// send posts and records in turns, as one sender of a process.
func (p *process) send(ctx context.Context, q *ingest.Queue, sender int) {
	for i := range p.posts {
		name := fmt.Sprintf("/%d/%d/%d", p.id, sender, i)
		if (i+1)%p.poisonEvery == 0 {
			name = "poison" + name
		}
		q.Record(request("r" + name))
		if q.Accept(ctx, events(name)) == nil {
			p.mu.Lock()
			if !p.isDead {
				p.acked = append(p.acked, name)
			}
			p.mu.Unlock()
		}
		select {
		case <-time.After(p.pause):
		case <-ctx.Done():
			return
		}
	}
}

func (p *process) die() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isDead = true
}

// fault is what the disk says of an operation.
func (p *process) fault(op simfs.Op, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nextOp++
	if p.faults[p.nextOp%len(p.faults)] == op {
		return syscall.EIO
	}
	return nil
}

func (p *process) fate() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	switch {
	case p.isDead:
		return "silent"
	case p.isHealed:
		return "ok"
	case len(p.pending) > 0 && p.next%2 == 0:
		rise := p.pending[0]
		p.pending = p.pending[1:]
		p.mu.Unlock()
		rise()
		p.mu.Lock()
	}
	return p.fates[p.next%len(p.fates)]
}

// Append is the store.
func (p *process) Append(ctx context.Context, b metric.Batch, at metric.Position) error {
	fate := p.fate()
	if poison(b) != nil && (fate == "later" || fate == "slow") {
		fate = "ok" // which refuses it
	}
	switch fate {
	case "away":
		return errAway
	case "silent":
		p.answers(false)
		return errAway
	case "later":
		b.Requests, b.Events = slices.Clone(b.Requests), slices.Clone(b.Events)
		later := p.store(b)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.pending = append(p.pending, func() { _ = p.move(at, later) })
		return errAway
	case "hang":
		<-ctx.Done()
		return ctx.Err()
	case "slow":
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	case "panic", "refuse":
		if b.Len() > 1 { // a sample that is refused alone is dropped, and rightly so
			if fate == "panic" {
				panic("at random")
			}
			return errors.New("refused at random")
		}
	}
	p.answers(true)
	if err := poison(b); err != nil {
		return err
	}
	err := p.move(at, p.store(b))
	if err == nil && fate == "lost" {
		return errAway
	}
	if err == nil && fate == "lost and silent" {
		p.answers(false)
		return errAway
	}
	return err
}

// store returns what stores a batch.
func (p *process) store(b metric.Batch) func() {
	var names []string
	for _, r := range b.Requests {
		names = append(names, r.Endpoint)
	}
	for _, e := range b.Events {
		names = append(names, e.PageName)
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stored = append(p.stored, names...)
	}
}

func (h *history) check() error {
	times := map[string]int{}
	for _, name := range h.stored {
		if times[name]++; times[name] > 1 {
			return fmt.Errorf("%s is stored twice", name)
		}
	}
	for _, name := range h.acked {
		want := 1
		if h.poisonIn(name) {
			want = 0
		}
		if times[name] != want {
			return fmt.Errorf("acknowledged %s is stored %d times, want %d", name, times[name], want)
		}
	}
	last := map[string]int{}
	for _, name := range h.stored {
		var id, sender, i int
		if _, err := fmt.Sscanf(name, "/%d/%d/%d", &id, &sender, &i); err != nil {
			continue // a request: these may overtake each other when the disk fails
		}
		key := fmt.Sprint(id, "/", sender)
		if before, ok := last[key]; ok && i < before {
			return fmt.Errorf("%s is stored after number %d of its sender", name, before)
		}
		last[key] = i
	}
	return nil
}

func (*history) poisonIn(name string) bool {
	return poison(metric.Batch{Events: []metric.Event{{PageName: name}}}) != nil
}
