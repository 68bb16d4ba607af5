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
	size := int64(len(lines))
	if err := s.hasRoom(size); err != nil {
		return err
	}
	if _, err := s.admit(size); err != nil {
		return err
	}
	grown, err := s.appendAside(lines)
	s.quarantine.Add(grown - size)
	return err
}

// appendAside puts lines at the end of the file of what is set aside, and
// returns by how much that has grown: when they could not be kept, as a rule by
// nothing.
func (s *Spool) appendAside(lines []byte) (grown int64, err error) {
	f, err := s.opts.FS.OpenFile(filepath.Join(s.quarantineDir(), setAsideName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // synced by then
	size, err := f.Size()
	if err != nil {
		return 0, err
	}
	last := []byte{'\n'}
	if size > 0 {
		if _, err := f.ReadAt(last, size-1); err != nil {
			return 0, err
		}
	}
	if last[0] != '\n' {
		lines = append([]byte{'\n'}, lines...) // a crash has left half a line
	}
	defer func() {
		if err != nil && f.Truncate(size) == nil {
			grown = 0
		}
	}()
	n, err := f.WriteAt(lines, size)
	if err != nil {
		return int64(n), err
	}
	if err := f.Sync(); err != nil {
		return int64(n), err
	}
	if size > 0 && s.isAsideNamed {
		return int64(n), nil
	}
	// Nobody has synced its name, or the file is a new one: a person may take away
	// the one before, and the quarantine with it, at any time.
	err = s.syncQuarantine()
	s.isAsideNamed = err == nil
	return int64(n), err
}
