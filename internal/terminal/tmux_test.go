package terminal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// patience is long because a busy machine under the race detector is slow.
const patience = 60 * time.Second

// again is the pause between two looks at a screen.
const again = 20 * time.Millisecond

// terminal is a program that runs in a tmux of its own.
type terminal struct {
	t      testing.TB
	socket string
	folder string // where the shell around the program leaves its notes
}

// around is the shell around the program: it notes the program's id and what
// the terminal is like before and after, and says how it ended.
const around = `cd "$1" && shift
stty -g >before
sh -c 'echo $$ >id; exec "$@" 2>stderr' sh "$@"
echo "ended with $?"
stty -g >after
exec cat >/dev/null`

// terminals tells sockets apart.
var terminals atomic.Int64

// open runs the program, with arguments, in a terminal of a size.
func open(t testing.TB, width, height int, args ...string) *terminal {
	t.Helper()
	return openWith(t, nil, width, height, args...)
}

// openWith is open with more of an environment.
func openWith(t testing.TB, env []string, width, height int, args ...string) *terminal {
	t.Helper()
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		t.Fatal("tmux is missing: .ci/with-tmux installs it")
	}
	x := &terminal{t: t, folder: t.TempDir(), socket: fmt.Sprintf("appmetrics-%d-%d", os.Getpid(), terminals.Add(1))}
	command := []string{
		"-f", "/dev/null", "-L", x.socket, "-u", "new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height),
		"sh", "-c", around, "sh", x.folder, built(t),
	}
	server := exec.CommandContext(t.Context(), tmux, append(command, args...)...)
	server.Env = append(append(environment(t), env...), "TERM=xterm-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8", "TZ=UTC")
	t.Cleanup(func() {
		// The server ends with its only session, and the program with that.
		_ = exec.CommandContext(context.WithoutCancel(t.Context()), tmux, "-L", x.socket, "kill-server").Run()
	})
	if out, err := server.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	return x
}

func (x *terminal) tmux(args ...string) string {
	x.t.Helper()
	out, err := exec.CommandContext(x.t.Context(), "tmux", append([]string{"-L", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

// screen returns what a reader sees.
func (x *terminal) screen() string {
	x.t.Helper()
	return x.tmux("capture-pane", "-p")
}

// press presses keys as tmux calls them: q, Enter, Escape, Down, C-c.
func (x *terminal) press(keys ...string) {
	x.t.Helper()
	x.tmux(append([]string{"send-keys"}, keys...)...)
}

// enter types words.
func (x *terminal) enter(words string) {
	x.t.Helper()
	x.tmux("send-keys", "-l", words)
}

func (x *terminal) resize(width, height int) {
	x.t.Helper()
	x.tmux("resize-window", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height))
}

// until waits for a screen that shows all of the words, and returns it.
func (x *terminal) until(words ...string) string {
	x.t.Helper()
	return x.when(fmt.Sprintf("%q", words), func(screen string) bool {
		for _, w := range words {
			if !strings.Contains(screen, w) {
				return false
			}
		}
		return true
	})
}

// gone waits for a screen that does not show words.
func (x *terminal) gone(words string) string {
	x.t.Helper()
	return x.when(fmt.Sprintf("no %q", words), func(screen string) bool { return !strings.Contains(screen, words) })
}

func (x *terminal) when(what string, ok func(screen string) bool) string {
	x.t.Helper()
	for deadline := time.Now().Add(patience); ; <-time.After(again) {
		screen := x.screen()
		if ok(screen) {
			return screen
		}
		if time.Now().After(deadline) {
			x.t.Fatalf("waited for %s in vain:\n%s\nstderr: %s", what, screen, x.note("stderr"))
		}
	}
}

// note returns what the shell around the program noted.
func (x *terminal) note(name string) string {
	content, err := os.ReadFile(filepath.Join(x.folder, name))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(content))
}

// signal sends a signal to the program.
func (x *terminal) signal(s syscall.Signal) {
	x.t.Helper()
	id, err := strconv.Atoi(x.note("id"))
	if err != nil {
		x.t.Fatal(err)
	}
	if err := syscall.Kill(id, s); err != nil {
		x.t.Fatal(err)
	}
}

// ended waits for the end of the program and checks that it left the terminal
// as it was: the modes of the line, the screen, the cursor and the mouse.
func (x *terminal) ended(code int) {
	x.t.Helper()
	x.until(fmt.Sprintf("ended with %d\n", code))
	x.when("what the terminal is like", func(string) bool { return x.note("after") != "" && !strings.Contains(x.note("after"), "no such file") })
	if before, after := x.note("before"), x.note("after"); before != after {
		x.t.Errorf("stty says %s, it was %s", after, before)
	}
	const modes = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag}"
	if got := strings.TrimSpace(x.tmux("display-message", "-p", modes)); got != "0 1 0 0" {
		x.t.Errorf("alternate screen, cursor, mouse and keypad are %s, want 0 1 0 0", got)
	}
}
