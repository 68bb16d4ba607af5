package spool_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// waits expects that nothing is given up of a disk that is away for two
// minutes.
func (sim *simulated) waits() {
	sim.t.Helper()
	for second := range 120 {
		if entries, err := sim.Peek(10, 10<<20); err == nil {
			sim.t.Fatalf("after %d s: %d entries of a disk that is away", second, len(entries))
		}
		time.Sleep(time.Second)
	}
}

// takingNothing is how a disk fails that still gives back what the system
// remembers of it.
func takingNothing(said error) func(simfs.Op, string) error {
	return func(op simfs.Op, _ string) error {
		if op == simfs.OpOpen || op == simfs.OpRead {
			return nil
		}
		return said
	}
}

// twoSegments is a spool on which the first segment holds a, x and y, and the
// second one c.
func twoSegments(t *testing.T) *simulated {
	t.Helper()
	sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
	sim.must("a", strings.Repeat("x", 600<<10), strings.Repeat("y", 600<<10), "c")
	return sim
}

func TestADiskThatIsAwayIsNotDamage(t *testing.T) {
	t.Parallel()
	away := map[string]func(simfs.Op, string) error{
		"it gives back nothing": func(op simfs.Op, _ string) error {
			if op == simfs.OpRead {
				return syscall.EIO
			}
			return nil
		},
		"it syncs nothing": func(op simfs.Op, _ string) error {
			if op == simfs.OpSync {
				return syscall.EIO
			}
			return nil
		},
	}
	for _, said := range []syscall.Errno{syscall.EIO, syscall.EROFS, syscall.ENXIO, syscall.ENODEV, syscall.ENOSPC} {
		away[fmt.Sprintf("it takes nothing, %v", said)] = takingNothing(said)
	}
	for beside, prepare := range map[string]func(*simulated){
		"": func(*simulated) {},
		", the quarantine is full": func(sim *simulated) {
			if err := sim.SetAside([]byte(strings.Repeat("r", 2<<20-1) + "\n")); err != nil {
				sim.t.Fatal(err)
			}
		},
		", a copy is there": func(sim *simulated) {
			if err := sim.disk.FS().Mkdir(simDir+"/quarantine", 0o700); err != nil {
				sim.t.Fatal(err)
			}
			name := fmt.Sprintf("quarantine/%s-%016d-%d.damaged", sim.Source(), 1, headerBytes)
			put(sim.t, sim.disk.FS(), name, make([]byte, 600<<10))
		},
	} {
		for how, fail := range away {
			t.Run(how+beside, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					sim := twoSegments(t)
					prepare(sim)
					sim.startBad(&badSector{name: firstFile, from: bothHeaders, to: 1 << 30, reads: forGood})
					sim.disk.Fail(fail)
					sim.waits()
					sim.disk.Fail(nil)
					if beside == "" && len(damagedBytes(t, sim.disk.FS())) != 0 {
						t.Error("a copy of what was never damaged")
					}
					sim.startBad(&badSector{name: firstFile})
					if got := kept(t, sim.Spool); got != "axyc" {
						t.Errorf("got %q, want all", got)
					}
				})
			})
		}
	}
}

// What was looked at before, by Open or because something in it is damaged, may
// be away later all the same.
func TestADiskThatIsAwayLaterIsNotDamage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(*simulated)
		want    string
	}{
		"after Open has read it": {func(*simulated) {}, "axc"},
		"after damage was found in it": {func(sim *simulated) {
			flip(sim.t, sim.disk.FS(), simDir+"/"+firstFile, 300<<10)
		}, "ac"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := simulate(t, spool.Options{MaxBytes: 16 << 20})
				sim.must("a", strings.Repeat("x", 600<<10), "c")
				c.prepare(sim)
				bad := &badSector{name: firstFile, from: bothHeaders, to: 1 << 30}
				sim.startBad(bad)
				if _, err := sim.Peek(10, 10<<20); err != nil {
					t.Fatal(err)
				}
				bad.reads = forGood
				sim.disk.Fail(takingNothing(syscall.EROFS))
				sim.waits()
				sim.disk.Fail(nil)
				bad.reads = 0
				if got := kept(t, sim.Spool); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}

// A disk that takes something again may not give back everything yet.
func TestADiskThatComesBackIsGivenTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := twoSegments(t)
		bad := &badSector{name: firstFile, from: bothHeaders, to: 1 << 30, reads: forGood}
		sim.startBad(bad)
		sim.disk.Fail(takingNothing(syscall.EIO))
		for second := range 15 {
			if entries, err := sim.Peek(10, 10<<20); err == nil {
				t.Fatalf("after %d s: %d entries", second, len(entries))
			}
			if second == 10 {
				sim.disk.Fail(nil)
			}
			time.Sleep(time.Second)
		}
		bad.reads = 0
		if got := kept(t, sim.Spool); got != "axyc" {
			t.Errorf("got %q, want all", got)
		}
	})
}

