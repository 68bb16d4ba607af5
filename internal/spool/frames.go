package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"time"
)

// windowBytes is how much of a segment is read at once.
const windowBytes = 256 << 10

// frames reads the frames of a segment in order, whatever is on the disk. What
// is no intact frame is skipped up to the next one.
type frames struct {
	src   io.ReaderAt
	key   *[16]byte
	pos   int64 // where the next frame is looked for
	limit int64 // where the segment ends
	next  int64 // frames of samples before it are not believed

	window []byte // what was read last, at windowAt; grows to the longest frame
	at     int64
}

// newFrames returns a reader of what is in seg before limit, through a window
// that nobody else uses meanwhile.
func newFrames(src io.ReaderAt, seg *segment, limit int64, window []byte) *frames {
	return &frames{
		src: src, key: &seg.header.key, pos: seg.pos, limit: limit, next: seg.header.first,
		window: window[:0],
	}
}

// stretch is a part of a segment, [from, to).
type stretch struct{ from, to int64 }

func (s stretch) size() int64 { return s.to - s.from }

// read returns the next intact frame and the damaged stretch before it, which
// is empty if all is well. At the end it returns io.EOF and what remained. It
// returns what the disk said, and can be called again, when that fails.
func (r *frames) read() (frame, stretch, error) {
	from := r.pos
	for at := from; ; at++ {
		var err error
		if at, err = r.find(at); err == nil {
			var f frame
			if f, err = r.parse(at); err == nil {
				r.pos, r.next = f.end, f.first+f.samples
				return f, stretch{from, at}, nil
			}
		}
		switch {
		case errors.Is(err, errNoFrame):
		case errors.Is(err, io.EOF):
			r.pos = r.limit
			return frame{}, stretch{from, max(from, r.limit)}, io.EOF
		default:
			return frame{}, stretch{}, err
		}
	}
}

var errNoFrame = errors.New("no intact frame")

// find returns where the next marker is, at the earliest at from, or io.EOF.
func (r *frames) find(from int64) (int64, error) {
	for {
		b, err := r.view(from, frameOverhead)
		if err != nil {
			return 0, err
		}
		if i := bytes.Index(b, r.key[:markerBytes]); i >= 0 {
			return from + int64(i), nil
		}
		from += int64(len(b) - markerBytes + 1)
	}
}

// parse returns the frame at this place, or errNoFrame.
func (r *frames) parse(at int64) (frame, error) {
	b, err := r.view(at, frameOverhead)
	if errors.Is(err, io.EOF) {
		return frame{}, errNoFrame
	} else if err != nil {
		return frame{}, err
	}
	size := frameOverhead + int64(binary.LittleEndian.Uint32(b[4:]))
	f := frame{
		offset:  at,
		end:     at + size,
		first:   int64(binary.LittleEndian.Uint64(b[8:])),
		at:      time.Unix(0, int64(binary.LittleEndian.Uint64(b[16:]))).UTC(),
		samples: int64(binary.LittleEndian.Uint32(b[24:])),
		synced:  int64(binary.LittleEndian.Uint64(b[28:])),
	}
	if size > frameOverhead+MaxRecordBytes || f.end > r.limit ||
		f.first < r.next || f.first > math.MaxInt64-f.samples || f.synced > at ||
		f.samples == 0 && size != frameOverhead {
		return frame{}, errNoFrame
	}
	if b, err = r.view(at, int(size)); errors.Is(err, io.EOF) {
		return frame{}, errNoFrame
	} else if err != nil {
		return frame{}, err
	}
	b = b[:size]
	if frameSum(b[:size-4], r.key) != binary.LittleEndian.Uint32(b[size-4:]) {
		return frame{}, errNoFrame
	}
	f.payload = b[frameHeader : size-4]
	return f, nil
}

// view returns at least n bytes from this place on, or io.EOF where the
// segment has fewer. They are good until the next call.
func (r *frames) view(from int64, n int) ([]byte, error) {
	if from+int64(n) > r.limit {
		return nil, io.EOF
	}
	if i := from - r.at; i >= 0 && i+int64(n) <= int64(len(r.window)) {
		return r.window[i:], nil
	}
	size := int(min(int64(max(n, windowBytes)), r.limit-from))
	if cap(r.window) < size {
		r.window = make([]byte, size)
	}
	r.at, r.window = from, r.window[:0]
	got, err := r.src.ReadAt(r.window[:size], from)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	r.window = r.window[:got]
	if got < size {
		r.limit = from + int64(got) // somebody cut it short
	}
	if got < n {
		return nil, io.EOF
	}
	return r.window, nil
}
