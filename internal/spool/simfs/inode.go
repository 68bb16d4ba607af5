package simfs

import "slices"

// sectorBytes is what a disk writes wholly or not at all.
const sectorBytes = 512

// inode is a file: what a program reads, what is on the disk, and the writes
// that lead from this to that.
type inode struct {
	memory  []byte
	durable []byte
	pending []write
}

// write changes a file. One without data cuts it to the length at.
type write struct {
	at   int64
	data []byte
}

func (w write) isTruncate() bool { return w.data == nil }

func (w write) apply(b []byte) []byte {
	if w.isTruncate() {
		return resize(b, w.at)
	}
	if end := w.at + int64(len(w.data)); end > int64(len(b)) {
		b = resize(b, end)
	}
	copy(b[w.at:], w.data)
	return b
}

func resize(b []byte, size int64) []byte {
	if size <= int64(len(b)) {
		return b[:size:size]
	}
	return append(b, make([]byte, size-int64(len(b)))...)
}

func (f *inode) write(w write) {
	f.memory = w.apply(f.memory)
	f.pending = append(f.pending, w)
}

// sync applies what was written, in order. What an earlier failed sync lost
// stays lost.
func (f *inode) sync() {
	for _, w := range f.pending {
		f.durable = w.apply(f.durable)
	}
	f.pending = nil
}

// lose is what a failed sync does: it keeps what luck keeps, and takes all for
// written.
func (f *inode) lose(luck func() bool, stale []byte) {
	size := int64(len(f.durable))
	image := slices.Clone(f.durable)
	for _, w := range f.pending {
		if w.isTruncate() {
			if luck() {
				image = resize(image, w.at)
				size = w.at
			}
			continue
		}
		for _, sector := range sectors(w) {
			if luck() {
				image = sector.apply(image)
			}
		}
		// How long the file is is written apart from what is in it.
		if end := w.at + int64(len(w.data)); end > size && luck() {
			size = end
		}
	}
	known := int64(len(f.durable))
	f.durable = resize(image, size)
	// Blocks that were given to the file and never written hold zeros, or what
	// was in another file before.
	if isStale := luck(); isStale {
		for i := known; i < size && i < int64(len(stale)); i++ {
			if f.durable[i] == 0 {
				f.durable[i] = stale[i]
			}
		}
	}
	f.pending = nil
}

func (f *inode) crash(luck func() bool, stale []byte) {
	f.lose(luck, stale)
	f.memory = slices.Clone(f.durable)
}

// sectors splits a write at the borders of sectors.
func sectors(w write) []write {
	var parts []write
	for at, data := w.at, w.data; len(data) > 0; {
		n := min(int64(len(data)), sectorBytes-at%sectorBytes)
		parts = append(parts, write{at, data[:n]})
		at, data = at+n, data[n:]
	}
	return parts
}
