package spool_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

func setAside(t *testing.T, sim *simulated) string {
	t.Helper()
	return string(readAll(t, sim.disk.FS(), simDir+"/quarantine")["refused.jsonl"])
}

func TestWhatIsSetAsideStays(t *testing.T) {
	t.Parallel()
	for seed := range 50 {
		sim := simulateWith(t, spool.Options{}, seed)
		for _, line := range []string{"{\"a\":1}\n", "{\"b\":2}\n"} {
			if err := sim.SetAside([]byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		var kept []string
		if seed%2 == 0 { // otherwise nothing but SetAside syncs the directory
			kept = []string{"a"}
		}
		sim.must(kept...)
		if got := sim.Stats().SetAsideBytes; got != 16 {
			t.Errorf("%d bytes set aside, want 16", got)
		}
		sim.disk.PowerCut()
		sim.start()
		sim.holds(kept...)
		if got := setAside(t, sim); got != "{\"a\":1}\n{\"b\":2}\n" {
			t.Fatalf("set aside: %q", got)
		}
	}
}

// A name whose sync failed is owed one, by this run and by the next.
func TestTheNameOfWhatIsSetAsideStays(t *testing.T) {
	t.Parallel()
	for seed := range 50 {
		sim := simulateWith(t, spool.Options{}, seed)
		sim.disk.Fail(all(failing(simfs.OpSyncDir, syscall.EIO, 1), failing(simfs.OpTruncate, syscall.EIO, 1)))
		if err := sim.SetAside([]byte("one\n")); !errors.Is(err, syscall.EIO) {
			t.Fatalf("set aside: %v, want what the disk said", err)
		}
		sim.disk.Fail(nil)
		if seed%2 == 0 {
			sim.kill()
		}
		if err := sim.SetAside([]byte("two\n")); err != nil {
			t.Fatal(err)
		}
		sim.disk.PowerCut()
		sim.start()
		if got := setAside(t, sim); !strings.HasSuffix(got, "two\n") {
			t.Fatalf("set aside: %q, want what was acknowledged", got)
		}
	}
}

func TestHalfALineDoesNotSpoilTheNext(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{})
	sim.disk.Fail(all(failing(simfs.OpWrite, syscall.EIO, 1), failing(simfs.OpTruncate, syscall.EIO, 1)))
	if err := sim.SetAside([]byte(strings.Repeat("x", 1000) + "\n")); !errors.Is(err, syscall.EIO) {
		t.Fatalf("set aside: %v", err)
	}
	if err := sim.SetAside([]byte("whole\n")); err != nil {
		t.Fatal(err)
	}
	if got := setAside(t, sim); !strings.HasSuffix("\n"+got, "\nwhole\n") {
		t.Errorf("set aside: %q", got)
	}
}

func TestWhatIsSetAsideIsBounded(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{MaxBytes: 128 << 10})
	line := []byte(strings.Repeat("x", 999) + "\n")
	var err error
	for range 100 {
		if err = sim.SetAside(line); err != nil {
			break
		}
	}
	if got := len(setAside(t, sim)); err == nil || got != 16_000 {
		t.Errorf("%d bytes set aside, %v", got, err)
	}
	sim.kill()
	if err := sim.SetAside(line); err == nil {
		t.Error("there is room again after a new start")
	}
	if err := sim.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sim.SetAside(line); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// A person may take the file away at any time: the next one is another.
func TestANewFileOfWhatIsSetAsideStays(t *testing.T) {
	t.Parallel()
	for seed := range 50 {
		sim := simulateWith(t, spool.Options{}, seed)
		if err := sim.SetAside([]byte("one\n")); err != nil {
			t.Fatal(err)
		}
		if err := sim.disk.FS().Remove(simDir + "/quarantine/refused.jsonl"); err != nil {
			t.Fatal(err)
		}
		if err := sim.SetAside([]byte("two\n")); err != nil {
			t.Fatal(err)
		}
		sim.disk.PowerCut()
		sim.start()
		if got := setAside(t, sim); !strings.HasSuffix(got, "two\n") {
			t.Fatalf("seed %d: set aside: %q, want what was acknowledged", seed, got)
		}
	}
}

// What could not be kept takes no room in the quarantine.
func TestWhatCannotBeSetAsideTakesNoRoom(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("r", 100<<10) + "\n"
	for name, fail := range map[string]func(simfs.Op) bool{
		"create":             func(op simfs.Op) bool { return op == simfs.OpCreate },
		"read":               func(op simfs.Op) bool { return op == simfs.OpRead },
		"write":              func(op simfs.Op) bool { return op == simfs.OpWrite },
		"write and truncate": func(op simfs.Op) bool { return op == simfs.OpWrite || op == simfs.OpTruncate },
		"sync":               func(op simfs.Op) bool { return op == simfs.OpSync },
		"sync of the name":   func(op simfs.Op) bool { return op == simfs.OpSyncDir },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simulate(t, spool.Options{MaxBytes: 16 << 20})
			sim.disk.Fail(func(op simfs.Op, _ string) error {
				if fail(op) {
					return syscall.ENOSPC
				}
				return nil
			})
			for i := range 10 {
				if err := sim.SetAside([]byte(line)); !errors.Is(err, syscall.ENOSPC) {
					t.Fatalf("set aside, time %d: %v, want what the disk said", i, err)
				}
			}
			sim.disk.Fail(nil)
			if err := sim.SetAside([]byte(line)); err != nil {
				t.Errorf("once there is space: %v", err)
			}
			got := setAside(t, sim)
			if counted := sim.Stats().QuarantineBytes; counted != int64(len(got)) {
				t.Errorf("%d bytes counted, %d there", counted, len(got))
			}
			isBehindHalfALine := name == "write and truncate" && strings.HasSuffix(got, "\n"+line)
			if got != line && !isBehindHalfALine {
				t.Errorf("%d bytes are kept, want the line alone", len(got))
			}
		})
	}
}
