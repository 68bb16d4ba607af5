package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// damaged reports a damaged part of a segment, once, and copies what can be read
// of it into the quarantine. It returns an error when the part cannot be read
// for the moment only. The caller holds reading.
func (s *Spool) damaged(seg *segment, gap stretch) error {
	isUnread := seg.hasHole(gap)
	if seg.isReported(gap) || gap.from >= seg.synced && !isUnread {
		return nil
	}
	name := fmt.Sprintf("%s-%016d-%d%s", seg.source(), seg.header.number, gap.from, quarantineSuffix)
	path := filepath.Join(s.quarantineDir(), name)
	kept, err := s.sizeOf(path)
	isNew := errors.Is(err, fs.ErrNotExist) // else an earlier run has kept it
	if isNew {
		kept, err = s.copyDamaged(seg, gap, path)
	}
	if isUnread {
		if doubt := s.believe(seg, err); doubt != nil {
			if isNew && err == nil {
				s.discard(path, kept) // the next try makes it anew
			}
			return doubt
		}
	}
	seg.reported = append(seg.reported, gap)
	s.mu.Lock()
	seg.blamed++
	s.counts.Quarantined++
	s.counts.QuarantinedBytes += gap.size()
	s.mu.Unlock()
	s.log.Error("damaged records in the spool", "path", seg.path, "from", gap.from, "bytes", gap.size(), "kept", kept, "unreadable", isUnread, "error", err)
	return nil
}

// isReported reports whether people know of all of the gap. One that has grown
// is another: what is new of it may be away only.
func (seg *segment) isReported(gap stretch) bool {
	return slices.ContainsFunc(seg.reported, func(r stretch) bool { return r.from <= gap.from && gap.to <= r.to })
}

// copyDamaged copies the gap, as far as there is room for it in the quarantine,
// to this path in there, and returns how many bytes that is. Of a copy that fails
// it keeps nothing.
func (s *Spool) copyDamaged(seg *segment, gap stretch, path string) (kept int64, err error) {
	src, err := s.opts.FS.OpenFile(seg.path, os.O_RDONLY, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = src.Close() }() // it was only read
	size, err := s.admit(gap.size())
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			s.discard(path, size)
		}
	}()
	dst, err := s.opts.FS.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { _ = dst.Close() }() // synced by then
	r := seg.reader(src)
	b := make([]byte, min(size, windowBytes))
	for at := int64(0); at < size; {
		n, err := r.ReadAt(b[:min(int64(len(b)), size-at)], gap.from+at)
		if n == 0 {
			return 0, err
		}
		if _, err := dst.WriteAt(b[:n], at); err != nil {
			return 0, err
		}
		at += int64(n)
	}
	if err := dst.Sync(); err != nil {
		return 0, err
	}
	return size, s.syncQuarantine()
}

// discard removes a copy from the quarantine and gives back the room it was
// admitted with, but for what the disk does not let go of.
func (s *Spool) discard(path string, admitted int64) {
	_ = s.opts.FS.Remove(path) // what is left says the next line
	left, _ := s.sizeOf(path)
	s.quarantine.Add(left - admitted)
}

// vanished gives up what was in a segment that somebody removed. The caller
// holds reading.
func (s *Spool) vanished(seg *segment) {
	s.mu.Lock()
	records := seg.records
	seg.forget()
	s.counts.Quarantined += records
	s.mu.Unlock()
	s.log.Error("segment of the spool is gone", "path", seg.path, "records", records)
}

// settle ends the reading of a segment: of those it should have, so many
// records and samples are not there. The caller holds reading.
func (s *Spool) settle(seg *segment, records, samples int64) {
	s.mu.Lock()
	seg.records -= records
	seg.samples -= samples
	missing := max(records-seg.blamed, 0)
	if seg.synced < seg.length {
		missing = 0 // what was not surely synced may never have been there
	}
	s.counts.Quarantined += missing
	seg.blamed = 0
	s.mu.Unlock()
	if missing > 0 {
		s.log.Error("records missing in the spool", "path", seg.path, "records", missing)
	}
}
