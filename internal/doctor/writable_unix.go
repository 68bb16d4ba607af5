//go:build unix

package doctor

import "syscall"

// writable asks the system whether this process may write to a file or folder,
// without doing so.
func writable(path string) error {
	const writing = 2 // W_OK of access(2)
	return syscall.Access(path, writing)
}
