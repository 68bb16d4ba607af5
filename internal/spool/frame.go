package spool

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// A frame is a record on disk. Numbers are little endian.
//
//	offset  bytes
//	     0      4  marker: the first bytes of the segment's key
//	     4      4  bytes of payload
//	     8      8  number of the first sample
//	    16      8  when it was appended, nanoseconds since 1970
//	    24      4  samples; 0: a mark, which is no record and has no payload
//	    28      8  synced: what of the segment was synced when this was written
//	    36      n  payload
//	  36+n      4  CRC32C of the rest of the key and of all above but the marker
//
// Marker and checksum are secret until they are on disk, so that no payload
// can contain what a reader would take for a frame when it looks for the next
// one behind a damaged one.
const (
	frameHeader   = 36
	frameOverhead = frameHeader + 4
	markerBytes   = 4
)

type frame struct {
	offset, end int64 // in the segment
	first       int64 // number of its first sample
	samples     int64
	at          time.Time
	synced      int64
	payload     []byte // until the next read
}

// appendFrame appends a frame with what is known before its place is.
func appendFrame(b, payload []byte, samples int) []byte {
	at := len(b)
	b = append(b, make([]byte, frameHeader)...)
	binary.LittleEndian.PutUint32(b[at+4:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(b[at+24:], uint32(samples))
	b = append(b, payload...)
	return append(b, 0, 0, 0, 0)
}

// placeFrame completes the first frame of b and returns its length and
// samples.
func placeFrame(b []byte, key *[16]byte, first int64, at time.Time, synced int64) (length int, samples int64) {
	length = frameOverhead + int(binary.LittleEndian.Uint32(b[4:]))
	b = b[:length]
	copy(b, key[:markerBytes])
	binary.LittleEndian.PutUint64(b[8:], uint64(first))
	binary.LittleEndian.PutUint64(b[16:], uint64(at.UnixNano()))
	binary.LittleEndian.PutUint64(b[28:], uint64(synced))
	binary.LittleEndian.PutUint32(b[length-4:], frameSum(b[:length-4], key))
	return length, int64(binary.LittleEndian.Uint32(b[24:]))
}

func frameSum(b []byte, key *[16]byte) uint32 {
	sum := crc32.Checksum(key[markerBytes:], castagnoli)
	return crc32.Update(sum, castagnoli, b[markerBytes:])
}
