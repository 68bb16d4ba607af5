package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// survey is what is in the directory of a spool.
type survey struct {
	segments []*segment          // those with a header, oldest first
	gaps     map[int64][]stretch // by number: what is no frame in those of which no other says what is in them
	known    map[int64]extent    // by number: what is said of the others
	newer    []int64             // numbers of those that a newer version of the program wrote
	headless []headless
	next     int64 // number behind the last one
}

// headless is a segment without an intact header.
type headless struct {
	number int64
	cause  error // what the disk said when it did not give it back; nil: it did
}

// surveyPatiently waits for a disk that does not give back something, as long as
// who reads an open spool does. What it does not give back then is in what is
// returned, as far as it is a part of a segment.
func (s *Spool) surveyPatiently() (*survey, error) {
	found, err := s.survey(false)
	for try := 1; try <= readTries && isUnreadable(err); try++ {
		if try == 1 {
			s.log.Warn("spool cannot be read; it is tried again", "dir", s.opts.Dir, "for", readPatience, "error", err)
		}
		time.Sleep(readPause)
		found, err = s.survey(try == readTries)
	}
	return found, err
}

// survey looks at the directory and changes nothing. Unless this is the last
// try, it returns what the disk said instead of giving something back.
func (s *Spool) survey(isLast bool) (*survey, error) {
	names, err := s.opts.FS.ReadDir(s.opts.Dir)
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, name := range names {
		if number, isSegment := segmentNumber(name); isSegment {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	found := &survey{gaps: make(map[int64][]stretch), known: make(map[int64]extent), next: 1}
	for _, number := range numbers {
		found.next = number + 1
		seg, err := s.load(number)
		switch {
		case errors.Is(err, errNewerFormat):
			found.newer = append(found.newer, number)
		case errors.Is(err, errDamagedHeader):
			found.headless = append(found.headless, headless{number, nil})
		case isLast && errors.Is(err, errUnreadHeader):
			found.headless = append(found.headless, headless{number, err})
		case err != nil:
			return nil, err
		default:
			found.segments = append(found.segments, seg)
			found.known[seg.header.before.number] = seg.header.before
		}
	}
	for _, seg := range found.segments {
		number := seg.header.number
		if e, isKnown := found.known[number]; isKnown {
			seg.adopt(e)
		} else if found.gaps[number], err = s.scan(seg, isLast); err != nil {
			return nil, fmt.Errorf("%s: %w", seg.path, err)
		}
	}
	return found, nil
}

// load returns the segment of this number as far as its header says.
func (s *Spool) load(number int64) (*segment, error) {
	path := s.path(number)
	f, err := s.opts.FS.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	h, err := readHeader(f, number)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	seg := newSegment(path, h)
	seg.size = size
	return seg, nil
}

// adopt takes over what the next segment says of this one.
func (seg *segment) adopt(e extent) {
	seg.length, seg.synced, seg.end = e.length, e.synced, e.end
	seg.total.records, seg.total.samples = e.records, e.samples
	seg.records, seg.samples = e.records, e.samples
}

// scan finds out what is in a segment of which no other says it, the last one of
// a run that was cut short, and returns what is no frame in it. Blocks that
// cannot be read become holes if that is wanted.
func (s *Spool) scan(seg *segment, isHoled bool) (gaps []stretch, err error) {
	f, err := s.opts.FS.OpenFile(seg.path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	src := io.ReaderAt(f)
	if isHoled {
		src = holed{f, seg, true, time.Now()}
	}
	r := newFrames(src, seg, seg.size, s.window)
	defer func() { s.window = r.window }()
	for {
		f, gap, err := r.read()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if gap.size() > 0 {
			gaps = append(gaps, gap)
		}
		if err != nil {
			break
		}
		seg.length, seg.synced, seg.end = f.end, max(seg.synced, f.synced), f.first+f.samples
		if f.samples > 0 {
			if seg.records == 0 {
				seg.at = f.at
			}
			seg.records++
			seg.samples += f.samples
		}
	}
	seg.total.records, seg.total.samples = seg.records, seg.samples
	return gaps, nil
}
