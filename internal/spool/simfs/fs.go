package simfs

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/appmetrics/appmetrics/internal/spool"
)

// FS is the file system as one run of a program sees it.
type FS struct {
	disk *Disk
	life int
}

// find returns the directory of name and the rest of it.
func (s *FS) find(name string) (*dir, string, error) {
	name = filepath.ToSlash(name)
	d := s.disk.dirs[path.Dir(name)]
	if d == nil {
		return nil, "", &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return d, path.Base(name), nil
}

// Mkdir makes a directory.
func (s *FS) Mkdir(name string, _ fs.FileMode) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if err := s.disk.begin(s.life, OpMkdir, name); err != nil {
		return err
	}
	name = filepath.ToSlash(name)
	if s.disk.dirs[name] != nil {
		return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrExist}
	}
	if _, _, err := s.find(name); err != nil {
		return err
	}
	s.disk.dirs[name] = newDir()
	return s.disk.end()
}

// OpenFile opens a file, and makes it when flag says so.
func (s *FS) OpenFile(name string, flag int, _ fs.FileMode) (spool.File, error) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	op := OpOpen
	if flag&os.O_CREATE != 0 {
		op = OpCreate
	}
	if err := s.disk.begin(s.life, op, name); err != nil {
		return nil, err
	}
	d, base, err := s.find(name)
	if err != nil {
		return nil, err
	}
	f := d.names[base]
	switch {
	case f == nil && flag&os.O_CREATE == 0:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	case f != nil && flag&os.O_EXCL != 0:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrExist}
	case f == nil:
		f = new(inode)
		d.change(change{name: base, file: f})
	}
	if err := s.disk.end(); err != nil {
		return nil, err
	}
	return &file{fs: s, name: name, inode: f}, nil
}

// ReadDir returns the names of the files in a directory, in order.
func (s *FS) ReadDir(name string) ([]string, error) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if err := s.disk.begin(s.life, OpRead, name); err != nil {
		return nil, err
	}
	d := s.disk.dirs[filepath.ToSlash(name)]
	if d == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return slices.Sorted(maps.Keys(d.names)), nil
}

// Rename gives a file another name.
func (s *FS) Rename(from, to string) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if err := s.disk.begin(s.life, OpRename, from); err != nil {
		return err
	}
	d, base, err := s.find(from)
	if err != nil {
		return err
	}
	into, other, err := s.find(to)
	if err != nil {
		return err
	}
	f := d.names[base]
	if f == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	into.change(change{name: other, file: f})
	d.change(change{name: base, file: f, isRemove: true})
	return s.disk.end()
}

// Remove removes a file.
func (s *FS) Remove(name string) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if err := s.disk.begin(s.life, OpRemove, name); err != nil {
		return err
	}
	d, base, err := s.find(name)
	if err != nil {
		return err
	}
	f := d.names[base]
	if f == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	s.disk.stale = slices.Clone(f.memory)
	d.change(change{name: base, file: f, isRemove: true})
	return s.disk.end()
}

// SyncDir makes the names in a directory durable.
func (s *FS) SyncDir(name string) error {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	err := s.disk.begin(s.life, OpSyncDir, name)
	if err == nil {
		err = s.disk.end()
	}
	if err != nil {
		return err
	}
	name = filepath.ToSlash(name)
	d := s.disk.dirs[name]
	if d == nil {
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	d.sync()
	for below, d := range s.disk.dirs {
		if path.Dir(below) == name {
			d.isDurable = true
		}
	}
	return nil
}

type unlock func()

func (u unlock) Close() error {
	u()
	return nil
}

// Lock takes a lock that ends with the program.
func (s *FS) Lock(name string) (io.Closer, bool, error) {
	s.disk.mu.Lock()
	defer s.disk.mu.Unlock()
	if err := s.disk.begin(s.life, OpCreate, name); err != nil {
		return nil, false, err
	}
	if _, isTaken := s.disk.locks[name]; isTaken {
		return nil, false, nil
	}
	s.disk.locks[name] = s.life
	return unlock(func() {
		s.disk.mu.Lock()
		defer s.disk.mu.Unlock()
		if s.disk.locks[name] == s.life {
			delete(s.disk.locks, name)
		}
	}), true, nil
}

// file is an open file.
type file struct {
	fs    *FS
	name  string
	inode *inode
}

func (f *file) Close() error { return nil }

func (f *file) ReadAt(b []byte, at int64) (int, error) {
	d := f.fs.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(f.fs.life, OpRead, f.name); err != nil {
		return 0, err
	}
	if at >= int64(len(f.inode.memory)) {
		return 0, io.EOF
	}
	n := copy(b, f.inode.memory[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(b []byte, at int64) (int, error) {
	d := f.fs.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	failure := d.begin(f.fs.life, OpWrite, f.name)
	if errors.Is(failure, ErrDead) {
		return 0, failure
	}
	n := len(b)
	if failure != nil {
		n = d.random.IntN(n + 1) // it fails somewhere
	}
	if free := d.room() + int64(len(f.inode.memory)) - at; d.capacity > 0 && int64(n) > free {
		n, failure = int(max(free, 0)), syscall.ENOSPC
	}
	if n > 0 {
		f.inode.write(write{at, slices.Clone(b[:n])})
	}
	if failure != nil {
		return n, &fs.PathError{Op: "write", Path: f.name, Err: failure}
	}
	return n, d.end()
}

func (f *file) Size() (int64, error) {
	f.fs.disk.mu.Lock()
	defer f.fs.disk.mu.Unlock()
	if err := f.fs.disk.begin(f.fs.life, OpRead, f.name); err != nil {
		return 0, err
	}
	return int64(len(f.inode.memory)), nil
}

func (f *file) Sync() error {
	d := f.fs.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(f.fs.life, OpSync, f.name); errors.Is(err, ErrDead) {
		return err
	} else if err != nil {
		f.inode.lose(d.luck(), d.stale)
		return &fs.PathError{Op: "sync", Path: f.name, Err: err}
	}
	if err := d.end(); err != nil {
		return err // what luck keeps of it is decided by PowerCut
	}
	f.inode.sync()
	return nil
}

func (f *file) Truncate(size int64) error {
	d := f.fs.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(f.fs.life, OpTruncate, f.name); err != nil {
		return err
	}
	f.inode.write(write{at: size})
	return d.end()
}
