//go:build unix

package tui

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/muesli/termenv"
	"golang.org/x/term"

	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// patience is how long a test waits for what should come at once.
const patience = 30 * time.Second

// session is a dashboard that runs on a terminal of its own.
type session struct {
	t        *testing.T
	terminal *os.File // the reader's end
	tty      *os.File
	before   *term.State
	ended    chan error

	mu      sync.Mutex
	out     bytes.Buffer
	written *sync.Cond
}

// start runs the dashboard at 80x24.
func start(t *testing.T, ctx context.Context, o Options) *session {
	t.Helper()
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, terminal: terminal, tty: tty, before: before, ended: make(chan error, 1)}
	s.written = sync.NewCond(&s.mu)
	o.In, o.Out, o.Now = tty, tty, func() time.Time { return noon }
	o.Look = look.Options{Profile: termenv.Ascii}
	read := make(chan struct{})
	go s.read(read)
	go func() { s.ended <- Run(ctx, o) }()
	t.Cleanup(func() {
		tty.Close()
		terminal.Close()
		<-read
	})
	return s
}

func (s *session) read(done chan<- struct{}) {
	defer close(done)
	for buffer := make([]byte, 4096); ; {
		n, err := s.terminal.Read(buffer)
		s.mu.Lock()
		s.out.Write(buffer[:n])
		s.written.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// wait returns once the terminal was sent some words.
func (s *session) wait(words string) {
	s.t.Helper()
	late := time.AfterFunc(patience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.written.Broadcast()
	})
	defer late.Stop()
	deadline := time.Now().Add(patience)
	s.mu.Lock()
	defer s.mu.Unlock()
	for !strings.Contains(s.out.String(), words) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%q was never shown:\n%q", words, s.out.String())
		}
		s.written.Wait()
	}
}

func (s *session) press(keys string) {
	s.t.Helper()
	if _, err := s.terminal.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// end returns what Run returned, and checks that the terminal is as it was.
func (s *session) end() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		s.wait("\x1b[?1049l")
		s.wait("\x1b[?25h")
		after, stateErr := term.GetState(int(s.tty.Fd()))
		if stateErr != nil || *after != *s.before {
			s.t.Errorf("the terminal is %+v, was %+v, error %v", after, s.before, stateErr)
		}
		return err
	case <-time.After(patience):
		s.t.Fatal("the dashboard does not end")
		return nil
	}
}

func opening(source query.Source) func(context.Context) (query.Source, func() error, error) {
	return func(context.Context) (query.Source, func() error, error) { return source, nil, nil }
}

func TestRunPaintsBeforeTheSourceIsOpen(t *testing.T) {
	t.Parallel()
	source, release, closed := sourceOf(t, filled), make(chan struct{}), false
	s := start(t, t.Context(), Options{Open: func(context.Context) (query.Source, func() error, error) {
		<-release
		return source, func() error { closed = true; return nil }, nil
	}, Mouse: true})
	s.wait("Response time")
	s.wait("\x1b[?1002h")
	s.press("?") // keys work meanwhile
	s.wait("Any other key")
	s.press("x")
	close(release)
	s.wait("2,724")
	s.press("q")
	if err := s.end(); err != nil {
		t.Errorf("Run returned %v", err)
	}
	if !closed {
		t.Error("the source was not closed")
	}
}

func TestRunWithoutMouse(t *testing.T) {
	t.Parallel()
	s := start(t, t.Context(), Options{Open: opening(sourceOf(t, filled))})
	s.wait("2,724")
	s.press("\x03")
	if err := s.end(); err != nil {
		t.Errorf("Run returned %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(s.out.String(), "\x1b[?1002h") {
		t.Error("the mouse was listened to")
	}
}

func TestRunEndsWithTheErrorOfTheFirstOpening(t *testing.T) {
	t.Parallel()
	s := start(t, t.Context(), Options{Open: func(context.Context) (query.Source, func() error, error) {
		return nil, nil, fs.ErrNotExist
	}})
	if err := s.end(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Run returned %v, want %v", err, fs.ErrNotExist)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := start(t, ctx, Options{Open: opening(sourceOf(t, filled))})
	s.wait("2,724")
	cancel()
	if err := s.end(); err != nil {
		t.Errorf("Run returned %v", err)
	}
}

// Signals are for the whole process, so no other dashboard may run meanwhile.
func TestRunEndsWithASignal(t *testing.T) { //nolint:paralleltest // see above
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		s := start(t, t.Context(), Options{Open: opening(sourceOf(t, filled))})
		s.wait("2,724")
		if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
			t.Fatal(err)
		}
		if err := s.end(); err != nil {
			t.Errorf("after %s, Run returned %v", signal, err)
		}
	}
}

// panicking is a source with a defect.
type panicking struct{ query.Source }

func (panicking) Usage(context.Context, query.UsageParams) (*query.Usage, error) { panic("a defect") }

func TestAPanicRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	s := start(t, t.Context(), Options{Open: opening(panicking{sourceOf(t, filled)})})
	if err := s.end(); !errors.As(err, new(*defect)) || !strings.Contains(err.Error(), "a defect") {
		t.Errorf("Run returned %v, want the defect", err)
	}
}

// stuck answers nothing until it is told to give up.
type stuck struct {
	query.Source
	asked chan struct{}
}

func (s stuck) Usage(ctx context.Context, _ query.UsageParams) (*query.Usage, error) {
	close(s.asked)
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestQuittingGivesUpWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	s := start(t, t.Context(), Options{Open: opening(stuck{sourceOf(t, filled), asked})})
	<-asked
	s.press("q")
	if err := s.end(); err != nil {
		t.Errorf("Run returned %v", err)
	}
}
