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

// lockDir makes the directory where it is missing, locks it and says who has it.
func lockDir(fsys FS, dir, owner string) (io.Closer, error) {
	if err := makeDir(fsys, dir); err != nil {
		return nil, err
	}
	lock, isFree, err := fsys.Lock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if !isFree {
		return nil, &LockedError{Dir: dir, Owner: readOwner(fsys, dir)}
	}
	_ = writeOwner(fsys, dir, owner) // nobody but people depends on it
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

// takesWrites returns nil when the disk takes what is written to it at this
// moment. What it writes is there already, so that a full disk, if it writes
// over what it holds, can take it too; on one that cannot, who asks must wait
// until there is space.
func (s *Spool) takesWrites() error {
	if err := writeOwner(s.opts.FS, s.opts.Dir, s.owner); err != nil {
		return fmt.Errorf("the disk takes nothing: %w", err)
	}
	return nil
}

// ownerText says who this process is, for people who find the spool in use.
func ownerText() string {
	return fmt.Sprintf("process %d since %s", os.Getpid(), time.Now().UTC().Format(time.RFC3339))
}

// writeOwner says who has the lock, in a file of its own: where locks are
// mandatory, nobody else can read a locked one. It writes over what is there.
func writeOwner(fsys FS, dir, owner string) error {
	f, err := fsys.OpenFile(filepath.Join(dir, ownerName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // synced by then
	if _, err := f.WriteAt([]byte(owner), 0); err != nil {
		return err
	}
	if err := f.Truncate(int64(len(owner))); err != nil {
		return err
	}
	return f.Sync()
}

func readOwner(fsys FS, dir string) string {
	f, err := fsys.OpenFile(filepath.Join(dir, ownerName), os.O_RDONLY, 0)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // it was only read
	text := make([]byte, 64)
	n, _ := f.ReadAt(text, 0)
	return string(text[:n])
}
