package spool_test

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"testing"
)

// Whatever happens to the bytes of a segment, the spool opens, and every
// record that nothing happened to is there, once and in order.
func FuzzDamage(f *testing.F) {
	w := write(f, wentOn)
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 1, 0x20, 0, 0, 7})
	f.Add([]byte{0, 0, 0x30, 1, 0, 1, 0, 2, 0, 1, 1, 3})
	f.Fuzz(func(t *testing.T, edits []byte) {
		content := bytes.Clone(w.files[w.name])
		hit := make(map[int]bool)
		isCopyHit := [2]bool{}
		for ; len(edits) >= 4; edits = edits[4:] {
			at := int(binary.BigEndian.Uint32(edits)>>8) % len(content)
			content[at] ^= edits[3]
			hit[w.at(int64(at))] = true
			if at < headerBytes {
				isCopyHit[at/(headerBytes/2)] = true
			}
		}
		found, _ := reopen(t, w.with(content))
		if isCopyHit[0] && isCopyHit[1] {
			if !isInOrder(append(slices.Clone(w.records), w.rest...), found) {
				t.Errorf("found %v", found)
			}
			return
		}
		var sure []string
		for i, r := range w.records {
			if !hit[i] {
				sure = append(sure, r)
			}
		}
		sure = append(sure, w.rest...)
		if !isInOrder(found, sure) || !isInOrder(append(slices.Clone(w.records), w.rest...), found) {
			t.Errorf("%d records hit\nfound %v\nwant  %v", len(hit), found, sure)
		}
	})
}

// Any bytes may stand where a segment is expected.
func FuzzSegment(f *testing.F) {
	w := write(f, wentOn)
	f.Add([]byte(nil))
	f.Add(w.files[w.name][:headerBytes+2000])
	f.Add(append(bytes.Clone(w.files[w.name][:headerBytes]), make([]byte, 500)...))
	f.Fuzz(func(t *testing.T, content []byte) {
		files := maps.Clone(w.files)
		files["0000000000000001.segment"] = content
		found, _ := reopen(t, files)
		if !isInOrder(append(slices.Clone(w.records), w.rest...), found) || !isInOrder(found, w.rest) {
			t.Errorf("found %v", found)
		}
	})
}

// isInOrder reports whether some is what remains of all when others are left
// out.
func isInOrder(all, some []string) bool {
	for _, r := range all {
		if len(some) > 0 && some[0] == r {
			some = some[1:]
		}
	}
	return len(some) == 0
}
