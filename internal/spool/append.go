package spool

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// maxGroupBytes is from when on appends wait for the next group.
const maxGroupBytes = 4 << 20

var errPanicked = errors.New("panicked")

// group is appends that are written and synced together.
type group struct {
	frames  []byte // keys, numbers and times are filled in when it is written
	records int64
	done    chan struct{}
	err     error // once done is closed
}

func (g *group) finish(err error) {
	g.err = err
	close(g.done)
}

// Append keeps records, all of them or none, and returns nil once they are on
// the disk. It copies the payloads.
//
// It returns ErrFull when they would not fit below Options.MaxBytes,
// ErrTooLarge for a payload above MaxRecordBytes, ErrClosed after Close, and a
// *DiskError when the disk refused them; none of these records will ever be
// read. When ctx is over first, they may or may not be kept.
func (s *Spool) Append(ctx context.Context, records ...Record) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("append to spool: %w", err)
	}
	if len(records) == 0 {
		return nil
	}
	g, err := s.enqueue(records)
	if err != nil {
		return err
	}
	for {
		select {
		case <-g.done:
			return g.err
		case s.turn <- struct{}{}:
			s.lead()
		case <-ctx.Done():
			select {
			case <-g.done:
				return g.err
			default:
				return fmt.Errorf("append to spool: %w", ctx.Err())
			}
		}
	}
}

// enqueue puts records into a group that is not being written yet.
func (s *Spool) enqueue(records []Record) (*group, error) {
	var size int64
	for _, r := range records {
		if len(r.Payload) > MaxRecordBytes {
			return nil, ErrTooLarge
		}
		if r.Samples < 1 || int64(r.Samples) > math.MaxUint32 {
			return nil, fmt.Errorf("append to spool: a record of %d samples", r.Samples)
		}
		size += frameOverhead + int64(len(r.Payload))
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	if !s.fits(size) {
		s.counts.IsFull = true
		return nil, ErrFull
	}
	var g *group
	if n := len(s.groups); n > 0 {
		g = s.groups[n-1]
	}
	if g == nil || int64(len(g.frames))+size > maxGroupBytes {
		g = &group{frames: s.spare, done: make(chan struct{})}
		s.spare = nil
		s.groups = append(s.groups, g)
	}
	for _, r := range records {
		g.frames = appendFrame(g.frames, r.Payload, r.Samples)
	}
	g.records += int64(len(records))
	s.waiting += size
	return g, nil
}

// fits reports whether this many bytes more stay below the limit, with a new
// segment's header and the mark at the end. The caller holds mu.
func (s *Spool) fits(size int64) bool {
	held := s.bytes()
	if s.isSpent(s.active) {
		held -= s.active.size
	}
	return held+s.waiting+size+headerBytes+frameOverhead <= s.opts.MaxBytes
}

// isSpent reports whether everything in the active segment is released. The
// caller holds mu.
func (s *Spool) isSpent(seg *segment) bool { return seg != nil && seg.records == 0 }

// lead writes the group that waits longest, and gives back the turn, which the
// caller has.
func (s *Spool) lead() {
	defer func() { <-s.turn }()
	s.mu.Lock()
	if len(s.groups) == 0 {
		s.mu.Unlock()
		return
	}
	g := s.groups[0]
	s.groups = s.groups[1:]
	s.mu.Unlock()

	err := errPanicked // unless commit comes back
	defer func() {
		if errors.Is(err, errPanicked) {
			s.abandon()
			err = &DiskError{Op: "write", Err: err, MayReturn: true}
		}
		s.settleGroup(g, err)
	}()
	err = s.commit(g)
}

// abandon ends the active segment, of which nobody knows what is in it.
func (s *Spool) abandon() {
	s.mu.Lock()
	seg := s.active
	s.mu.Unlock()
	if seg != nil {
		s.giveUp(seg)
	}
}

// settleGroup tells those who wait for a group what became of it.
func (s *Spool) settleGroup(g *group, err error) {
	s.mu.Lock()
	s.waiting -= int64(len(g.frames))
	if cap(g.frames) <= maxGroupBytes {
		s.spare = g.frames[:0]
	}
	g.frames = nil
	s.mu.Unlock()
	g.finish(err)
	if err == nil {
		select {
		case s.ready <- struct{}{}:
		default:
		}
	}
}
