package spool

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/google/uuid"
)

// Release forgets the samples of source before the number end. Files that hold
// nothing else are removed, oldest first, and the directory is synced. isGone
// says that nothing of source is left, also not after a crash, and that it is
// not the source of this spool: what is known of it elsewhere can be forgotten
// as well.
//
// It returns ErrClosed after Close, or what the disk said. The samples are
// released all the same until Close; files that could not be removed are tried
// again by every later call.
func (s *Spool) Release(source uuid.UUID, end int64) (isGone bool, err error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false, ErrClosed
	}
	var partly *segment
	for _, seg := range s.segments {
		switch {
		case seg.source() != source || end <= seg.released:
		case end >= seg.end:
			seg.forget()
		case end > seg.header.first:
			partly = seg
		}
	}
	s.mu.Unlock()

	if partly != nil {
		err = s.releasePart(partly, end)
	}
	if tidying := s.tidy(); err == nil {
		err = tidying
	}
	if err != nil {
		s.noteFailure(nil, err)
		err = fmt.Errorf("release from spool: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seg := range s.segments {
		if seg.source() == source {
			return false, err
		}
	}
	return source != s.source, err
}

// releasePart releases the samples of seg before end.
func (s *Spool) releasePart(seg *segment, end int64) error {
	err := s.walk(seg, func(_ *segment, f frame) error {
		after := min(f.first+f.samples, end)
		s.mu.Lock()
		defer s.mu.Unlock()
		seg.samples -= max(after-max(f.first, seg.released), 0)
		if f.first+f.samples > end {
			seg.at = f.at
			return errEnough
		}
		seg.pos = f.end
		seg.records--
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seg.released = end
	return nil
}

// tidy removes the files at the front that hold nothing any more. Each removal
// is durable before the next: a segment says where the one before it ends. The
// caller holds reading.
func (s *Spool) tidy() error {
	for {
		s.mu.Lock()
		var front *segment
		if len(s.segments) > 0 && s.segments[0] != s.active && s.segments[0].records == 0 {
			front = s.segments[0]
		}
		s.mu.Unlock()
		if front == nil {
			return nil
		}
		if err := s.remove(front); err != nil {
			return err
		}
		s.mu.Lock()
		s.segments = s.segments[1:]
		s.counts.IsFull = false
		s.mu.Unlock()
	}
}

func (s *Spool) remove(seg *segment) error {
	seg.close()
	if err := s.failpoint(pointRemove); err != nil {
		return err
	}
	if err := s.opts.FS.Remove(seg.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.failpoint(pointUnlink); err != nil {
		return err
	}
	return s.opts.FS.SyncDir(s.opts.Dir)
}
