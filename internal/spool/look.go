package spool

import (
	"path/filepath"
)

// HoldsRecords reports whether somebody left records in a directory that nobody
// has open. A spool that was emptied and closed leaves none.
func HoldsRecords(dir string) bool {
	fsys := osFS{}
	names, err := fsys.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, name := range names {
		if _, isSegment := segmentNumber(name); !isSegment {
			continue
		}
		f, err := fsys.OpenFile(filepath.Join(dir, name), 0, 0)
		if err != nil {
			continue // nothing can be said of it
		}
		size, err := f.Size()
		_ = f.Close() // it was only measured
		if err == nil && size > headerBytes {
			return isFree(fsys, dir)
		}
	}
	return false
}

// isFree reports whether nobody has the spool open at this moment.
func isFree(fsys FS, dir string) bool {
	lock, free, err := fsys.Lock(filepath.Join(dir, lockName))
	if err != nil {
		return false
	}
	_ = lock.Close() // it was only tried
	return free
}
