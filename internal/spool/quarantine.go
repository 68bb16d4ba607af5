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
		path := filepath.Join(s.quarantineDir(), name)
		size, err := s.sizeOf(path)
		if err != nil { // it is for people only, and no reason not to start
			s.log.Warn("what the spool has put aside cannot be opened; it counts as nothing", "path", path, "error", err)
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

var errQuarantineFull = errors.New("the quarantine is full")

// hasRoom returns why size bytes do not fit into the quarantine, or nil.
func (s *Spool) hasRoom(size int64) error {
	if s.quarantine.Load()+size > s.quarantineBound() {
		return errQuarantineFull
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
	err = s.moveAside(path, size)
	s.log.Error("segment of the spool with a damaged header", "path", path, "bytes", size, "records", records, "kept", err == nil, "error", err)
	switch {
	case err != nil && isOfUse:
		s.foreign += size
	case err != nil:
		return s.opts.FS.Remove(path)
	}
	return nil
}

// moveAside moves a file of this size into the quarantine.
func (s *Spool) moveAside(path string, size int64) error {
	if err := s.hasRoom(size); err != nil {
		return err
	}
	if _, err := s.admit(size); err != nil {
		return err
	}
	name := fmt.Sprint(filepath.Base(path), "-", s.opts.Now().UnixNano(), quarantineSuffix) // numbers come again
	if err := s.opts.FS.Rename(path, filepath.Join(s.quarantineDir(), name)); err != nil {
		s.quarantine.Add(-size)
		return err
	}
	_ = s.syncQuarantine() // it is out of the way, whatever becomes of it
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

// leaveToNewer leaves a segment where it is that a newer version of the program
// wrote.
func (s *Spool) leaveToNewer(number int64) {
	path := s.path(number)
	size, _ := s.sizeOf(path) // as much as is known
	s.foreign += size
	s.log.Error("segment of the spool left alone: a newer version of the program wrote it", "path", path, "bytes", size)
}
