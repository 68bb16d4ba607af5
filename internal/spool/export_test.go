package spool

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"time"
)

// SyncDir is what the operating system's file system does.
var SyncDir = syncDir

// Newer returns a segment as a later version of the format would begin it.
func Newer(content []byte) []byte {
	content = slices.Clone(content)
	for _, at := range []int{0, headerBytes / 2} {
		b := content[at : at+copyBytes]
		b[len(magic)]++
		binary.LittleEndian.PutUint32(b[copyBytes-4:], crc32.Checksum(b[:copyBytes-4], castagnoli))
	}
	return content
}

// Forge returns a frame as somebody would make it who thinks that this is the
// key.
func Forge(key []byte, first int64, payload []byte) []byte {
	b := appendFrame(nil, payload, 1)
	placeFrame(b, (*[16]byte)(key), first, time.Time{}, 0)
	return b
}
