package spool

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"syscall"
	"time"
)

const (
	// blockBytes is how much is given up around a place that cannot be read.
	blockBytes = 4 << 10

	// readTries is how often in a row a segment cannot be read before what is
	// wrong is looked for block by block, and how often each is read then.
	readTries = 10

	// readPatience is how long a segment cannot be read until then, however
	// often somebody tries, and readPause is between two tries of Open.
	readPatience = readTries * readPause
	readPause    = time.Second
)

// readInsistently is ReadAt, again and again while the disk does not give back
// what it holds, but for when a disk that has many such places is slow to say so:
// then each is tried once, after readPatience since somebody began.
func readInsistently(r io.ReaderAt, p []byte, at int64, began time.Time) (n int, err error) {
	for try := 0; try == 0 || try < readTries && time.Since(began) < readPatience; try++ {
		if n, err = r.ReadAt(p, at); !isUnreadable(err) {
			break
		}
	}
	return n, err
}

// blocks splits a part of a segment at the borders of blocks.
func (s stretch) blocks() iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		for from := s.from; from < s.to; {
			block := stretch{from, min(from-from%blockBytes+blockBytes, s.to)}
			if !yield(block) {
				return
			}
			from = block.to
		}
	}
}

// holed reads what can be read of a segment. Blocks that cannot be are zero, in
// which no frame is intact. They are the holes of the segment, and more become
// so if that is wanted.
type holed struct {
	io.ReaderAt
	seg     *segment
	isWider bool // blocks that cannot be read become holes
	began   time.Time
}

// ReadAt is that of io.ReaderAt. It does not fail for holes, and leaves those
// alone that are known.
func (h holed) ReadAt(p []byte, at int64) (int, error) {
	all := stretch{at, at + int64(len(p))}
	if !h.seg.hasHole(all) {
		if n, err := h.ReaderAt.ReadAt(p, at); !isUnreadable(err) {
			return n, err
		}
	}
	for block := range all.blocks() {
		b := p[block.from-at : block.to-at]
		if h.seg.hasHole(block) {
			clear(b)
			continue
		}
		n, err := readInsistently(h.ReaderAt, b, block.from, h.began)
		switch {
		case isUnreadable(err) && h.isWider:
			clear(b)
			h.seg.addHole(block, err)
		case err != nil:
			return int(block.from-at) + n, err
		}
	}
	return len(p), nil
}

// hasHole reports whether some of a part of the segment cannot be read.
func (seg *segment) hasHole(part stretch) bool {
	return slices.ContainsFunc(seg.holes, func(h stretch) bool { return h.from < part.to && part.from < h.to })
}

func (seg *segment) addHole(h stretch, cause error) {
	seg.cause = cause
	if n := len(seg.holes); n > 0 && seg.holes[n-1].to == h.from {
		seg.holes[n-1].to = h.to
		return
	}
	seg.holes = append(seg.holes, h)
}

// reader returns what the frames of a segment are read through. A disk that is
// away for a while must not look like one that is damaged, so that reads fail at
// first.
func (seg *segment) reader(f io.ReaderAt) io.ReaderAt {
	isWider := seg.failures >= readTries && time.Since(seg.failedAt) >= readPatience
	if isWider || len(seg.holes) > 0 {
		return holed{f, seg, isWider, time.Now()}
	}
	return f
}

// hasFailed notes that the segment could not be read behind an offset.
func (seg *segment) hasFailed(behind int64) {
	if seg.failures == 0 {
		seg.failedAt = time.Now()
	}
	seg.failures++
	seg.failedBehind = behind
}

// hasPassed notes that it could be read up to an offset. What stands before the
// place that could not be says nothing of it.
func (seg *segment) hasPassed(end int64) {
	if end > seg.failedBehind {
		seg.failures = 0
	}
}

// believe returns nil when holes are damage of a disk that works: it takes what
// is written to it now, gives back the segment's header, and still does not give
// back any of what is missing. Otherwise it forgets the holes, begins to be
// patient again, and returns an error. copying is why the rest could not be
// copied, which is no reason to doubt only where there was no room for it.
func (s *Spool) believe(seg *segment, copying error) (err error) {
	defer func() {
		if err != nil {
			seg.holes, seg.failures = nil, 0
			err = fmt.Errorf("%s: %w", seg.path, err)
		}
	}()
	isFull := errors.Is(copying, errQuarantineFull) || errors.Is(copying, syscall.ENOSPC)
	if copying != nil && !isFull {
		return copying
	}
	if err := s.takesWrites(); err != nil {
		return err
	}
	f, err := s.opts.FS.OpenFile(seg.path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	if _, err := readHeader(f, seg.header.number); err != nil {
		return err
	}
	b, began := make([]byte, blockBytes), time.Now()
	for _, hole := range seg.holes {
		for block := range hole.blocks() {
			if _, err := readInsistently(f, b[:block.size()], block.from, began); !isUnreadable(err) {
				return seg.cause // for a while it could not be read
			}
		}
	}
	return nil
}
