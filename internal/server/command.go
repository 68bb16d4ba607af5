package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/term"
)

// command is the application as a child process, in a process group of its own
// so that whatever it starts can be stopped with it.
type command struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// startCommand starts args with the environment of this process, of which env
// replaces or adds to variables. It returns once the process runs.
func startCommand(args, env []string, stdin, stdout, stderr *os.File) (*command, error) {
	c := &command{cmd: exec.Command(args[0], args[1:]...), done: make(chan struct{})} //nolint:gosec,noctx // running it is the job, and it is stopped by signals
	c.cmd.Stdout, c.cmd.Stderr = stdout, stderr
	c.cmd.Env = append(os.Environ(), env...)
	c.cmd.SysProcAttr = ownGroup()

	var typed io.WriteCloser
	if term.IsTerminal(int(stdin.Fd())) {
		// A process of another group that reads from the terminal is stopped
		// by the kernel, so what is typed is handed over by a pipe.
		pipe, err := c.cmd.StdinPipe()
		if err != nil {
			return nil, fmt.Errorf("start command %q: %w", args[0], err)
		}
		typed = pipe
	} else {
		c.cmd.Stdin = stdin
	}

	started := make(chan error)
	go func() {
		// The child is told to end when the thread that started it ends
		// (ownGroup, on Linux): keep that thread until then.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			_ = c.cmd.Wait() // the exit code is in ProcessState
			close(c.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, startError(args[0], err)
	}
	if typed != nil {
		failReadsInBackground()
		// Ends with this process at the latest: nothing interrupts reading a
		// terminal.
		go func() {
			_, _ = io.Copy(typed, stdin)
			_ = typed.Close()
		}()
	}
	return c, nil
}

func startError(name string, err error) error {
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("command %q: not found; check its spelling and PATH", name)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("command %q: may not be run; is it an executable file?", name)
	}
	return fmt.Errorf("start command %q: %w", name, err)
}

// signal passes sig on to the process, as if it ran in our place.
func (c *command) signal(sig os.Signal) error {
	if err := c.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal command: %w", err)
	}
	return nil
}

// exitCode returns the code of a process that has ended, 128 + n when signal n
// ended it, as shells do.
func (c *command) exitCode() int {
	state := c.cmd.ProcessState
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// stop sends sig to the process and, when it has ended, to what is left of its
// group; when ctx ends it kills them all. It returns when none is left.
func (c *command) stop(ctx context.Context, sig os.Signal) {
	if err := c.signal(sig); err != nil {
		killGroup(c.cmd.Process) // a system without such signals
	}
	select {
	case <-c.done:
		endGroup(ctx, c.cmd.Process)
	case <-ctx.Done():
		killGroup(c.cmd.Process)
		<-c.done
	}
}

// pollInterval is how often something is looked at that announces nothing.
const pollInterval = 20 * time.Millisecond

// waitForPort returns nil when address accepts a connection, and an error when
// the command ends first or ctx is over.
func (c *command) waitForPort(ctx context.Context, address string) error {
	dialer := net.Dialer{Timeout: time.Second}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-c.done:
			return errCommandEnded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

var errCommandEnded = errors.New("the command ended")
