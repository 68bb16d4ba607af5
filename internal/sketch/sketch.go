// Package sketch owns the mergeable state behind percentiles and user counts:
// a histogram of latencies, a distinct counter and a tally per user, each with
// one versioned encoding. It knows neither what is measured nor where the
// encodings are kept.
//
// For every type merging is commutative and associative, the zero value is
// empty and ready for use, and equal contents have equal encodings. Values are
// not safe for concurrent use while one of the users writes, and share memory
// when copied: merge into a new one instead.
package sketch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrValue is returned for a latency that no bucket holds: NaN, negative, or
// above MaxValue.
var ErrValue = errors.New("latency out of range")

// ErrEncoding is wrapped by every error of a decoder: the bytes are not what
// AppendBinary writes. The receiver is then as it was before.
var ErrEncoding = errors.New("not a valid sketch encoding")

// Each encoding begins with one byte: the type in the high half, the version
// of its layout in the low half, so that no type decodes another's bytes.
const (
	histogramV1 = 0x11
	distinctV1  = 0x21
	tallyV1     = 0x31
)

// maxCount is where counts stop growing. It is the largest BIGINT, so that a
// count always fits the database. Saturating addition of counts stays
// commutative and associative; wrapping around would be worse than both.
const maxCount = math.MaxInt64

// addCounts returns a+b, at most maxCount. Neither may exceed maxCount.
func addCounts(a, b uint64) uint64 { return min(a+b, maxCount) }

// payload returns b without its leading version byte.
func payload(b []byte, version byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("%w: empty", ErrEncoding)
	}
	if b[0] != version {
		return nil, fmt.Errorf("%w: begins with %#x, want %#x", ErrEncoding, b[0], version)
	}
	return b[1:], nil
}

// uvarint reads a varint in its shortest form and returns how many bytes it
// took: 0 when b is cut short, overlong or beyond 64 bits.
func uvarint(b []byte) (v uint64, n int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	v, n = binary.Uvarint(b)
	if n < 0 || (n > 0 && b[n-1] == 0) {
		return 0, 0
	}
	return v, n
}

// countAt reads a count as encodings hold it: a varint from 1 to maxCount.
func countAt(b []byte) (count uint64, n int) {
	count, n = uvarint(b)
	if count == 0 || count > maxCount {
		return 0, 0
	}
	return count, n
}
