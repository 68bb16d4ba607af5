package spool_test

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/spool"
)

// badSector is a file system that does not give back a part of one file.
type badSector struct {
	spool.FS
	name     string // of the file ends with it
	from, to int64
	reads    int // of it that fail; then it is well
	failed   int
	until    time.Time // from when on it is well, whatever else; zero: never
	takes    time.Duration
}

type badFile struct {
	spool.File
	*badSector
}

func (b *badSector) OpenFile(name string, flag int, perm fs.FileMode) (spool.File, error) {
	f, err := b.FS.OpenFile(name, flag, perm)
	if err != nil || !strings.HasSuffix(name, b.name) {
		return f, err
	}
	return badFile{f, b}, nil
}

func (f badFile) ReadAt(p []byte, at int64) (int, error) {
	isBad := f.failed < f.reads && (f.until.IsZero() || time.Now().Before(f.until))
	if at < f.to && at+int64(len(p)) > f.from && isBad {
		f.failed++
		time.Sleep(f.takes)
		return 0, syscall.EIO
	}
	return f.File.ReadAt(p, at)
}

const (
	forGood     = 1 << 30
	firstFile   = "0000000000000001.segment"
	firstHeader = 512
	bothHeaders = 8 << 10
)

// kept reads all that the spool gives, with an error now and then, after which
// it waits for a second as who empties a spool does.
func kept(t *testing.T, s *spool.Spool) string {
	t.Helper()
	var got strings.Builder
	insist := func(what string, do func() error) {
		for range 40 {
			err := do()
			if err == nil {
				return
			}
			if !errors.Is(err, syscall.EIO) {
				t.Fatalf("%s: %v", what, err)
			}
			time.Sleep(time.Second)
		}
		t.Fatalf("%s: it fails for good", what)
	}
	for {
		var entries []spool.Entry
		insist("peek", func() (err error) {
			entries, err = s.Peek(1, 1)
			return err
		})
		if len(entries) == 0 {
			return got.String()
		}
		for _, e := range entries {
			got.WriteByte(e.Payload[0])
			insist("release", func() error {
				_, err := s.Release(e.Source, e.First+1)
				return err
			})
		}
	}
}

// opens opens the spool again, on a disk with bad sectors, and returns what it
// said.
func (sim *simulated) opens(bad ...*badSector) error {
	sim.disk.Kill()
	sim.opts.FS = sim.disk.FS()
	for _, b := range bad {
		b.FS = sim.opts.FS
		sim.opts.FS = b
	}
	s, err := spool.Open(sim.opts)
	if err == nil {
		sim.Spool = s
	}
	return err
}

// startBad is opens of a spool that opens.
func (sim *simulated) startBad(bad ...*badSector) {
	sim.t.Helper()
	if err := sim.opens(bad...); err != nil {
		sim.t.Fatalf("open: %v", err)
	}
}

// Damage costs what is damaged, also when the disk refuses to give it back.
func TestABadSectorCostsWhatIsInIt(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 600<<10)
	for name, c := range map[string]struct {
		from, to    int64
		want        string
		quarantined int64
	}{
		"the first header":  {0, firstHeader, "axcd", 0},
		"the second header": {bothHeaders / 2, bothHeaders, "axcd", 0},
		"a record":          {300 << 10, 300<<10 + 512, "acd", 1},
		"the first record":  {bothHeaders, bothHeaders + 1, "cd", 1}, // and the other whose frame begins in the same block
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := simulate(t, spool.Options{})
				sim.must("a", big, "c", "d")
				sim.startBad(&badSector{name: firstFile, from: c.from, to: c.to, reads: forGood})
				defer sim.Close()
				if got := kept(t, sim.Spool); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
				if got := sim.Stats().Quarantined; got < c.quarantined {
					t.Errorf("%d records in the quarantine, want %d", got, c.quarantined)
				}
			})
		})
	}
}

