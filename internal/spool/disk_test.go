package spool_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

// counting counts the bytes that are read.
type counting struct {
	spool.FS
	read atomic.Int64
}

type countingFile struct {
	spool.File
	read *atomic.Int64
}

func (c *counting) OpenFile(name string, flag int, perm fs.FileMode) (spool.File, error) {
	f, err := c.FS.OpenFile(name, flag, perm)
	return countingFile{f, &c.read}, err
}

func (f countingFile) ReadAt(b []byte, at int64) (int, error) {
	n, err := f.File.ReadAt(b, at)
	f.read.Add(int64(n))
	return n, err
}

// A backlog of any size opens at once, and takes no memory.
func TestOpenAndPeekReadNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	sim := simulate(t, spool.Options{MaxBytes: 64 << 20, SegmentBytes: 1 << 20})
	records := slices.Repeat([]spool.Record{{Payload: make([]byte, 10_000), Samples: 1}}, 20)
	for range 100 {
		if err := sim.Append(t.Context(), records...); err != nil {
			t.Fatal(err)
		}
	}
	sim.disk.Kill()
	read := &counting{FS: sim.disk.FS()}
	sim.opts.FS = read
	s, err := spool.Open(sim.opts)
	if err != nil {
		t.Fatal(err)
	}
	if stats := s.Stats(); stats.Records != 2000 || stats.Samples != 2000 || stats.Bytes < 20_000_000 {
		t.Errorf("stats: %+v", stats)
	}
	if got := read.read.Load(); got > 2<<20 {
		t.Errorf("open read %d bytes of 20 MB", got)
	}
	read.read.Store(0)
	entries, err := s.Peek(1000, 100_000)
	if err != nil || len(entries) != 10 {
		t.Errorf("peek: %d entries, %v", len(entries), err)
	}
	if got := read.read.Load(); got > 512<<10 {
		t.Errorf("peek of 100 kB read %d bytes", got)
	}
	read.read.Store(0)
	if _, err := s.Release(entries[0].Source, 1500); err != nil {
		t.Fatal(err)
	}
	if got := read.read.Load(); got > 2<<20 {
		t.Errorf("release of 1,500 records read %d bytes", got)
	}
	if stats := s.Stats(); stats.Records != 500 || stats.Samples != 500 {
		t.Errorf("stats: %+v", stats)
	}
}

func TestDamagedBytesAreKeptOnce(t *testing.T) {
	t.Parallel()
	w := write(t, closed)
	content := bytes.Clone(w.files[w.name])
	content[headerBytes+50] ^= 1
	disk := simfs.New(rand.New(rand.NewPCG(1, 2)))
	fsys := mounted(t, disk)
	if err := fsys.Mkdir(simDir, 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, fsys, w.name, content)
	var log strings.Builder
	for range 3 {
		s, err := spool.Open(spool.Options{Dir: simDir, FS: disk.FS(), Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Peek(1000, 1<<20); err != nil {
			t.Fatal(err)
		}
		disk.Kill()
	}
	kept := readAll(t, disk.FS(), simDir+"/quarantine")
	if len(kept) != 1 {
		t.Fatalf("%d files in the quarantine, want 1", len(kept))
	}
	for name, got := range kept {
		if want := content[headerBytes:w.ends[0]]; !bytes.Equal(got, want) || !strings.HasSuffix(name, "-8192.damaged") {
			t.Errorf("%s: %d bytes, want %d", name, len(got), len(want))
		}
	}
	if n := strings.Count(log.String(), "level=ERROR msg=\"damaged records in the spool\""); n != 3 {
		t.Errorf("logged %d times in three runs:\n%s", n, log.String())
	}
}

func TestTheQuarantineIsBounded(t *testing.T) {
	t.Parallel()
	w := write(t, closed)
	content := bytes.Clone(w.files[w.name])
	for i := 0; i < len(w.ends)-1; i += 2 {
		content[w.ends[i]+20] ^= 1
	}
	disk := simfs.New(rand.New(rand.NewPCG(1, 2)))
	fsys := mounted(t, disk)
	if err := fsys.Mkdir(simDir, 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, fsys, w.name, content)
	s, err := spool.Open(spool.Options{Dir: simDir, FS: fsys, MaxBytes: 128 << 10})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, b := range readAll(t, fsys, simDir+"/quarantine") {
		total += len(b)
	}
	if stats := s.Stats(); total > 16<<10 || total < 15<<10 || stats.QuarantinedBytes < 24<<10 {
		t.Errorf("%d bytes kept of %d", total, stats.QuarantinedBytes)
	}
}

func put(t testing.TB, fsys spool.FS, name string, content []byte) {
	t.Helper()
	f, err := fsys.OpenFile(simDir+"/"+name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(content, 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
}

// After a rollback the older version leaves alone what it cannot read.
func TestSegmentsOfANewerVersionAreLeftAlone(t *testing.T) {
	t.Parallel()
	w := write(t, wentOn)
	content := spool.Newer(w.files[w.name])
	disk := simfs.New(rand.New(rand.NewPCG(1, 2)))
	fsys := mounted(t, disk)
	if err := fsys.Mkdir(simDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, b := range w.with(content) {
		put(t, fsys, name, b)
	}
	s, err := spool.Open(spool.Options{Dir: simDir, FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	if got := drain(t, s); fmt.Sprint(got) != fmt.Sprint(w.rest) {
		t.Errorf("found %v, want %v", got, w.rest)
	}
	if err := s.Append(t.Context(), spool.Record{Payload: []byte("x"), Samples: 1}); err != nil {
		t.Error(err)
	}
	if stats := s.Stats(); stats.Bytes < int64(len(content)) || stats.Quarantined != 0 {
		t.Errorf("stats: %+v", stats)
	}
	if got := readAll(t, fsys, simDir)[w.name]; !bytes.Equal(got, content) {
		t.Error("the segment was changed")
	}
}

// The names in /proc cannot be synced, which is no failure.
func TestAFileSystemWithoutSyncOfDirectories(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{t.TempDir(), "/proc"} {
		if _, err := os.Stat(dir); err != nil {
			continue // only Linux has one
		}
		if err := spool.SyncDir(dir); err != nil {
			t.Errorf("sync %s: %v", dir, err)
		}
	}
	if err := spool.SyncDir("/nowhere/at/all"); runtime.GOOS != "windows" && err == nil {
		t.Error("a directory that is not there can be synced")
	}
}
