package sketch

import (
	"encoding/binary"
	"fmt"
)

// The encoding lists the non-empty buckets in ascending order, each as two
// varints: how many buckets were skipped since the one before, and its count.
// Buckets are numbered by slot: 0 is the zero bucket, then minIndex to
// maxIndex. A latency histogram of one endpoint and hour takes 50 to 200 bytes.
const (
	slotBase = minIndex - 1 // slot = index - slotBase
	slots    = maxIndex - slotBase + 1
)

// AppendBinary appends the encoding to b. The error is always nil; it is there
// for encoding.BinaryAppender.
func (h *Histogram) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, histogramV1)
	next := 0
	if h.zero > 0 {
		b = binary.AppendUvarint(append(b, 0), h.zero)
		next = 1
	}
	for i, n := range h.counts {
		if n == 0 {
			continue
		}
		slot := h.first + i - slotBase
		b = binary.AppendUvarint(b, uint64(slot-next))
		b = binary.AppendUvarint(b, n)
		next = slot + 1
	}
	return b, nil
}

// UnmarshalBinary replaces h by what b encodes. It refuses, with ErrEncoding,
// all that AppendBinary does not write.
func (h *Histogram) UnmarshalBinary(b []byte) error {
	var decoded Histogram
	if err := decoded.MergeBinary(b); err != nil {
		return err
	}
	*h = decoded
	return nil
}

// MergeBinary adds the histogram that b encodes, without building it.
func (h *Histogram) MergeBinary(b []byte) error {
	b, err := payload(b, histogramV1)
	if err != nil {
		return err
	}
	first, last, ok := checkBuckets(b)
	if !ok {
		return fmt.Errorf("%w: buckets of a histogram", ErrEncoding)
	}
	if last > 0 {
		h.cover(max(first, 1)+slotBase, last+slotBase)
	}
	slot := 0
	for len(b) > 0 {
		gap, n := uvarint(b)
		count, m := uvarint(b[n:])
		b = b[n+m:]
		slot += int(gap)
		bucket := &h.zero
		if slot > 0 {
			bucket = &h.counts[slot+slotBase-h.first]
		}
		*bucket = addCounts(*bucket, count)
		h.total = addCounts(h.total, count)
		slot++
	}
	return nil
}

// checkBuckets returns the first and last slot of the buckets that b lists. It
// reads them before any is counted, so that a bad encoding counts nothing.
func checkBuckets(b []byte) (first, last int, ok bool) {
	first = -1
	next := 0
	for len(b) > 0 {
		gap, n := uvarint(b)
		if n == 0 || gap >= uint64(slots-next) {
			return 0, 0, false
		}
		_, m := countAt(b[n:])
		if m == 0 {
			return 0, 0, false
		}
		b = b[n+m:]
		last = next + int(gap)
		if first < 0 {
			first = last
		}
		next = last + 1
	}
	return first, last, true
}
