package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Damaged bytes are kept in a directory of their own, for people to look at,
// up to an eighth of Options.MaxBytes beside it.
const (
	quarantineName   = "quarantine"
	quarantineSuffix = ".damaged"
)

func (s *Spool) quarantineDir() string { return filepath.Join(s.opts.Dir, quarantineName) }

func (s *Spool) quarantineBound() int64 { return s.opts.MaxBytes / 8 }

// measureQuarantine finds out how much is in the quarantine.
func (s *Spool) measureQuarantine() error {
	names, err := s.opts.FS.ReadDir(s.quarantineDir())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, name := range names {
		if !strings.HasSuffix(name, quarantineSuffix) && name != setAsideName {
			continue
		}
		size, err := s.sizeOf(filepath.Join(s.quarantineDir(), name))
		if err != nil {
			return err
		}
		s.quarantine.Add(size)
	}
	return nil
}

func (s *Spool) sizeOf(path string) (int64, error) {
	f, err := s.opts.FS.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return f.Size()
}

// hasRoom returns why size bytes do not fit into the quarantine, or nil.
func (s *Spool) hasRoom(size int64) error {
	if s.quarantine.Load()+size > s.quarantineBound() {
		return errors.New("the quarantine is full")
	}
	return nil
}

// admit makes room for up to size bytes in the quarantine and returns how many
// it takes.
func (s *Spool) admit(size int64) (int64, error) {
	if err := s.hasRoom(1); err != nil {
		return 0, err
	}
	size = min(size, s.quarantineBound()-s.quarantine.Load())
	if err := s.opts.FS.Mkdir(s.quarantineDir(), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return 0, err
	}
	s.quarantine.Add(size)
	return size, nil
}

// damaged reports a damaged part of a segment, once, and copies what can be read
// of it into the quarantine. It returns an error when the part cannot be read
// for the moment only. The caller holds reading.
func (s *Spool) damaged(seg *segment, gap stretch) error {
	isUnread := seg.hasHole(gap)
	if gap.from < seg.reported || gap.from >= seg.synced && !isUnread {
		return nil
	}
	kept, err := s.copyDamaged(seg, gap)
	if isUnread {
		if err := s.believe(seg, err); err != nil {
			return err
		}
	}
	seg.reported = gap.to
	s.mu.Lock()
	seg.blamed++
	s.counts.Quarantined++
	s.counts.QuarantinedBytes += gap.size()
	s.mu.Unlock()
	s.log.Error("damaged records in the spool", "path", seg.path, "from", gap.from, "bytes", gap.size(), "kept", kept, "unreadable", isUnread, "error", err)
	return nil
}

// copyDamaged returns how many bytes of the gap are in the quarantine.
func (s *Spool) copyDamaged(seg *segment, gap stretch) (kept int64, err error) {
	name := fmt.Sprintf("%s-%016d-%d%s", seg.source(), seg.header.number, gap.from, quarantineSuffix)
	path := filepath.Join(s.quarantineDir(), name)
	if size, err := s.sizeOf(path); err == nil {
		return size, nil // an earlier run has kept it
	}
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
		if isUnreadable(err) { // the disk may be away: the next try makes it anew
			_ = s.opts.FS.Remove(path)
			s.quarantine.Add(-size)
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
			return at, err
		}
		if _, err := dst.WriteAt(b[:n], at); err != nil {
			return at, err
		}
		at += int64(n)
	}
	if err := dst.Sync(); err != nil {
		return size, err
	}
	return size, s.syncQuarantine()
}

// syncQuarantine makes the names in the quarantine durable, and its own.
func (s *Spool) syncQuarantine() error {
	if err := s.opts.FS.SyncDir(s.quarantineDir()); err != nil {
		return err
	}
	return s.opts.FS.SyncDir(s.opts.Dir)
}

// setAside moves a segment without an intact header, in which there should be so
// many records, into the quarantine. What cannot go there is removed when it is
// of no use, and left alone when the disk may give it back another day.
func (s *Spool) setAside(number, records int64, isOfUse bool) error {
	path := s.path(number)
	size, err := s.sizeOf(path)
	if err != nil {
		return err
	}
	if size <= headerBytes && records == 0 {
		// Records are written once the header is durable: there were none.
		s.counts.Torn += size
		s.log.Info("segment of the spool that was never begun removed", "path", path, "bytes", size)
		return s.opts.FS.Remove(path)
	}
	s.counts.Quarantined += max(records, 1)
	s.counts.QuarantinedBytes += size
	if err = s.hasRoom(size); err == nil {
		_, err = s.admit(size)
	}
	if err == nil {
		name := fmt.Sprint(filepath.Base(path), "-", s.opts.Now().UnixNano(), quarantineSuffix) // numbers come again
		err = s.opts.FS.Rename(path, filepath.Join(s.quarantineDir(), name))
	}
	if err == nil {
		_ = s.syncQuarantine() // it is out of the way, whatever becomes of it
	}
	s.log.Error("segment of the spool with a damaged header", "path", path, "bytes", size, "records", records, "kept", err == nil, "error", err)
	switch {
	case err != nil && isOfUse:
		s.foreign += size
	case err != nil:
		return s.opts.FS.Remove(path)
	}
	return nil
}

// leaveAlone leaves a segment where it is that nobody can read now.
func (s *Spool) leaveAlone(number int64, cause error) {
	path := s.path(number)
	size, _ := s.sizeOf(path) // as much as is known
	s.foreign += size
	s.counts.Quarantined++
	s.counts.QuarantinedBytes += size
	s.log.Error("segment of the spool left alone: it cannot be read", "path", path, "bytes", size, "error", cause)
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
