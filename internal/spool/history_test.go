package spool_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// history is a spool on a disk that fails, the programs that use it one after
// another, and a database that stores what they replay. The database knows
// what must hold: whatever was acknowledged is stored once, whatever was
// refused is not, and nothing is stored twice.
type history struct {
	t      *testing.T
	random *rand.Rand
	disk   *simfs.Disk
	opts   spool.Options

	mu        sync.Mutex
	serial    int
	fates     map[string]fate
	positions map[uuid.UUID]int64
	stored    map[string]int // samples of a record that are stored
	lastOf    map[string]int // by source and writer: the last of its records that is stored
	clock     time.Time
}

type fate int

const (
	unknown fate = iota // nobody was told
	acknowledged
	refused
)

func (h *history) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(time.Duration(h.random.IntN(2000)-900) * time.Millisecond)
	return h.clock
}

func (h *history) intn(n int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.random.IntN(n)
}

func newHistory(t *testing.T, seed uint64) *history {
	random := rand.New(rand.NewPCG(seed, 6))
	h := &history{
		t: t, random: random,
		disk:      simfs.New(rand.New(rand.NewPCG(seed, 7))),
		fates:     make(map[string]fate),
		positions: make(map[uuid.UUID]int64),
		stored:    make(map[string]int),
		lastOf:    make(map[string]int),
		clock:     time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	h.opts = spool.Options{
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Dir:    "/state/spool", Now: h.now,
		MaxBytes:     int64(128+random.IntN(256)) << 10,
		SegmentBytes: int64(9+random.IntN(20)) << 10,
	}
	return h
}

// run lets some programs use the spool, each until something ends it, and then
// stores all that is left.
func (h *history) run() {
	mounted(h.t, h.disk)
	for life := range 1 + h.intn(4) {
		h.disk.Fail(h.trouble())
		if h.intn(4) == 0 {
			h.disk.SetCapacity(int64(16+h.intn(100)) << 10)
		}
		isPowerCut := h.intn(3) > 0
		if isPowerCut {
			h.disk.CutAfter(1 + h.intn(150))
		}
		h.live(life)
		if isPowerCut {
			h.disk.PowerCut()
		} else {
			h.disk.Kill()
		}
		h.disk.SetCapacity(0)
	}
	h.disk.Fail(nil)
	s := h.open()
	if s == nil {
		h.t.Fatal("cannot open the spool on a disk without trouble")
	}
	for h.drain(s, true) {
	}
	if stats := s.Stats(); stats.Quarantined != 0 || stats.Records != 0 {
		h.t.Errorf("at the end: %+v", stats)
	}
	if err := s.Close(); err != nil {
		h.t.Error(err)
	}
	h.check()
}

// trouble returns how the disk fails during a life.
func (h *history) trouble() func(simfs.Op, string) error {
	ops := map[simfs.Op]int{}
	for _, op := range []simfs.Op{simfs.OpSync, simfs.OpSyncDir, simfs.OpWrite, simfs.OpCreate, simfs.OpTruncate, simfs.OpRemove, simfs.OpRead} {
		if h.intn(4) == 0 {
			ops[op] = 2 + h.intn(20)
		}
	}
	random := rand.New(rand.NewPCG(uint64(h.intn(1<<30)), 8))
	return func(op simfs.Op, _ string) error {
		if n := ops[op]; n > 0 && random.IntN(n) == 0 {
			return syscall.EIO
		}
		return nil
	}
}

func (h *history) open() *spool.Spool {
	o := h.opts
	o.FS = h.disk.FS()
	for range 20 {
		s, err := spool.Open(o)
		if err == nil {
			for _, source := range s.Sources() {
				h.release(s, source, h.positions[source])
			}
			return s
		}
		if h.disk.IsDown() {
			return nil
		}
		if !errors.Is(err, syscall.EIO) && !errors.Is(err, syscall.ENOSPC) {
			h.t.Fatalf("open: %v", err)
		}
	}
	return nil
}

// live is the life of one program.
func (h *history) live(life int) {
	s := h.open()
	if s == nil {
		return
	}
	var writers, drainer sync.WaitGroup
	stop := make(chan struct{})
	for writer := range 1 + h.intn(4) {
		writers.Go(func() {
			for i := range 5 + h.intn(25) {
				h.append(s, fmt.Sprintf("%d-%d", life, writer), i)
			}
		})
	}
	drainer.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-s.Ready():
				h.drain(s, false)
			}
		}
	})
	writers.Wait()
	close(stop)
	drainer.Wait()
	switch h.intn(3) {
	case 0:
		_ = s.Close() // the disk may be down
	case 1:
		h.drain(s, false)
	}
}

