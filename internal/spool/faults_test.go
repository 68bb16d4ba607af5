package spool_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// simulated is a spool on a simulated disk. Its lives follow each other.
type simulated struct {
	t    *testing.T
	disk *simfs.Disk
	opts spool.Options
	*spool.Spool
}

func simulate(t *testing.T, o spool.Options) *simulated {
	t.Helper()
	return simulateWith(t, o, 0)
}

// simulateWith is simulate on a disk of other luck for each seed.
func simulateWith(t *testing.T, o spool.Options, seed int) *simulated {
	t.Helper()
	sim := &simulated{t: t, disk: simfs.New(rand.New(rand.NewPCG(uint64(seed), 4))), opts: o}
	mounted(t, sim.disk)
	sim.opts.Dir = simDir
	sim.start()
	return sim
}

func (sim *simulated) start() {
	sim.t.Helper()
	sim.opts.FS = sim.disk.FS()
	s, err := spool.Open(sim.opts)
	if err != nil {
		sim.t.Fatal(err)
	}
	sim.Spool = s
}

func (sim *simulated) kill() {
	sim.t.Helper()
	sim.disk.Kill()
	sim.start()
}

func (sim *simulated) append(payload string) error {
	return sim.Append(sim.t.Context(), spool.Record{Payload: []byte(payload), Samples: 1})
}

func (sim *simulated) must(payloads ...string) {
	sim.t.Helper()
	for _, p := range payloads {
		if err := sim.append(p); err != nil {
			sim.t.Errorf("append %.20q: %v", p, err)
		}
	}
}

// refuses expects an append to be refused by the disk.
func (sim *simulated) refuses(payload string) *spool.DiskError {
	sim.t.Helper()
	var refused *spool.DiskError
	if err := sim.append(payload); !errors.As(err, &refused) {
		sim.t.Fatalf("append %.20q: %v, want a *DiskError", payload, err)
	}
	return refused
}

