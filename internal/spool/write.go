package spool

import (
	"errors"
	"syscall"
	"time"
)

// commit writes and syncs a group. The caller has the turn.
func (s *Spool) commit(g *group) error {
	seg, err := s.writable(int64(len(g.frames)))
	if err != nil {
		return err
	}
	samples, at := s.place(g, seg)
	err = s.write(seg, g.frames)

	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if seg.records == 0 {
		seg.at = at
	}
	seg.length += int64(len(g.frames))
	seg.size, seg.synced, seg.end = seg.length, seg.length, s.next
	seg.total.records += g.records
	seg.total.samples += samples
	seg.records += g.records
	seg.samples += samples
	s.counts.Syncs++
	s.counts.IsFull, s.counts.LastError = false, ""
	return nil
}

// writable returns the segment that takes size bytes more, a new one if need
// be.
func (s *Spool) writable(size int64) (*segment, error) {
	s.mu.Lock()
	seg := s.active
	free := s.opts.MaxBytes - s.bytes() - headerBytes - frameOverhead - size
	isSpent := s.isSpent(seg)
	isTight := free < 0 || s.counts.IsFull
	s.mu.Unlock()

	if seg != nil && (seg.length >= s.opts.SegmentBytes || isSpent && isTight && seg.length > headerBytes) {
		s.retire(seg)
		if isSpent {
			if err := s.makeRoom(); err != nil {
				s.noteFailure(&s.counts.WriteErrors, err)
				return nil, &DiskError{Op: "make room", Err: err}
			}
		}
		return s.writable(size)
	}
	if free < 0 {
		s.mu.Lock()
		s.counts.IsFull = true
		s.mu.Unlock()
		return nil, ErrFull
	}
	if seg == nil {
		if err := s.begin(); err != nil {
			s.noteFailure(&s.counts.WriteErrors, err)
			return nil, &DiskError{Op: "begin segment", Err: err}
		}
		s.mu.Lock()
		seg = s.active
		s.mu.Unlock()
	}
	return seg, nil
}

// makeRoom removes what is released.
func (s *Spool) makeRoom() error {
	s.reading.Lock()
	defer s.reading.Unlock()
	return s.tidy()
}

// place fills in what depends on the place of the frames, and returns how many
// samples they have and when they were appended.
func (s *Spool) place(g *group, seg *segment) (samples int64, at time.Time) {
	s.mu.Lock()
	next, at := s.next, s.now()
	s.mu.Unlock()
	for b := g.frames; len(b) > 0; {
		length, n := placeFrame(b, &seg.header.key, next+samples, at, seg.length)
		samples += n
		b = b[length:]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next += samples // whatever becomes of it: the numbers of refused records are not given again
	return samples, at
}

// write puts frames behind the last ones of a segment and syncs them.
func (s *Spool) write(seg *segment, frames []byte) error {
	err := s.failpoint(pointWrite)
	if err == nil {
		_, err = seg.file.WriteAt(frames, seg.length)
	}
	if err != nil {
		s.noteFailure(&s.counts.WriteErrors, err)
		// What a full disk did not take goes away again, or else the file does.
		if seg.file.Truncate(seg.length) == nil && seg.file.Sync() == nil {
			return &DiskError{Op: "write", Err: err}
		}
		return s.refuse(seg, "write", err)
	}
	if err = s.failpoint(pointSync); err == nil {
		err = seg.file.Sync()
	}
	if err != nil {
		s.noteFailure(&s.counts.SyncErrors, err)
		return s.refuse(seg, "sync", err)
	}
	if err = s.failpoint(pointSynced); err != nil {
		return s.refuse(seg, "sync", err)
	}
	return nil
}

// refuse gives up a segment whose last bytes are on the disk or not, nobody
// knows. After a failed sync the system takes its pages for clean, so that
// another sync would succeed without them: the file is never written or synced
// again, and the next segment says where it ends before anybody hears that the
// records are refused.
func (s *Spool) refuse(seg *segment, op string, cause error) error {
	refused := &DiskError{Op: op, Err: cause}
	s.giveUp(seg)
	err := s.failpoint(pointRefuse)
	if err == nil {
		err = s.begin()
	}
	if err == nil {
		err = s.failpoint(pointRefused)
	}
	if err != nil {
		s.noteFailure(&s.counts.WriteErrors, err)
		refused.MayReturn = true
	}
	return refused
}

// giveUp makes a segment one that is only read, and cuts off what was refused.
// The caller has the turn.
func (s *Spool) giveUp(seg *segment) {
	s.reading.Lock() // until then whoever empties the spool takes the file away
	defer s.reading.Unlock()
	s.mu.Lock()
	s.active, seg.isRefused = nil, true
	s.mu.Unlock()
	// Nothing depends on this: it leaves room on a full disk for what does, and
	// if that fails, at least this program's own crash brings nothing back.
	_ = seg.file.Truncate(seg.length)
	seg.close()
}

// noteFailure counts what the disk said.
func (s *Spool) noteFailure(count *int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if count != nil {
		*count++
	}
	s.counts.LastError = err.Error()
	if errors.Is(err, syscall.ENOSPC) {
		s.counts.IsFull = true
	}
}
