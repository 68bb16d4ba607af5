package server

import (
	"context"
	"os"
	"syscall"
)

// passedOn is empty: Windows has no such signals.
var passedOn []os.Signal

// ownGroup keeps Ctrl-C of the console from ending the command before the
// requests in flight are done.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func failReadsInBackground() {}

// killGroup ends the process. What it has started is not known here.
func killGroup(p *os.Process) { _ = p.Kill() } // gone already is fine

func endGroup(context.Context, *os.Process) {}
