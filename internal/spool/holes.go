package spool

import (
	"fmt"
	"io"
	"os"
	"slices"
)

const (
	// blockBytes is how much is given up around a place that cannot be read.
	blockBytes = 4 << 10

	// readPatience is how often in a row a segment cannot be read before what is
	// wrong is looked for block by block, and how often each is read then.
	readPatience = 10
)

// readInsistently is ReadAt, again and again while the disk does not give back
// what it holds.
func readInsistently(r io.ReaderAt, p []byte, at int64) (n int, err error) {
	for range readPatience {
		if n, err = r.ReadAt(p, at); !isUnreadable(err) {
			break
		}
	}
	return n, err
}

// holed reads what can be read of a segment. Blocks that cannot be are zero, in
// which no frame is intact, and become holes of the segment.
type holed struct {
	io.ReaderAt
	seg *segment
}

// ReadAt is that of io.ReaderAt. It does not fail for blocks that cannot be
// read, and leaves those alone that are known.
func (h holed) ReadAt(p []byte, at int64) (int, error) {
	all := stretch{at, at + int64(len(p))}
	if !h.seg.hasHole(all) {
		if n, err := h.ReaderAt.ReadAt(p, at); !isUnreadable(err) {
			return n, err
		}
	}
	for from := at; from < all.to; {
		block := stretch{from, min(from-from%blockBytes+blockBytes, all.to)}
		b := p[from-at : block.to-at]
		from = block.to
		if h.seg.hasHole(block) {
			clear(b)
			continue
		}
		n, err := readInsistently(h.ReaderAt, b, block.from)
		switch {
		case isUnreadable(err):
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
	if len(seg.holes) > 0 || seg.failures >= readPatience {
		return holed{f, seg}
	}
	return f
}

// believe returns nil when holes are damage of a disk that works: it takes what
// is written to it, as the copy of the rest has shown, gives back the segment's
// header, and still does not give back what is missing. Otherwise it forgets the
// holes and returns an error.
func (s *Spool) believe(seg *segment, copying error) (err error) {
	defer func() {
		if err != nil {
			seg.holes = nil
			err = fmt.Errorf("%s: %w", seg.path, err)
		}
	}()
	if isUnreadable(copying) {
		return copying
	}
	f, err := s.opts.FS.OpenFile(seg.path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	if _, err := readHeader(f, seg.header.number); err != nil {
		return err
	}
	for _, h := range seg.holes {
		if _, err := readInsistently(f, make([]byte, min(h.size(), blockBytes)), h.from); !isUnreadable(err) {
			return seg.cause // for a while it could not be read
		}
	}
	return nil
}