// append appends a few records and notes what is said of them.
func (h *history) append(s *spool.Spool, writer string, turn int) {
	records := make([]spool.Record, 1+h.intn(3))
	ids := make([]string, len(records))
	h.mu.Lock()
	for i := range records {
		h.serial++
		ids[i] = fmt.Sprintf("%s/%d", writer, turn*10+i)
		payload := append([]byte(ids[i]+" "), make([]byte, h.random.IntN(h.random.IntN(3000)+1))...)
		for j := len(ids[i]) + 1; j+8 < len(payload); j += 8 {
			binary.LittleEndian.PutUint64(payload[j:], h.random.Uint64())
		}
		records[i] = spool.Record{Payload: payload, Samples: 1 + h.random.IntN(4)}
		h.fates[ids[i]] = unknown
	}
	h.mu.Unlock()
	ctx := context.Background()
	if h.intn(20) == 0 {
		cut, cancel := context.WithCancel(ctx)
		defer cancel()
		ctx = cut
		go cancel()
	}
	err := s.Append(ctx, records...)
	clear(records[0].Payload) // it is ours again
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		var disk *spool.DiskError
		switch {
		case err == nil:
			h.fates[id] = acknowledged
		case errors.Is(err, simfs.ErrDead), errors.Is(err, context.Canceled), errors.As(err, &disk) && disk.MayReturn:
			// A dead program tells nobody anything.
		case errors.Is(err, spool.ErrFull), errors.As(err, &disk):
			h.fates[id] = refused
		default:
			h.t.Errorf("append: %v", err)
		}
	}
}

// drain stores what is in the spool, and reports whether there was something.
func (h *history) drain(s *spool.Spool, isSure bool) bool {
	entries, err := s.Peek(1+h.intn(20), int64(1+h.intn(8000)))
	if err != nil {
		if isSure {
			h.t.Fatalf("peek: %v", err)
		}
		time.Sleep(time.Second) // as who empties a spool does
		return false
	}
	if len(entries) == 0 {
		return false
	}
	source := entries[0].Source
	end := h.store(entries)
	if h.intn(5) > 0 || isSure { // else it dies in between, or asks again
		h.release(s, source, end)
	}
	return true
}

// store stores entries in one transaction, as a database would.
func (h *history) store(entries []spool.Entry) (end int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	source := entries[0].Source
	position := h.positions[source]
	lastAt := time.Time{}
	for i, e := range entries {
		if e.Source != source {
			h.t.Fatalf("entry %d of another source", i)
		}
		if e.At.Before(lastAt) {
			h.t.Errorf("entry %d at %v, after one at %v", i, e.At, lastAt)
		}
		lastAt, end = e.At, e.First+int64(e.Samples)
		if end <= position {
			continue // stored before, and not released
		}
		var writer string
		var serial int
		id := string(e.Payload[:indexSpace(e.Payload)])
		if _, err := fmt.Sscanf(id[indexSlash(id)+1:], "%d", &serial); err != nil {
			h.t.Fatalf("payload %q: %v", e.Payload, err)
		}
		writer = source.String() + id[:indexSlash(id)]
		if last, isKnown := h.lastOf[writer]; isKnown && serial <= last {
			h.t.Errorf("%s is stored after %d", id, last)
		}
		h.lastOf[writer] = serial
		h.stored[id]++
		if e.First < position {
			h.t.Errorf("%s begins at %d, before the position %d", id, e.First, position)
		}
		position = end
	}
	h.positions[source] = max(position, end)
	return h.positions[source]
}

func (h *history) release(s *spool.Spool, source uuid.UUID, end int64) {
	isGone, err := s.Release(source, end)
	if isGone && err == nil {
		h.mu.Lock()
		delete(h.positions, source)
		h.mu.Unlock()
	}
}

func (h *history) check() {
	for id, fate := range h.fates {
		switch n := h.stored[id]; {
		case fate == acknowledged && n != 1:
			h.t.Errorf("%s was acknowledged and is stored %d times", id, n)
		case fate == refused && n != 0:
			h.t.Errorf("%s was refused and is stored %d times", id, n)
		case n > 1:
			h.t.Errorf("%s is stored %d times", id, n)
		}
	}
	for id := range h.stored {
		if _, isKnown := h.fates[id]; !isKnown {
			h.t.Errorf("%s is stored and was never appended", id)
		}
	}
}

func indexSpace(b []byte) int {
	for i, c := range b {
		if c == ' ' {
			return i
		}
	}
	return len(b)
}

func indexSlash(s string) int {
	for i := len(s) - 1; i > 0; i-- {
		if s[i] == '/' {
			return i
		}
	}
	return 0
}
