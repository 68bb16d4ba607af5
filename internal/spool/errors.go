package spool

import (
	"errors"
	"fmt"
)

// What Append, Peek and Release return.
var (
	ErrFull     = errors.New("spool is full")
	ErrClosed   = errors.New("spool is closed")
	ErrTooLarge = fmt.Errorf("record is larger than %d MiB", MaxRecordBytes>>20)
)

// DiskError says that the disk refused records. They are not in the spool and
// will never be, whatever happens next, unless MayReturn says so.
type DiskError struct {
	Op  string // what was tried
	Err error  // what the disk said

	// MayReturn: the disk refused the note that these records are refused as
	// well. They are not read unless the machine, not just the program, goes
	// down before the note is written, with the next append or Close. So it is
	// when writing them panicked.
	MayReturn bool
}

// Error says what was tried and what the disk said.
func (e *DiskError) Error() string { return "spool: " + e.Op + ": " + e.Err.Error() }

// Unwrap returns what the disk said.
func (e *DiskError) Unwrap() error { return e.Err }

// LockedError says that somebody else has the spool open.
type LockedError struct {
	Dir   string
	Owner string // who it is, in its own words; empty when it has not said
}

// Error names the directory and the owner.
func (e *LockedError) Error() string {
	if e.Owner == "" {
		return fmt.Sprintf("spool %s is in use by another process", e.Dir)
	}
	return fmt.Sprintf("spool %s is in use by %s", e.Dir, e.Owner)
}
