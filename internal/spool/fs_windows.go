package spool

import (
	"errors"
	"syscall"
)

// isUnreadable reports whether the disk does not give back what it holds.
func isUnreadable(err error) bool {
	const (
		errorCRC       = syscall.Errno(23)
		errorReadFault = syscall.Errno(30)
		errorIODevice  = syscall.Errno(1117)
	)
	return errors.Is(err, errorCRC) || errors.Is(err, errorReadFault) || errors.Is(err, errorIODevice)
}

// syncDir does nothing: Windows has no sync for directories, and NTFS keeps
// names in its journal.
func syncDir(string) error { return nil }
