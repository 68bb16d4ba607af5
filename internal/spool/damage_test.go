package spool_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/spool"
	"github.com/appmetrics/appmetrics/internal/spool/simfs"
)

const (
	simDir        = "/state/spool"
	headerBytes   = 8 << 10
	frameOverhead = 40
)

// ending is how the run ended that wrote a segment.
type ending string

const (
	wentOn    ending = "went on to another segment"
	closed    ending = "closed"
	wasKilled ending = "was killed"
)

// written is a spool whose first segment has about 64 KiB.
type written struct {
	files   map[string][]byte
	name    string   // of the first segment
	records []string // in it
	ends    []int64  // of their frames
	rest    []string // records in the next segment
}

func write(t testing.TB, end ending) written {
	t.Helper()
	disk := simfs.New(rand.New(rand.NewPCG(1, 2)))
	s := open(t, spool.Options{Dir: simDir, FS: mounted(t, disk), SegmentBytes: 63 << 10})
	w := written{name: "0000000000000001.segment"}
	at := int64(headerBytes)
	for i := 0; len(w.rest) < 2; i++ {
		payload := bytes.Repeat([]byte{byte(i)}, 50+i*337%900)
		if err := s.Append(t.Context(), spool.Record{Payload: payload, Samples: 1 + i%3}); err != nil {
			t.Fatal(err)
		}
		if s.Stats().Segments > 1 {
			w.rest = append(w.rest, describe(payload))
			continue
		}
		at += frameOverhead + int64(len(payload))
		w.records, w.ends = append(w.records, describe(payload)), append(w.ends, at)
		if end != wentOn && at >= 63<<10 {
			break
		}
	}
	if end == closed {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	disk.Kill()
	w.files = readAll(t, disk.FS(), simDir)
	return w
}

func describe(payload []byte) string {
	if len(payload) == 0 {
		return "nothing"
	}
	return fmt.Sprint(payload[0], "x", len(payload))
}

// mounted returns the file system of a disk, with the directory above simDir.
func mounted(t testing.TB, disk *simfs.Disk) *simfs.FS {
	t.Helper()
	fsys := disk.FS()
	if err := fsys.Mkdir("/state", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := fsys.SyncDir("/"); err != nil {
		t.Fatal(err)
	}
	return fsys
}

func readAll(t testing.TB, fsys spool.FS, dir string) map[string][]byte {
	t.Helper()
	names, err := fsys.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, name := range names {
		f, err := fsys.OpenFile(dir+"/"+name, os.O_RDONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		size, err := f.Size()
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, size)
		if _, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		files[name] = b
	}
	return files
}

// reopen opens a spool of these files and returns what is in it.
func reopen(t testing.TB, files map[string][]byte) ([]string, spool.Stats) {
	t.Helper()
	fsys := mounted(t, simfs.New(rand.New(rand.NewPCG(1, 2))))
	if err := fsys.Mkdir(simDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		f, err := fsys.OpenFile(simDir+"/"+name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(content, 0); err != nil {
			t.Fatal(err)
		}
	}
	s, err := spool.Open(spool.Options{Dir: simDir, FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	found := drain(t, s)
	return found, s.Stats()
}

// drain takes everything out of a spool.
func drain(t testing.TB, s *spool.Spool) (found []string) {
	t.Helper()
	for {
		entries, err := s.Peek(1000, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			return found
		}
		for _, e := range entries {
			found = append(found, describe(e.Payload))
		}
		last := entries[len(entries)-1]
		if _, err := s.Release(last.Source, last.First+int64(last.Samples)); err != nil {
			t.Fatal(err)
		}
	}
}

// with returns the files with another content of the first segment.
func (w written) with(content []byte) map[string][]byte {
	files := maps.Clone(w.files)
	files[w.name] = content
	return files
}

// at returns which record the byte at this offset belongs to, or -1.
func (w written) at(offset int64) int {
	if offset < headerBytes {
		return -1
	}
	i, isEnd := slices.BinarySearch(w.ends, offset)
	if isEnd {
		i++
	}
	if i == len(w.records) {
		return -1
	}
	return i
}

func TestAFlippedByteCostsItsRecordOnly(t *testing.T) {
	t.Parallel()
	for _, end := range []ending{wentOn, closed, wasKilled} {
		t.Run(string(end), func(t *testing.T) {
			t.Parallel()
			w := write(t, end)
			content := w.files[w.name]
			for i := 0; i < len(content); i += step {
				flipped := bytes.Clone(content)
				flipped[i] ^= 1 << (i % 8)
				hit := w.at(int64(i))
				want := w.records
				if hit >= 0 {
					want = slices.Delete(slices.Clone(want), hit, hit+1)
				}
				found, stats := reopen(t, w.with(flipped))
				if got, want := strings.Join(found, " "), strings.Join(append(slices.Clone(want), w.rest...), " "); got != want {
					t.Fatalf("byte %d flipped, of record %d:\ngot  %s\nwant %s", i, hit, got, want)
				}
				// The last record of a run that was killed may as well be an unfinished one.
				isLast := end == wasKilled && hit == len(w.records)-1
				if isCounted := stats.Quarantined == 1; isCounted != (hit >= 0 && !isLast) {
					t.Fatalf("byte %d flipped, of record %d: %+v", i, hit, stats)
				}
				if isLast && stats.Torn == 0 {
					t.Fatalf("byte %d flipped, of the last record: %+v", i, stats)
				}
			}
		})
	}
}

func TestATruncatedSegmentKeepsWhatIsBeforeTheCut(t *testing.T) {
	t.Parallel()
	for _, end := range []ending{wentOn, closed, wasKilled} {
		t.Run(string(end), func(t *testing.T) {
			t.Parallel()
			w := write(t, end)
			content := w.files[w.name]
			for i := 0; i < len(content); i += step {
				kept := 0
				for kept < len(w.ends) && w.ends[kept] <= int64(i) {
					kept++
				}
				found, stats := reopen(t, w.with(content[:i]))
				if got, want := strings.Join(found, " "), strings.Join(append(slices.Clone(w.records[:kept]), w.rest...), " "); got != want {
					t.Fatalf("cut at %d:\ngot  %s\nwant %s", i, got, want)
				}
				lost := int64(0)
				if end == wentOn {
					lost = int64(len(w.records) - kept) // the next segment knows how many there were
				}
				if stats.Quarantined != lost {
					t.Fatalf("cut at %d: %+v, want %d records lost", i, stats, lost)
				}
			}
		})
	}
}

func TestAZeroedOrForeignTailIsNoRecord(t *testing.T) {
	t.Parallel()
	w := write(t, wasKilled)
	content := w.files[w.name]
	for name, tail := range map[string][]byte{
		"zeros":                 make([]byte, 100_000),
		"a piece of a frame":    content[headerBytes : headerBytes+60],
		"an older frame again":  content[headerBytes:w.ends[0]],
		"frames of another key": write(t, closed).files[w.name][headerBytes:],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, stats := reopen(t, w.with(append(bytes.Clone(content), tail...)))
			if got, want := strings.Join(found, " "), strings.Join(w.records, " "); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if stats.Quarantined != 0 || stats.Torn != int64(len(tail)) {
				t.Errorf("%d bytes of tail: %+v", len(tail), stats)
			}
		})
	}
}

func TestASegmentWithoutHeaderIsSetAside(t *testing.T) {
	t.Parallel()
	w := write(t, wentOn)
	content := bytes.Clone(w.files[w.name])
	clear(content[:headerBytes])
	found, stats := reopen(t, w.with(content))
	if got, want := strings.Join(found, " "), strings.Join(w.rest, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if stats.Quarantined != int64(len(w.records)) || stats.QuarantinedBytes != int64(len(content)) {
		t.Errorf("%d records: %+v", len(w.records), stats)
	}
}

// A payload may hold what looks like a frame. Behind damage the reader looks
// for one everywhere.
func TestNoPayloadForgesARecord(t *testing.T) {
	t.Parallel()
	for _, key := range [][]byte{make([]byte, 16), []byte("AMSPOOL\x01AMSPOOL\x01")} {
		disk := simfs.New(rand.New(rand.NewPCG(1, 2)))
		s := open(t, spool.Options{Dir: simDir, FS: mounted(t, disk)})
		forged := spool.Forge(key, 1, []byte("forged"))
		for _, payload := range [][]byte{bytes.Repeat(forged, 10), []byte("true")} {
			if err := s.Append(t.Context(), spool.Record{Payload: payload, Samples: 100}); err != nil {
				t.Fatal(err)
			}
		}
		disk.Kill()
		files := readAll(t, disk.FS(), simDir)
		files["0000000000000001.segment"][headerBytes] ^= 1
		if found, _ := reopen(t, files); fmt.Sprint(found) != "["+describe([]byte("true"))+"]" {
			t.Errorf("found %v", found)
		}
	}
}
