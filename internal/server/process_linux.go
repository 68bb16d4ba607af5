package server

import "syscall"

// ownGroup puts the command into a process group of its own. Should this
// process be killed, the command is told to end: it would hold the port that
// the next start needs.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
