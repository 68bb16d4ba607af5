package terminal

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// bare runs the program on a terminal that answers no question, as a serial
// line does, and returns the reader's end of it.
func bare(t testing.TB, args ...string) (*os.File, *exec.Cmd) {
	t.Helper()
	program := exec.Command(built(t), args...)
	program.Env = append(environment(t), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TZ=UTC")
	terminal, err := pty.StartWithSize(program, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	if err := terminal.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return terminal, program
}

// paint reads what the program draws up to its last words.
func paint(t testing.TB, terminal io.Reader, last string) string {
	t.Helper()
	var drawn bytes.Buffer
	for buffer := make([]byte, 64<<10); !strings.Contains(drawn.String(), last); {
		n, err := terminal.Read(buffer)
		drawn.Write(buffer[:n])
		if err != nil {
			t.Fatalf("%v after %q", err, &drawn)
		}
	}
	return drawn.String()
}

// A terminal that never answers does not hold the first frame up, and the
// program says there what it says elsewhere.
func TestATerminalThatNeverAnswers(t *testing.T) {
	t.Parallel()
	terminal, program := bare(t, "tui", "--database-url", seed(t))
	drawn := paint(t, terminal, "quit")
	if !strings.Contains(drawn, "\x1b]11;?") {
		t.Errorf("the ground is not asked for: %q", drawn)
	}
	// The answer of a slow one, between two keys, is none.
	if _, err := terminal.WriteString("5\x1b]11;rgb:ffff/ffff/ffff\x1b\\?"); err != nil {
		t.Fatal(err)
	}
	paint(t, terminal, "Any other key")
	if _, err := terminal.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	paint(t, terminal, "following")
	if _, err := terminal.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	if drawn = paint(t, terminal, "\x1b[?1049l"); strings.Contains(drawn, "11;rgb") {
		t.Errorf("the answer is on the screen: %q", drawn)
	}
	if err := program.Wait(); err != nil {
		t.Error(err)
	}
}

// Only the dashboard asks the terminal anything: a question that nobody answers
// would hold every other command up, and swallow what is typed.
func TestNoOtherCommandAsksTheTerminal(t *testing.T) {
	t.Parallel()
	terminal, program := bare(t, "version")
	drawn := paint(t, terminal, "\n")
	if strings.Contains(drawn, "\x1b") {
		t.Errorf("version writes %q", drawn)
	}
	if err := program.Wait(); err != nil {
		t.Error(err)
	}
}

// How long it takes from the start of the program to a whole frame. What is
// reported is the median.
func BenchmarkFirstPaint(b *testing.B) {
	database := seed(b)
	built(b)
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		terminal, program := bare(b, "tui", "--database-url", database)
		paint(b, terminal, "quit")
		took = append(took, time.Since(began))
		if _, err := terminal.WriteString("q"); err != nil {
			b.Fatal(err)
		}
		paint(b, terminal, "\x1b[?1049l")
		if err := program.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/first-paint")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms/slowest")
}
