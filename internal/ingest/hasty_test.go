package ingest_test

import (
	"io"
	"io/fs"
	"os"

	"github.com/appmetrics/appmetrics/internal/spool"
)

// hasty is a real file system that waits for no disk, for tests with so much in
// a spool that it must not be in memory.
type hasty struct{}

type hastyFile struct{ *os.File }

func (hastyFile) Sync() error { return nil }

func (f hastyFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (hasty) Mkdir(name string, perm fs.FileMode) error { return os.Mkdir(name, perm) }
func (hasty) Rename(from, to string) error              { return os.Rename(from, to) }
func (hasty) Remove(name string) error                  { return os.Remove(name) }
func (hasty) SyncDir(string) error                      { return nil }
func (hasty) Lock(string) (io.Closer, bool, error)      { return io.NopCloser(nil), true, nil }

func (hasty) OpenFile(name string, flag int, perm fs.FileMode) (spool.File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return hastyFile{f}, nil
}

func (hasty) ReadDir(name string) ([]string, error) {
	entries, err := os.ReadDir(name)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}
