package spool

import (
	"fmt"
	"os"
	"path/filepath"
)

const setAsideName = "refused.jsonl"

// SetAside keeps lines for people to look at, in a file beside the damaged
// records and within the same bound, and returns nil once they are on the
// disk. Nothing reads or removes them again. It returns ErrClosed after Close,
// or why they could not be kept.
func (s *Spool) SetAside(lines []byte) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.mu.Lock()
	isClosed := s.closed
	s.mu.Unlock()
	if isClosed {
		return ErrClosed
	}
	if err := s.setLinesAside(lines); err != nil {
		return fmt.Errorf("set aside: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.SetAsideBytes += int64(len(lines))
	return nil
}

func (s *Spool) setLinesAside(lines []byte) error {
	if err := s.hasRoom(int64(len(lines))); err != nil {
		return err
	}
	if _, err := s.admit(int64(len(lines))); err != nil {
		return err
	}
	f, err := s.opts.FS.OpenFile(filepath.Join(s.quarantineDir(), setAsideName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // synced by then
	size, err := f.Size()
	if err != nil {
		return err
	}
	last := []byte{'\n'}
	if size > 0 {
		if _, err := f.ReadAt(last, size-1); err != nil {
			return err
		}
	}
	if last[0] != '\n' {
		lines = append([]byte{'\n'}, lines...) // a crash has left half a line
	}
	if _, err := f.WriteAt(lines, size); err != nil {
		_ = f.Truncate(size) // the first error counts
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if s.isAsideNamed {
		return nil
	}
	err = s.syncQuarantine()
	s.isAsideNamed = err == nil
	return err
}