// What was written last has nothing behind it that says so.
func TestABadSectorUnderTheLastRecordIsNoTornTail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(t, spool.Options{})
		sim.must("a", strings.Repeat("x", 600<<10))
		sim.startBad(&badSector{name: firstFile, from: 300 << 10, to: 300<<10 + 512, reads: forGood})
		if got := kept(t, sim.Spool); got != "a" {
			t.Errorf("got %q, want a", got)
		}
		if stats := sim.Stats(); stats.Quarantined != 1 || stats.Torn != 0 {
			t.Errorf("stats %+v, want a record in the quarantine", stats)
		}
		damaged := damagedBytes(t, sim.disk.FS())
		if zero := bytes.Count(damaged, []byte{0}); len(damaged) < 600<<10 || zero < 4<<10 || zero > 5<<10 {
			t.Errorf("%d bytes in the quarantine, %d of them zero; want all but a block", len(damaged), zero)
		}
	})
}

// An older segment is read for the first time when it is drained: at first that
// fails, for the disk may only be away.
func TestABadSectorOfAnOlderSegmentIsPassedAfterAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
		sim.must("a", strings.Repeat("x", 600<<10), strings.Repeat("y", 600<<10), "c")
		sim.startBad(&badSector{name: firstFile, from: 300 << 10, to: 300<<10 + 512, reads: forGood})
		if entries, err := sim.Peek(1, 1); err != nil || len(entries) != 1 {
			t.Fatalf("peek: %d entries, %v", len(entries), err)
		}
		if _, err := sim.Release(sim.Sources()[0], 1); !errors.Is(err, syscall.EIO) {
			t.Errorf("release: %v, want what the disk said", err)
		}
		if got := kept(t, sim.Spool); got != "yc" {
			t.Errorf("got %q, want y c", got)
		}
		if got := sim.Stats().Quarantined; got != 1 {
			t.Errorf("%d records in the quarantine, want 1", got)
		}
	})
}

// A disk that comes back loses nothing, whenever it does.
func TestASectorThatCanBeReadAgainLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for reads := range 30 {
			sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
			sim.must("a", strings.Repeat("x", 600<<10), strings.Repeat("y", 600<<10), "c")
			sim.startBad(&badSector{name: firstFile, from: 300 << 10, to: 300<<10 + 512, reads: reads})
			if got := kept(t, sim.Spool); got != "axyc" {
				t.Errorf("after %d reads that failed: got %q, want all", reads, got)
			}
			if n, counted := len(damagedBytes(t, sim.disk.FS())), sim.Stats().QuarantineBytes; n != 0 || counted != 0 {
				t.Errorf("after %d reads that failed: %d bytes in the quarantine, %d counted; want none", reads, n, counted)
			}
		}
	})
}

// A segment of which the disk gives back no header goes aside while the disk
// gives back others, and waits where it is when nothing shows that it works.
func TestASegmentWhoseHeadersCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulate(t, spool.Options{MaxBytes: 16 << 20, SegmentBytes: 700 << 10})
		sim.must("a", strings.Repeat("x", 700<<10), "c")
		sim.startBad(&badSector{name: firstFile, to: bothHeaders, reads: forGood})
		if got := kept(t, sim.Spool); got != "c" {
			t.Errorf("got %q, want c", got)
		}
		if stats := sim.Stats(); stats.Quarantined != 2 || len(damagedBytes(t, sim.disk.FS())) < 700<<10 {
			t.Errorf("stats %+v, want two records in the quarantine", stats)
		}

		alone := simulate(t, spool.Options{})
		alone.must("a", "b")
		alone.startBad(&badSector{name: firstFile, to: bothHeaders, reads: forGood})
		alone.must("c")
		if got := alone.Stats(); got.Quarantined == 0 {
			t.Errorf("stats %+v, want the segment counted", got)
		}
		alone.startBad(&badSector{name: firstFile})
		if got := kept(t, alone.Spool); got != "abc" {
			t.Errorf("got %q, want all of it once the disk is back", got)
		}
	})
}
