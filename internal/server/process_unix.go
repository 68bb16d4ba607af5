//go:build unix

package server

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// passedOn are the signals that concern the command alone.
var passedOn = []os.Signal{syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2}

// failReadsInBackground makes reading the terminal fail once this process is in
// the background. The kernel would stop it otherwise, server and all.
func failReadsInBackground() { signal.Ignore(syscall.SIGTTIN) }

// killGroup ends the process and everything in its group at once.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) } // gone already is fine

// endGroup ends what a process that has ended has left behind in its group:
// politely at first, at once when ctx ends.
func endGroup(ctx context.Context, p *os.Process) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for sig := syscall.SIGTERM; ; sig = 0 {
		reapGroup(p)
		if err := syscall.Kill(-p.Pid, sig); errors.Is(err, syscall.ESRCH) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			killGroup(p)
			return
		}
	}
}

// reapGroup clears away what has ended in the group of a process that has been
// waited for itself. That is only this process's to do as process 1, that of a
// container for example, which is the parent of what others leave behind: nothing
// else would, and what has ended counts as there until then.
func reapGroup(p *os.Process) {
	for {
		reaped, err := syscall.Wait4(-p.Pid, nil, syscall.WNOHANG, nil)
		if reaped <= 0 && !errors.Is(err, syscall.EINTR) {
			return // none has ended, or none is left
		}
	}
}
