package spool

import (
	"errors"
	"fmt"
)

// recover finds out what is in the directory. Nobody else uses s yet.
func (s *Spool) recover() error {
	if err := s.measureQuarantine(); err != nil {
		return err
	}
	found, err := s.surveyPatiently()
	if err != nil {
		return err
	}
	s.segments, s.number = found.segments, found.next
	for _, number := range found.newer {
		s.leaveToNewer(number)
	}
	for _, h := range found.headless {
		if err := s.giveUpHeadless(h, found.known[h.number].records); err != nil {
			return err
		}
	}
	for _, seg := range s.segments {
		if err := s.report(seg, found.gaps[seg.header.number]); err != nil {
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

// giveUpHeadless sees to a segment without a header, in which there should be so
// many records. It returns an error when the header may come back.
func (s *Spool) giveUpHeadless(h headless, records int64) error {
	switch {
	case h.cause == nil:
	case len(s.segments) == 0:
		s.leaveAlone(h.number, h.cause) // nothing shows that the disk works
		return nil
	default:
		if err := s.takesWrites(); err != nil {
			return fmt.Errorf("%w: %w", h.cause, err)
		}
		if _, err := s.load(h.number); !errors.Is(err, errUnreadHeader) {
			return h.cause // for a while it could not be read
		}
	}
	return s.setAside(h.number, records, h.cause != nil)
}

// report tells what is damaged and what is unfinished among the gaps of a
// segment. It returns an error when a gap cannot be read for the moment only.
func (s *Spool) report(seg *segment, gaps []stretch) error {
	for _, gap := range gaps {
		if gap.from < seg.synced || seg.hasHole(gap) {
			if err := s.damaged(seg, gap); err != nil {
				return err
			}
			continue
		}
		seg.reported = append(seg.reported, gap)
		s.counts.Torn += gap.size()
		s.log.Info("unfinished tail in the spool left out", "path", seg.path, "from", gap.from, "bytes", gap.size())
	}
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
