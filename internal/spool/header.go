package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/google/uuid"
)

// A segment begins with its header, twice: at 0 and at headerBytes/2, in
// different sectors and pages, so that no single damage takes both. Numbers
// are little endian. The last four bytes of a copy are its checksum in every
// version of the format.
//
//	offset  bytes
//	     0      8  magic: "AMSPOOL", version
//	     8     16  source
//	    24      8  number of the segment
//	    32      8  number of its first sample
//	    40     16  key
//	    56      8  when it was begun, nanoseconds since 1970
//	    64     48  the segment before it: number, length, synced, end, records, samples
//	   112    140  zero
//	   252      4  CRC32C
const (
	headerBytes = 8 << 10 // where frames begin
	copyBytes   = 256
	magic       = "AMSPOOL"
	version     = 1
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	errDamagedHeader = errors.New("both copies of the header are damaged")
	errUnreadHeader  = errors.New("the header cannot be read")
	errNewerFormat   = errors.New("written by a newer version of the program")
)

type header struct {
	source uuid.UUID
	number int64
	first  int64
	key    [16]byte
	at     time.Time
	before extent // number 0: no segment before it
}

// extent says what of a segment counts. The next segment keeps it, so that
// what lies behind its length, refused or torn, is never read again, and so
// that a spool opens without reading all of it.
type extent struct {
	number  int64
	length  int64 // where the last intact frame ends
	synced  int64 // what lies before it was surely synced: damage there is damage
	end     int64 // number behind its last sample
	records int64
	samples int64
}

func (h *header) encode() []byte {
	block := make([]byte, headerBytes)
	b := block[:copy(block, magic)]
	b = append(b, version)
	b = append(b, h.source[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.number))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.first))
	b = append(b, h.key[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.at.UnixNano()))
	for _, n := range []int64{
		h.before.number, h.before.length, h.before.synced, h.before.end, h.before.records, h.before.samples,
	} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	sum := crc32.Checksum(block[:copyBytes-4], castagnoli)
	binary.LittleEndian.PutUint32(block[copyBytes-4:], sum)
	copy(block[headerBytes/2:], block[:copyBytes])
	return block
}

// readHeader returns the header of the segment of this number. It returns
// errDamagedHeader, errNewerFormat, errUnreadHeader where the disk does not give
// back a copy and the other is of no use either, or what else the disk said.
func readHeader(r io.ReaderAt, number int64) (header, error) {
	var b [copyBytes]byte
	failed := errDamagedHeader
	for _, at := range []int64{0, headerBytes / 2} {
		_, err := readInsistently(r, b[:], at, time.Now())
		switch {
		case errors.Is(err, io.EOF):
			continue
		case isUnreadable(err):
			failed = fmt.Errorf("%w: %w", errUnreadHeader, err)
			continue
		case err != nil:
			return header{}, err
		}
		if crc32.Checksum(b[:copyBytes-4], castagnoli) != binary.LittleEndian.Uint32(b[copyBytes-4:]) ||
			!bytes.HasPrefix(b[:], []byte(magic)) {
			continue
		}
		if b[len(magic)] != version {
			return header{}, errNewerFormat
		}
		if h := decodeHeader(b[len(magic)+1:]); h.number == number && h.first >= 0 {
			return h, nil
		}
	}
	return header{}, failed
}

func decodeHeader(b []byte) header {
	var h header
	number := func() int64 {
		n := int64(binary.LittleEndian.Uint64(b))
		b = b[8:]
		return n
	}
	b = b[copy(h.source[:], b):]
	h.number, h.first = number(), number()
	b = b[copy(h.key[:], b):]
	h.at = time.Unix(0, number()).UTC()
	h.before = extent{number(), number(), number(), number(), number(), number()}
	return h
}
