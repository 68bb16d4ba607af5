package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// recover finds out what is in the directory. Nobody else uses s yet.
func (s *Spool) recover() error {
	if err := s.measureQuarantine(); err != nil {
		return err
	}
	names, err := s.opts.FS.ReadDir(s.opts.Dir)
	if err != nil {
		return err
	}
	var numbers []int64
	for _, name := range names {
		if number, isSegment := segmentNumber(name); isSegment {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	s.number = 1
	var headless []int64
	unread := make(map[int64]error)
	for _, number := range numbers {
		s.number = number + 1
		switch err := s.load(number); {
		case errors.Is(err, errUnreadHeader):
			unread[number] = err
			headless = append(headless, number)
		case errors.Is(err, errDamagedHeader):
			headless = append(headless, number)
		case err != nil:
			return err
		}
	}
	known := make(map[int64]extent, len(s.segments))
	for _, seg := range s.segments {
		known[seg.header.before.number] = seg.header.before
	}
	for _, number := range headless {
		cause := unread[number]
		if cause != nil && len(s.segments) == 0 {
			s.leaveAlone(number, cause) // nothing shows that the disk works
		} else if err := s.setAside(number, known[number].records, cause != nil); err != nil {
			return err
		}
	}
	for _, seg := range s.segments {
		if e, isKnown := known[seg.header.number]; isKnown {
			seg.adopt(e)
		} else if err := s.scan(seg); err != nil {
			return err
		}
	}
	if err := s.tidy(); err != nil {
		return err
	}
	if stats := s.Stats(); stats.Segments > 0 {
		s.log.Info("spool opened", "dir", s.opts.Dir, "records", stats.Records, "samples", stats.Samples, "bytes", stats.Bytes)
	}
	return nil
}

// load adds the segment of this number as far as its header says.
func (s *Spool) load(number int64) error {
	path := s.path(number)
	f, err := s.opts.FS.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	size, err := f.Size()
	if err != nil {
		return err
	}
	h, err := readHeader(f, number)
	if errors.Is(err, errNewerFormat) {
		s.foreign += size
		s.log.Error("segment of the spool left alone: a newer version of the program wrote it", "path", path, "bytes", size)
		return nil
	} else if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	seg := newSegment(path, h)
	seg.size = size
	s.segments = append(s.segments, seg)
	return nil
}

// adopt takes over what the next segment says of this one.
func (seg *segment) adopt(e extent) {
	seg.length, seg.synced, seg.end = e.length, e.synced, e.end
	seg.total.records, seg.total.samples = e.records, e.samples
	seg.records, seg.samples = e.records, e.samples
}

// scan finds out what is in a segment of which no other says it: the last one
// of a run that was cut short.
func (s *Spool) scan(seg *segment) error {
	f, err := s.opts.FS.OpenFile(seg.path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	r := newFrames(holed{f, seg}, seg, seg.size, s.window)
	defer func() { s.window = r.window }()
	var gaps []stretch
	for {
		f, gap, err := r.read()
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w", seg.path, err)
		}
		if gap.size() > 0 {
			gaps = append(gaps, gap)
		}
		if err != nil {
			break
		}
		seg.length, seg.synced, seg.end = f.end, max(seg.synced, f.synced), f.first+f.samples
		if f.samples > 0 {
			if seg.records == 0 {
				seg.at = f.at
			}
			seg.records++
			seg.samples += f.samples
		}
	}
	seg.total.records, seg.total.samples = seg.records, seg.samples
	for _, gap := range gaps {
		if gap.from < seg.synced || seg.hasHole(gap) {
			if err := s.damaged(seg, gap); err != nil {
				return err
			}
			continue
		}
		s.counts.Torn += gap.size()
		s.log.Info("unfinished tail in the spool left out", "path", seg.path, "from", gap.from, "bytes", gap.size())
	}
	seg.reported = seg.size
	return nil
}

// seal marks the end of the active segment, so that later damage before it is
// known for what it is. Without the mark it is taken for a torn tail. The
// caller has the turn and reading.
func (s *Spool) seal() {
	s.mu.Lock()
	seg := s.active
	isUnsaid := seg == nil && len(s.segments) > 0 && s.segments[len(s.segments)-1].isRefused
	s.mu.Unlock()
	switch {
	case s.failpoint(pointSeal) != nil:
	case seg != nil && seg.records > 0:
		b := appendFrame(nil, nil, 0)
		placeFrame(b, &seg.header.key, seg.end, seg.at, seg.length)
		if _, err := seg.file.WriteAt(b, seg.length); err == nil {
			_ = seg.file.Sync()
		}
	case isUnsaid:
		// Records were refused and the disk has not taken a note of it so far.
		if err := s.begin(); err != nil {
			s.log.Error("spool cannot note refused records: they may be stored after all", "dir", s.opts.Dir, "error", err)
		}
	}
}
