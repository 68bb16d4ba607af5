package spool_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// places are those that Open reads: of the first of two segments the headers,
// of the last one everything.
var places = map[string]struct {
	size int // of the record in the middle
	bad  badSector
}{
	"the headers":       {700 << 10, badSector{name: firstFile, to: bothHeaders}},
	"the last segment":  {600 << 10, badSector{name: firstFile, from: 300 << 10, to: 300<<10 + 512}},
	"all of the spool":  {700 << 10, badSector{name: ".segment", to: 1 << 30}},
	"its only segment":  {600 << 10, badSector{name: firstFile, to: 1 << 30}},
	"the last segments": {700 << 10, badSector{name: "2.segment", from: bothHeaders, to: 1 << 30}},
}

// A disk that is away when the program starts is waited for.
func TestOpenWaitsForADiskThatIsAway(t *testing.T) {
	t.Parallel()
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, away := range []time.Duration{time.Millisecond, 1500 * time.Millisecond, 9500 * time.Millisecond} {
					sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
					sim.must("a", strings.Repeat("x", place.size), "c")
					bad := place.bad
					bad.reads, bad.until = forGood, time.Now().Add(away)
					if err := sim.opens(&bad); err != nil {
						t.Fatalf("away for %v: %v", away, err)
					}
					if got := kept(t, sim.Spool); got != "axc" {
						t.Errorf("away for %v: got %q, want all", away, got)
					}
					if got := sim.Stats().Quarantined; got != 0 {
						t.Errorf("away for %v: %d records in the quarantine", away, got)
					}
				}
			})
		})
	}
}

// However much cannot be read, a start waits for it once.
func TestOpenIsPatientForTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
		big := strings.Repeat("x", 700<<10)
		sim.must("a", big, "b", big, "c", "d")
		began := time.Now()
		sim.startBad(
			&badSector{name: "1.segment", to: bothHeaders, reads: forGood},
			&badSector{name: "2.segment", to: bothHeaders, reads: forGood},
			&badSector{name: "3.segment", from: bothHeaders, to: bothHeaders + 1, reads: forGood},
		)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("open took %v, want 10 s", took)
		}
	})
}

// What a disk does not give back that takes nothing either is not given up: Open
// fails, and the next one may find it.
func TestOpenGivesUpNothingOfADiskThatTakesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"the headers", "the last segment"} {
		place := places[name]
		for _, op := range []simfs.Op{simfs.OpWrite, simfs.OpSync} {
			t.Run(string(op)+" and "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
					sim.must("a", strings.Repeat("x", place.size), "c")
					sim.disk.Fail(func(o simfs.Op, _ string) error {
						if o == op {
							return syscall.EROFS
						}
						return nil
					})
					bad := place.bad
					bad.reads = forGood
					if err := sim.opens(&bad); !errors.Is(err, syscall.EROFS) {
						t.Errorf("open: %v, want what the disk said", err)
					}
					sim.disk.Fail(nil)
					if err := sim.opens(&badSector{name: firstFile}); err != nil {
						t.Fatal(err)
					}
					if got := kept(t, sim.Spool); got != "axc" {
						t.Errorf("got %q, want all", got)
					}
				})
			})
		}
	}
}

// A header that comes back at the last moment costs a start, and nothing else.
func TestAHeaderIsLookedAtOnceMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
		sim.must("a", strings.Repeat("x", 700<<10), "c")
		const tries, insistence, copies = 11, 10, 2
		bad := &badSector{name: firstFile, to: bothHeaders, reads: tries * insistence * copies}
		if err := sim.opens(bad); !errors.Is(err, syscall.EIO) {
			t.Errorf("open: %v, want what the disk said", err)
		}
		if err := sim.opens(bad); err != nil {
			t.Fatal(err)
		}
		if got := kept(t, sim.Spool); got != "axc" {
			t.Errorf("got %q, want all", got)
		}
	})
}

// What stands before a bad sector, and cannot be stored either, says nothing of
// it: what is behind both is read all the same.
func TestABadSectorBehindWhatStaysIsPassed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(t, spool.Options{MaxBytes: 64 << 20, SegmentBytes: 1000 << 10})
		sim.must("a", strings.Repeat("x", 700<<10), strings.Repeat("y", 300<<10), "b", "c")
		sim.startBad(&badSector{name: firstFile, from: 900 << 10, to: 904 << 10, reads: forGood})
		got := ""
		for range 60 { // nothing of which is released
			entries, err := sim.Peek(100, 16<<20)
			if err != nil && !errors.Is(err, syscall.EIO) {
				t.Fatal(err)
			}
			got = ""
			for _, e := range entries {
				got += string(e.Payload[0])
			}
			time.Sleep(time.Second)
		}
		if got != "axbc" {
			t.Errorf("after a minute: got %q, want all but y", got)
		}
	})
}

// A disk that is slow to say what it does not give back is not asked ten times
// for each of very many blocks.
func TestManySlowBadSectors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(t, spool.Options{MaxBytes: 64 << 20, SegmentBytes: 16 << 20})
		sim.must("a", strings.Repeat("x", 6<<20), "c")
		began := time.Now()
		sim.startBad(&badSector{name: firstFile, from: 1 << 20, to: 5 << 20, reads: forGood, takes: 10 * time.Millisecond})
		if took := time.Since(began); took > time.Minute {
			t.Errorf("open after %v: ten times each would be more than three minutes", took)
		}
		if got := kept(t, sim.Spool); got != "ac" {
			t.Errorf("got %q, want all but x", got)
		}
	})
}

// What was put aside for people is no reason not to start.
func TestOpenDoesNotNeedWhatWasPutAside(t *testing.T) {
	t.Parallel()
	for _, said := range []error{syscall.EIO, syscall.EACCES} {
		sim := simulate(t, spool.Options{})
		sim.must("a", "c")
		if err := sim.SetAside([]byte("{}")); err != nil {
			t.Fatal(err)
		}
		sim.disk.Kill()
		sim.disk.Fail(func(op simfs.Op, name string) error {
			if op == simfs.OpOpen && strings.HasSuffix(name, "refused.jsonl") {
				return said
			}
			return nil
		})
		sim.start()
		sim.disk.Fail(nil)
		if got := kept(t, sim.Spool); got != "ac" {
			t.Errorf("%v: got %q, want all", said, got)
		}
	}
}
