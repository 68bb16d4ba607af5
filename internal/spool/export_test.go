package spool

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

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