// holds expects these payloads, in order.
func (sim *simulated) holds(want ...string) {
	sim.t.Helper()
	var got []string
	for _, source := range sim.Sources() {
		entries, err := sim.Peek(1<<20, 1<<30)
		if err != nil {
			sim.t.Fatal(err)
		}
		for _, e := range entries {
			if e.Source != source {
				sim.t.Errorf("entry of %s, want %s", e.Source, source)
			}
			got = append(got, string(e.Payload))
		}
		if _, err := sim.Release(source, 1<<40); err != nil {
			sim.t.Fatal(err)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		sim.t.Errorf("the spool holds %d records %.200q, want %d %.200q", len(got), strings.Join(got, " "), len(want), strings.Join(want, " "))
	}
}

// failing fails the operations op that which says, with err.
func failing(op simfs.Op, err error, which ...int) func(simfs.Op, string) error {
	n := 0
	return func(o simfs.Op, _ string) error {
		if o != op {
			return nil
		}
		n++
		for _, i := range which {
			if i == n {
				return err
			}
		}
		return nil
	}
}

// After a sync that failed, the next one succeeds without what the first lost.
func TestAFileWhoseSyncFailedIsNeverUsedAgain(t *testing.T) {
	t.Parallel()
	for seed := range 50 {
		sim := simulateWith(t, spool.Options{}, seed)
		sim.must("a")
		sim.disk.Fail(failing(simfs.OpSync, syscall.EIO, 1))
		if refused := sim.refuses("b"); !errors.Is(refused, syscall.EIO) || refused.MayReturn {
			t.Errorf("refused: %+v", refused)
		}
		sim.must("c")
		if stats := sim.Stats(); stats.Segments != 2 || stats.SyncErrors != 1 || stats.LastError != "" {
			t.Errorf("stats: %+v", stats)
		}
		sim.disk.PowerCut()
		sim.start()
		sim.holds("a", "c")
	}
}

func TestRefusedRecordsDoNotComeBack(t *testing.T) {
	t.Parallel()
	for name, crash := range map[string]func(*simulated){
		"after a kill":      func(sim *simulated) { sim.disk.Kill() },
		"after a power cut": func(sim *simulated) { sim.disk.PowerCut() },
		"after Close": func(sim *simulated) {
			if err := sim.Close(); err != nil {
				t.Error(err)
			}
		},
	} {
		for op, ops := range map[string][]simfs.Op{
			"sync":               {simfs.OpSync},
			"write":              {simfs.OpWrite},
			"write and truncate": {simfs.OpWrite, simfs.OpTruncate},
			"write and sync":     {simfs.OpWrite, simfs.OpSync},
		} {
			t.Run(op+" "+name, func(t *testing.T) {
				t.Parallel()
				for seed := range 100 {
					sim := simulateWith(t, spool.Options{}, seed)
					sim.must("a")
					sim.disk.Fail(failingFirst(ops...))
					// Some of them get to the disk whole.
					records := slices.Repeat([]spool.Record{{Payload: make([]byte, 200), Samples: 1}}, 20)
					var refused *spool.DiskError
					if err := sim.Append(t.Context(), records...); !errors.As(err, &refused) || refused.MayReturn {
						t.Fatalf("append: %v, %+v", err, refused)
					}
					sim.disk.Fail(nil)
					crash(sim)
					sim.start()
					sim.holds("a")
				}
			})
		}
	}
}

// failingFirst fails the first of each of these operations.
func failingFirst(ops ...simfs.Op) func(simfs.Op, string) error {
	return func(op simfs.Op, _ string) error {
		if i := slices.Index(ops, op); i >= 0 {
			ops = slices.Delete(slices.Clone(ops), i, i+1)
			return syscall.EIO
		}
		return nil
	}
}

func TestNumbersOfRefusedSamplesAreNotGivenAgain(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	sim.must("a")
	sim.disk.Fail(failing(simfs.OpSync, syscall.EIO, 1))
	sim.refuses("b")
	sim.must("c")
	sim.disk.Fail(failing(simfs.OpWrite, syscall.EIO, 1))
	sim.refuses("d")
	sim.must("e")
	entries, err := sim.Peek(10, 100)
	if err != nil || len(entries) != 3 || entries[0].First != 0 || entries[1].First != 2 || entries[2].First != 4 {
		t.Errorf("entries %+v, %v", entries, err)
	}
}

// The disk takes neither the records nor the note that they are refused.
func TestRefusedRecordsOfADeadDisk(t *testing.T) {
	t.Parallel()
	dead := func(op simfs.Op, _ string) error {
		if op == simfs.OpSync || op == simfs.OpCreate {
			return syscall.EROFS
		}
		return nil
	}
	t.Run("do not come back after a kill", func(t *testing.T) {
		t.Parallel()
		sim := simulate(t, spool.Options{})
		sim.must("a")
		sim.disk.Fail(dead)
		if refused := sim.refuses("b"); !refused.MayReturn {
			t.Errorf("refused: %+v", refused)
		}
		sim.refuses("c")
		sim.disk.Fail(nil)
		sim.kill()
		sim.holds("a")
	})
	t.Run("do not come back once Close could note it", func(t *testing.T) {
		t.Parallel()
		for seed := range 50 {
			sim := simulateWith(t, spool.Options{}, seed)
			sim.must("a")
			sim.disk.Fail(dead)
			sim.refuses("b")
			sim.disk.Fail(nil)
			if err := sim.Close(); err != nil {
				t.Fatal(err)
			}
			sim.disk.PowerCut()
			sim.start()
			sim.holds("a")
		}
	})
	t.Run("do not stop what comes once it is well", func(t *testing.T) {
		t.Parallel()
		sim := simulate(t, spool.Options{})
		sim.must("a")
		sim.disk.Fail(dead)
		sim.refuses("b")
		sim.disk.Fail(nil)
		sim.must("c")
		sim.disk.PowerCut()
		sim.start()
		sim.holds("a", "c")
	})
}

func TestAFullDiskRefusesAndHealsWithSpace(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	sim.must("a")
	sim.disk.SetCapacity(40 << 10)
	if refused := sim.refuses(strings.Repeat("b", 50_000)); !errors.Is(refused, syscall.ENOSPC) || refused.MayReturn {
		t.Errorf("refused: %+v", refused)
	}
	if stats := sim.Stats(); !stats.IsFull || stats.WriteErrors != 1 || stats.LastError == "" || stats.Segments != 1 {
		t.Errorf("stats of a full disk: %+v", stats)
	}
	sim.must("c") // what fits goes in
	sim.disk.SetCapacity(0)
	sim.must(strings.Repeat("d", 50_000))
	if stats := sim.Stats(); stats.IsFull || stats.LastError != "" || stats.Segments != 1 {
		t.Errorf("stats with space: %+v", stats)
	}
	sim.disk.PowerCut()
	sim.start()
	sim.holds("a", "c", strings.Repeat("d", 50_000))
}

// A segment is acknowledged from only once its name is on the disk.
func TestASegmentThatCannotBeBegunLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, op := range []simfs.Op{simfs.OpCreate, simfs.OpWrite, simfs.OpSync, simfs.OpSyncDir} {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			sim := simulate(t, spool.Options{})
			sim.disk.Fail(failing(op, syscall.EIO, 1))
			sim.refuses("a")
			if stats := sim.Stats(); stats.Segments != 0 || stats.WriteErrors != 1 {
				t.Errorf("stats: %+v", stats)
			}
			sim.must("b")
			sim.disk.PowerCut()
			sim.start()
			sim.holds("b")
		})
	}
}

func TestWhatCannotBeReadStopsPeekAndIsNotGivenUp(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	sim.must("a", "b")
	sim.disk.Fail(failing(simfs.OpRead, syscall.EIO, 1))
	if _, err := sim.Peek(10, 10); !errors.Is(err, syscall.EIO) {
		t.Errorf("peek: %v", err)
	}
	sim.holds("a", "b")
}

// all fails what any of them fails.
func all(fails ...func(simfs.Op, string) error) func(simfs.Op, string) error {
	return func(op simfs.Op, name string) error {
		var first error
		for _, fail := range fails {
			if err := fail(op, name); first == nil {
				first = err
			}
		}
		return first
	}
}

// What is released makes room on a full disk, although its segment is the one
// that is appended to.
func TestAFullDiskHealsWhenTheSpoolIsEmptied(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	sim.disk.SetCapacity(64 << 10)
	payload := strings.Repeat("x", 10_000)
	sim.must(payload, payload, payload, payload, payload)
	sim.refuses(payload)
	sim.holds(payload, payload, payload, payload, payload)
	sim.must(payload)
	if stats := sim.Stats(); stats.IsFull || stats.Segments != 1 || stats.Bytes > 20<<10 {
		t.Errorf("stats: %+v", stats)
	}
	sim.disk.PowerCut()
	sim.start()
	sim.holds(payload)
}
