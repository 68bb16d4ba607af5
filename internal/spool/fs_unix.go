//go:build !windows

package spool

import (
	"errors"
	"os"
	"syscall"
)

// isUnreadable reports whether the disk does not give back what it holds.
func isUnreadable(err error) bool { return errors.Is(err, syscall.EIO) }

// syncDir makes the names in a directory durable, where the file system lets
// it: those that cannot (some of FUSE, 9P, CIFS) say that it makes no sense.
func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	if closing := d.Close(); err == nil {
		err = closing
	}
	return err
}
