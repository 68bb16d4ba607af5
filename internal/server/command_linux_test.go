package server_test

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/appmetrics/appmetrics/internal/server"
)

// terminal returns both ends of a pseudo-terminal: what the user types into,
// and what programs have as their input.
func terminal(t *testing.T) (keyboard, input *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	fd := int(keyboard.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	input, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = input.Close() })
	return keyboard, input
}

func TestCommandReadsWhatIsTyped(t *testing.T) {
	keyboard, input := terminal(t)
	printed, out := pipe(t)
	r := start(t, "copy", nil, func(o *server.Options) { o.Stdin, o.Stdout = input, out })
	if _, err := io.WriteString(keyboard, "typed in\n\x04"); err != nil { // ^D ends the input
		t.Fatal(err)
	}
	if got := within(t, "run ends", r.ended); got.code != 0 || got.err != nil {
		t.Errorf("got %+v", got)
	}
	_ = out.Close()
	if got, _ := io.ReadAll(printed); string(got) != "typed in\n" {
		t.Errorf("the command read %q", got)
	}
}

// As process 1 of a container, appmetrics is the parent of what the command
// leaves behind, and does not wait for those that have ended.
func TestOrphansAreReaped(t *testing.T) {
	adopt := func(is uintptr) {
		t.Helper()
		if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, is, 0, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	adopt(1) // as process 1 does
	t.Cleanup(func() { adopt(0) })
	r := start(t, "family", nil, func(o *server.Options) { o.Grace = time.Hour })
	r.answers(t)
	r.signals <- syscall.SIGTERM
	if got := within(t, "run ends", r.ended); got.code != 128+15 || got.err != nil {
		t.Errorf("got %+v, want code 143", got)
	}
}
