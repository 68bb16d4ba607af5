//go:build unix

package server

import "syscall"

// openFiles returns how many files the process may have open at once. Go has
// raised the soft limit to the hard one by the time anybody asks.
func openFiles() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return uint64(limit.Cur) //nolint:unconvert // signed on FreeBSD
}
