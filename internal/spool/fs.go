package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// FS is what a spool asks of a file system. Names are paths. Errors for what
// is missing or there already are fs.ErrNotExist and fs.ErrExist.
type FS interface {
	Mkdir(name string, perm fs.FileMode) error
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	ReadDir(name string) ([]string, error) // names without their directory, in order
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(name string) error // makes what was created, renamed or removed in it durable

	// Lock takes the lock of name, a file that is made where it is missing, and
	// returns what gives it back. It does not wait: isFree is false when another
	// has it.
	Lock(name string) (unlock io.Closer, isFree bool, err error)
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Size() (int64, error)
	Sync() error
	Truncate(size int64) error
}

// osFS is the operating system's file system.
type osFS struct{}

type osFile struct{ *os.File }

func (osFS) Mkdir(name string, perm fs.FileMode) error { return os.Mkdir(name, perm) }
func (osFS) Rename(from, to string) error              { return os.Rename(from, to) }
func (osFS) Remove(name string) error                  { return os.Remove(name) }
func (osFS) SyncDir(name string) error                 { return syncDir(name) }

func (osFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) ReadDir(name string) ([]string, error) {
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (osFS) Lock(name string) (io.Closer, bool, error) {
	lock := flock.New(name, flock.SetPermissions(0o600))
	isFree, err := lock.TryLock()
	return lock, isFree, err
}

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Names beside the segments.
const (
	lockName  = "lock"
	ownerName = "owner"
)

// lockDir makes the directory where it is missing and locks it.
func lockDir(fsys FS, dir string) (io.Closer, error) {
	if err := makeDir(fsys, dir); err != nil {
		return nil, err
	}
	lock, isFree, err := fsys.Lock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	owner := filepath.Join(dir, ownerName)
	if !isFree {
		return nil, &LockedError{Dir: dir, Owner: readOwner(fsys, owner)}
	}
	writeOwner(fsys, owner)
	return lock, nil
}

// makeDir makes dir, and those above it that are missing, and syncs the names.
func makeDir(fsys FS, dir string) error {
	parent := filepath.Dir(dir)
	err := fsys.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrNotExist) && parent != dir {
		if err := makeDir(fsys, parent); err != nil {
			return err
		}
		err = fsys.Mkdir(dir, 0o700)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// Also when it is there already: who made it may not have come to this. Not
	// everybody may read the directory above, and who may not did not make this.
	if err := fsys.SyncDir(parent); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// writeOwner says who has the lock, in a file of its own: where locks are
// mandatory, nobody else can read a locked one. Nothing depends on it.
func writeOwner(fsys FS, name string) {
	f, err := fsys.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }() // see above
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt(fmt.Appendf(nil, "process %d since %s", os.Getpid(), time.Now().UTC().Format(time.RFC3339)), 0)
	}
}

func readOwner(fsys FS, name string) string {
	f, err := fsys.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // it was only read
	text := make([]byte, 64)
	n, _ := f.ReadAt(text, 0)
	return string(text[:n])
}
