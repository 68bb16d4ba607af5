package spool_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// Once a spool was closed, damage at its end is known for what it is, also
// after a power cut: the mark behind it is on the disk.
func TestTheMarkAtTheEndOutlastsAPowerCut(t *testing.T) {
	t.Parallel()
	for seed := range 50 {
		sim := simulateWith(t, spool.Options{}, seed)
		sim.must("a", "b")
		if err := sim.Close(); err != nil {
			t.Fatal(err)
		}
		sim.disk.PowerCut()
		flip(t, sim.disk.FS(), simDir+"/0000000000000001.segment", headerBytes+2*frameOverhead+1)
		sim.start()
		sim.holds("a")
		if stats := sim.Stats(); stats.Quarantined != 1 || stats.Torn != 0 {
			t.Fatalf("seed %d: stats %+v", seed, stats)
		}
	}
}

// What is damaged is kept, also when the power fails once what was around it is
// gone.
func TestDamagedBytesOutlastAPowerCut(t *testing.T) {
	t.Parallel()
	w := write(t, closed)
	for name, offsets := range map[string][]int64{
		"a record":      {headerBytes + 50},
		"both headers":  {0, headerBytes / 2},
		"what is whole": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(50) {
				disk := simfs.New(rand.New(rand.NewPCG(seed, 5)))
				fsys := mounted(t, disk)
				if err := fsys.Mkdir(simDir, 0o700); err != nil {
					t.Fatal(err)
				}
				put(t, fsys, w.name, w.files[w.name])
				for _, dir := range []string{simDir, "/state"} {
					if err := fsys.SyncDir(dir); err != nil {
						t.Fatal(err)
					}
				}
				for _, offset := range offsets {
					flip(t, fsys, simDir+"/"+w.name, offset)
				}
				s, err := spool.Open(spool.Options{Dir: simDir, FS: fsys})
				if err != nil {
					t.Fatal(err)
				}
				drain(t, s)
				want := s.Stats().QuarantinedBytes
				disk.PowerCut()
				if got := damagedBytes(t, disk.FS()); int64(len(got)) != want || len(offsets) > 0 && want == 0 {
					t.Fatalf("seed %d: %d bytes are kept of %d", seed, len(got), want)
				}
			}
		})
	}
}

// What is damaged and cannot be kept takes no room in the quarantine.
func TestDamageThatCannotBeKeptTakesNoRoom(t *testing.T) {
	t.Parallel()
	w := write(t, closed)
	for name, c := range map[string]struct {
		offsets []int64
		op      simfs.Op
	}{
		"a copy that cannot be made":     {[]int64{headerBytes + 50}, simfs.OpCreate},
		"a copy that cannot be written":  {[]int64{headerBytes + 50}, simfs.OpWrite},
		"a copy that cannot be synced":   {[]int64{headerBytes + 50}, simfs.OpSync},
		"a segment that cannot be moved": {[]int64{0, headerBytes / 2}, simfs.OpRename},
		"a name that cannot be synced":   {[]int64{headerBytes + 50}, simfs.OpSyncDir},
		"a quarantine that is not there": {[]int64{headerBytes + 50}, simfs.OpMkdir},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			disk := simfs.New(rand.New(rand.NewPCG(1, 2)))
			fsys := mounted(t, disk)
			if err := fsys.Mkdir(simDir, 0o700); err != nil {
				t.Fatal(err)
			}
			put(t, fsys, w.name, w.files[w.name])
			for _, offset := range c.offsets {
				flip(t, fsys, simDir+"/"+w.name, offset)
			}
			disk.Fail(func(op simfs.Op, name string) error {
				isOurs := strings.Contains(name, "quarantine") || op == simfs.OpRename
				if op == c.op && isOurs {
					return syscall.ENOSPC
				}
				return nil
			})
			s := open(t, spool.Options{Dir: simDir, FS: fsys})
			drain(t, s)
			if kept, counted := damagedBytes(t, fsys), s.Stats().QuarantineBytes; len(kept) != 0 || counted != 0 {
				t.Errorf("%d bytes in the quarantine, %d counted; want none", len(kept), counted)
			}
			if got := s.Stats().Quarantined; got == 0 {
				t.Error("nothing was reported")
			}
		})
	}
}

// damagedBytes returns what is in the quarantine.
func damagedBytes(t *testing.T, fsys spool.FS) []byte {
	t.Helper()
	if _, err := fsys.ReadDir(simDir + "/quarantine"); err != nil {
		return nil // there is none
	}
	var all bytes.Buffer
	for name, content := range readAll(t, fsys, simDir+"/quarantine") {
		if strings.HasSuffix(name, ".damaged") {
			all.Write(content)
		}
	}
	return all.Bytes()
}

// flip damages one byte of a file for good.
func flip(t *testing.T, fsys spool.FS, path string, offset int64) {
	t.Helper()
	f, err := fsys.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, offset); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1
	if _, err := f.WriteAt(b, offset); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
}
