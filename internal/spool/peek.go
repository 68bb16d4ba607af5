package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/google/uuid"
)

// Peek returns the oldest entries that are durable and not released, in order
// and of one source: as many as have at most maxSamples samples that are not
// released and maxBytes of payload, but one if there is any. The payloads are
// the caller's. It reads them from the disk and keeps nothing; calling it
// again returns the same. Damaged records are left out.
//
// It returns ErrClosed after Close, or what the disk said; nothing is lost by
// that, and a later call reads on at the same place.
func (s *Spool) Peek(maxSamples int, maxBytes int64) ([]Entry, error) {
	return s.PeekAfter(uuid.Nil, maxSamples, maxBytes)
}

// PeekAfter is Peek in a spool without the entries of source and of those
// before it. It returns none when source has no entries.
func (s *Spool) PeekAfter(source uuid.UUID, maxSamples int, maxBytes int64) ([]Entry, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	live, err := s.live()
	if err != nil {
		return nil, err
	}
	if source != uuid.Nil {
		live = after(source, live)
	}
	taken := taking{samples: int64(maxSamples), bytes: maxBytes}
	for _, seg := range live {
		if n := len(taken.entries); n > 0 && taken.entries[0].Source != seg.source() {
			break
		}
		err := s.walk(seg, taken.take)
		if errors.Is(err, errEnough) || err != nil && len(taken.entries) > 0 {
			break // the next call meets the error first
		}
		if err != nil {
			s.noteFailure(nil, err)
			return nil, fmt.Errorf("read spool: %w", err)
		}
	}
	if len(taken.entries) == 0 {
		// What was there is damaged. What cannot be removed now is tried again.
		_ = s.tidy()
	}
	return taken.entries, nil
}

// Sources returns those that have entries, oldest first.
func (s *Spool) Sources() []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sources []uuid.UUID
	for _, seg := range s.segments {
		if n := len(sources); seg.records > 0 && (n == 0 || sources[n-1] != seg.source()) {
			sources = append(sources, seg.source())
		}
	}
	return sources
}

// live returns the segments with entries, oldest first.
func (s *Spool) live() ([]*segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	var live []*segment
	for _, seg := range s.segments {
		if seg.records > 0 {
			live = append(live, seg)
		}
	}
	return live, nil
}

// after returns the segments that come after those of source.
func after(source uuid.UUID, segments []*segment) []*segment {
	for i := len(segments) - 1; i >= 0; i-- {
		if segments[i].source() == source {
			return segments[i+1:]
		}
	}
	return nil
}

var errEnough = errors.New("enough")

// taking collects entries up to its bounds.
type taking struct {
	samples, bytes int64 // what is left
	entries        []Entry
}

func (t *taking) take(seg *segment, f frame) error {
	done := min(max(seg.released-f.first, 0), f.samples)
	t.samples -= f.samples - done
	t.bytes -= int64(len(f.payload))
	if len(t.entries) > 0 && (t.samples < 0 || t.bytes < 0) {
		return errEnough
	}
	t.entries = append(t.entries, Entry{
		Source: seg.source(), First: f.first, Samples: int(f.samples), Done: int(done),
		At: f.at, Payload: bytes.Clone(f.payload),
	})
	if t.samples <= 0 || t.bytes <= 0 {
		return errEnough
	}
	return nil
}

// walk calls visit with each record of seg that is not wholly released until
// it returns an error, and returns that, or what the disk said. Damage is
// reported on the way; what the disk does not give back, however often and long
// it is asked, is damage. The caller holds reading.
func (s *Spool) walk(seg *segment, visit func(*segment, frame) error) error {
	s.mu.Lock()
	limit, records, samples := seg.length, seg.records, seg.samples
	s.mu.Unlock()
	if err := s.open(seg); errors.Is(err, fs.ErrNotExist) {
		s.vanished(seg)
		return nil
	} else if err != nil {
		return err
	}
	r := newFrames(seg.reader(seg.file), seg, limit, s.window)
	defer func() { s.window = r.window }()
	passed := seg.pos
	for {
		f, damage, err := r.read()
		if err != nil && !errors.Is(err, io.EOF) {
			seg.hasFailed(passed)
			return err
		}
		if damage.size() > 0 {
			if err := s.damaged(seg, damage); err != nil {
				return err
			}
		}
		if passed = f.end; err != nil {
			passed = limit
		}
		seg.hasPassed(passed)
		if err != nil {
			s.settle(seg, records, samples)
			return nil
		}
		if f.samples == 0 {
			continue
		}
		records--
		samples -= f.samples - min(max(seg.released-f.first, 0), f.samples)
		if err := visit(seg, f); err != nil {
			return err
		}
	}
}

// open opens the file of seg where it is not open.
func (s *Spool) open(seg *segment) (err error) {
	if seg.file == nil {
		seg.file, err = s.opts.FS.OpenFile(seg.path, os.O_RDONLY, 0)
		if err != nil {
			seg.file = nil
		}
	}
	return err
}
