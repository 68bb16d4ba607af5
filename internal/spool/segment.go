package spool

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

const segmentSuffix = ".segment"

// segment is a file of the spool. Its path and header never change; the first
// group is guarded by Spool.reading, the rest by Spool.mu.
type segment struct {
	header header
	path   string

	file     File      // open: the active one, and one that is being read
	pos      int64     // where the first frame is that is not wholly released
	released int64     // number up to which samples are released
	reported []stretch // damage, and unfinished tails, of which people know
	failures int       // to read it, in a row
	failedAt time.Time // when the first of them was
	holes    []stretch // blocks that cannot be read, in the order in which they were met
	cause    error     // what the disk said of the last of them

	failedBehind int64 // offset behind which it could not be read the last time

	size    int64     // of the file
	length  int64     // where the last intact, synced frame ends; nothing behind it is read
	synced  int64     // see extent
	end     int64     // number behind its last sample
	total   extent    // records and samples of the whole segment
	records int64     // not released
	samples int64     // not released
	at      time.Time // when the first of them was appended, or the segment begun

	isRefused bool  // bytes behind length were refused
	blamed    int64 // damaged stretches that were counted as a record each
}

func newSegment(path string, h header) *segment {
	return &segment{
		header: h, path: path, pos: headerBytes,
		size: headerBytes, length: headerBytes, synced: headerBytes, end: h.first, at: h.at,
	}
}

func (seg *segment) source() uuid.UUID { return seg.header.source }

// extent returns what the next segment's header says of this one.
func (seg *segment) extent() extent {
	return extent{
		number: seg.header.number, length: seg.length, synced: seg.synced, end: seg.end,
		records: seg.total.records, samples: seg.total.samples,
	}
}

// forget releases all of it. The caller holds reading and mu.
func (seg *segment) forget() {
	seg.pos, seg.released, seg.records, seg.samples = seg.length, seg.end, 0, 0
}

// close closes the file. What was synced is safe whatever it returns.
func (seg *segment) close() {
	if seg.file != nil {
		_ = seg.file.Close()
		seg.file = nil
	}
}

func segmentName(number int64) string { return fmt.Sprintf("%016d%s", number, segmentSuffix) }

func (s *Spool) path(number int64) string { return filepath.Join(s.opts.Dir, segmentName(number)) }

// segmentNumber returns the number in the name of a segment.
func segmentNumber(name string) (int64, bool) {
	digits, isSegment := strings.CutSuffix(name, segmentSuffix)
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, isSegment && err == nil && n > 0 && segmentName(n) == name
}

// begin makes the next segment and the active one of it: its header is
// durable, and so is what that says of the segment before. The caller has the
// turn.
func (s *Spool) begin() error {
	s.mu.Lock()
	h := header{source: s.source, number: s.number, first: s.next, at: s.now()}
	s.number++ // also when it fails: what is left of it is in nobody's way
	if n := len(s.segments); n > 0 {
		h.before = s.segments[n-1].extent()
	}
	s.mu.Unlock()
	if _, err := rand.Read(h.key[:]); err != nil {
		return fmt.Errorf("make key: %w", err)
	}
	seg := newSegment(s.path(h.number), h)
	if err := s.create(seg); err != nil {
		seg.close()
		if err := s.opts.FS.Remove(seg.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.noteFailure(nil, err)
		}
		return err
	}
	s.mu.Lock()
	s.segments = append(s.segments, seg)
	s.active = seg
	s.mu.Unlock()
	return nil
}

func (s *Spool) create(seg *segment) (err error) {
	if err = s.failpoint(pointCreate); err != nil {
		return err
	}
	if seg.file, err = s.opts.FS.OpenFile(seg.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return err
	}
	if err = s.failpoint(pointHeader); err != nil {
		return err
	}
	if _, err = seg.file.WriteAt(seg.header.encode(), 0); err != nil {
		return err
	}
	if err = seg.file.Sync(); err != nil {
		return err
	}
	if err = s.failpoint(pointLink); err != nil {
		return err
	}
	return s.opts.FS.SyncDir(s.opts.Dir)
}

// retire makes the active segment one that is only read. The caller has the
// turn.
func (s *Spool) retire(seg *segment) {
	s.mu.Lock()
	s.active = nil
	s.mu.Unlock()
	s.reading.Lock()
	defer s.reading.Unlock()
	seg.close()
}

// now returns the time, or that of the last record when the clock went
// backwards. The caller holds mu.
func (s *Spool) now() time.Time {
	if now := s.opts.Now().Round(0); now.After(s.lastAt) { // as it comes back from the disk
		s.lastAt = now
	}
	return s.lastAt
}
