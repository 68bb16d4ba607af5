package spool_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// small is a spool of three segments with one record each, and the active one
// is the last.
func small(t *testing.T, seed int) *simulated {
	t.Helper()
	sim := simulateWith(t, spool.Options{SegmentBytes: 9 << 10}, seed)
	for i := range 3 {
		sim.must(fmt.Sprint(i) + strings.Repeat("x", 2000))
	}
	if stats := sim.Stats(); stats.Segments != 3 {
		t.Fatalf("stats: %+v", stats)
	}
	return sim
}

func segments(t *testing.T, sim *simulated) (names []string) {
	t.Helper()
	for name := range readAll(t, sim.disk.FS(), simDir) {
		if strings.HasSuffix(name, ".segment") {
			names = append(names, name)
		}
	}
	return names
}

func TestFilesAreRemovedOnceAllOfThemIsReleased(t *testing.T) {
	t.Parallel()
	sim := small(t, 0)
	for end, want := range []int{3, 2, 1, 1} {
		if isGone, err := sim.Release(sim.Source(), int64(end)); err != nil || isGone {
			t.Errorf("release up to %d: gone %v, %v", end, isGone, err)
		}
		if got := segments(t, sim); len(got) != want || sim.Stats().Segments != want {
			t.Errorf("released up to %d: files %v, want %d", end, got, want)
		}
	}
	sim.must("y")
	sim.holds("y")
}

func TestASourceIsGoneWhenItsFilesAre(t *testing.T) {
	t.Parallel()
	sim := small(t, 0)
	source := sim.Source()
	sim.kill()
	sim.must("y")
	if got := sim.Sources(); len(got) != 2 || got[0] != source || got[1] != sim.Source() {
		t.Fatalf("sources %v, want %v and %v", got, source, sim.Source())
	}
	sim.disk.Fail(failing(simfs.OpSyncDir, syscall.EIO, 3))
	if isGone, err := sim.Release(source, 3); isGone || !errors.Is(err, syscall.EIO) {
		t.Errorf("release with a removal that may not last: gone %v, %v", isGone, err)
	}
	if got := sim.Sources(); len(got) != 1 || got[0] != sim.Source() {
		t.Errorf("sources %v, want %v", got, sim.Source())
	}
	if isGone, err := sim.Release(source, 3); !isGone || err != nil {
		t.Errorf("release again: gone %v, %v", isGone, err)
	}
	if isGone, err := sim.Release(source, 3); !isGone || err != nil {
		t.Errorf("release of what is gone: gone %v, %v", isGone, err)
	}
	if isGone, err := sim.Release(uuid.New(), 3); !isGone || err != nil {
		t.Errorf("release of an unknown source: gone %v, %v", isGone, err)
	}
	if isGone, err := sim.Release(sim.Source(), 1); isGone || err != nil {
		t.Errorf("release of the running source: gone %v, %v", isGone, err)
	}
}

// A segment says where the one before it ends: it must not go first.
func TestASegmentThatCannotBeRemovedKeepsThoseBehindIt(t *testing.T) {
	t.Parallel()
	sim := small(t, 0)
	sim.disk.Fail(func(op simfs.Op, name string) error {
		if op == simfs.OpRemove && strings.Contains(name, "1.segment") {
			return syscall.EACCES
		}
		return nil
	})
	if _, err := sim.Release(sim.Source(), 2); !errors.Is(err, syscall.EACCES) {
		t.Errorf("release: %v", err)
	}
	if got := segments(t, sim); len(got) != 3 {
		t.Errorf("files %v, want all three", got)
	}
	if stats := sim.Stats(); stats.Records != 1 || stats.Segments != 3 || stats.LastError == "" {
		t.Errorf("stats: %+v", stats)
	}
	sim.must("y") // the rest goes on
	sim.disk.Fail(nil)
	sim.holds("2"+strings.Repeat("x", 2000), "y")
	if got := segments(t, sim); len(got) != 1 {
		t.Errorf("files %v, want the active one", got)
	}
}

// Each removal is durable before the next is begun: none may outlive the one
// before it.
func TestFilesAreRemovedInOrderAlsoInAPowerCut(t *testing.T) {
	t.Parallel()
	for cut := 1; cut < 6; cut++ {
		for seed := range 50 {
			sim := small(t, seed)
			sim.disk.CutAfter(cut)
			_, _ = sim.Release(sim.Source(), 2)
			sim.disk.PowerCut()
			names := strings.Join(segments(t, sim), " ")
			if strings.Contains(names, "1.segment") && !strings.Contains(names, "2.segment") {
				t.Fatalf("cut after %d: %s", cut, names)
			}
		}
	}
}

func TestAFileThatVanishedIsCountedAndPassed(t *testing.T) {
	t.Parallel()
	sim := small(t, 0)
	if err := sim.opts.FS.Remove(simDir + "/0000000000000002.segment"); err != nil {
		t.Fatal(err)
	}
	sim.holds("0"+strings.Repeat("x", 2000), "2"+strings.Repeat("x", 2000))
	if stats := sim.Stats(); stats.Quarantined != 1 || stats.Records != 0 || stats.Samples != 0 {
		t.Errorf("stats: %+v", stats)
	}
}

func TestReleaseOfMoreThanThereIsDoesNotReachWhatComes(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	sim.must("a")
	if _, err := sim.Release(sim.Source(), 1000); err != nil {
		t.Fatal(err)
	}
	sim.must("b")
	sim.holds("b")
}