// However often somebody asks, and whatever was given up before.
func TestPatienceIsAMatterOfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := twoSegments(t)
		bad := &badSector{name: firstFile, from: 300 << 10, to: 300<<10 + 512, reads: forGood}
		sim.startBad(bad)
		if entries, err := sim.Peek(1, 1); err != nil || len(entries) != 1 {
			t.Fatalf("peek: %d entries, %v", len(entries), err)
		}
		if _, err := sim.Release(sim.Sources()[0], 1); !errors.Is(err, syscall.EIO) {
			t.Errorf("release: %v, want what the disk said", err)
		}
		for range 100 {
			if entries, err := sim.Peek(1, 1); err == nil {
				t.Fatalf("%d entries at once", len(entries))
			}
		}
		bad.reads = 0
		if got := kept(t, sim.Spool); got != "xyc" {
			t.Errorf("got %q, want all", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
		sim.must("a", strings.Repeat("x", 600<<10), "b", strings.Repeat("y", 600<<10), "c")
		later := &badSector{name: firstFile, from: 1000 << 10, to: 1000<<10 + 512, reads: 30}
		first := &badSector{name: firstFile, from: 300 << 10, to: 300<<10 + 512, reads: forGood}
		sim.startBad(later, first)
		if got := kept(t, sim.Spool); got != "abyc" {
			t.Errorf("got %q, want all but x", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		sim := twoSegments(t)
		sim.startBad(&badSector{name: firstFile, from: bothHeaders, to: bothHeaders + 1, reads: 30})
		if entries, err := sim.Peek(1, 1); err == nil {
			t.Fatalf("%d entries at once", len(entries))
		}
		time.Sleep(time.Hour) // nobody asks
		if got := kept(t, sim.Spool); got != "axyc" {
			t.Errorf("got %q, want all", got)
		}
	})
}

// A copy that fails for another reason than room says that something is wrong
// at this moment.
func TestWhatCannotBeCopiedIsNotGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := twoSegments(t)
		bad := &badSector{name: firstFile, from: bothHeaders, to: 1 << 30, reads: forGood}
		sim.startBad(bad)
		sim.disk.Fail(func(op simfs.Op, name string) error {
			if op == simfs.OpSync && strings.HasSuffix(name, ".damaged") {
				return syscall.EIO
			}
			return nil
		})
		sim.waits()
		sim.disk.Fail(nil)
		bad.reads = 0
		if got := kept(t, sim.Spool); got != "axyc" {
			t.Errorf("got %q, want all", got)
		}
	})
}

// A hole may be of several blocks, and one of them come back.
func TestEachBlockIsLookedAtOnceMore(t *testing.T) {
	t.Parallel()
	const block = 4 << 10
	end := int64(headerBytes + frameOverhead + 1 + frameOverhead + 600<<10) // of x
	last := end - end%block
	synctest.Test(t, func(t *testing.T) {
		for reads := range 20 {
			sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
			sim.must("a", strings.Repeat("x", 600<<10), "b", strings.Repeat("y", 600<<10), "c")
			shared := &badSector{name: firstFile, from: last, to: last + block, reads: reads}
			before := &badSector{name: firstFile, from: last - block, to: last, reads: forGood}
			sim.startBad(shared, before)
			if got := kept(t, sim.Spool); got != "abyc" {
				t.Errorf("after %d reads that failed: got %q, want all but x", reads, got)
			}
		}
	})
}

// A full disk that writes over what it holds works: there is just no room for a
// copy.
func TestABadSectorOfAFullDiskIsPassed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := twoSegments(t)
		sim.startBad(&badSector{name: firstFile, from: 300 << 10, to: 300<<10 + 512, reads: forGood})
		used := int64(0)
		for _, content := range readAll(t, sim.disk.FS(), simDir) {
			used += int64(len(content))
		}
		sim.disk.SetCapacity(used)
		if got := kept(t, sim.Spool); got != "ayc" {
			t.Errorf("got %q, want all but x", got)
		}
		if n, counted := len(damagedBytes(t, sim.disk.FS())), sim.Stats().QuarantineBytes; n != 0 || counted != 0 {
			t.Errorf("%d bytes in the quarantine, %d counted; want none", n, counted)
		}
	})
}
