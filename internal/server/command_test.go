package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/server"
)

// Tests that start commands set the environment of this process, which the
// commands inherit; so they do not run in parallel.

// ended is how a run came out.
type ended struct {
	code int
	err  error
}

// run is a server that runs a command.
type run struct {
	*rig
	signals  chan os.Signal
	upstream string // HOST:PORT of the command
	ended    chan ended
	log      *logged
}

// ports counts those that freePort has looked at.
var ports atomic.Int64

// freePort returns the address of a port that nobody listens on, nor will by
// chance: systems hand out higher ones for port 0, Linux from 32768.
func freePort(t testing.TB) string {
	t.Helper()
	const lowest, number, perProcess = 20_000, 12_000, 100
	for range number {
		n := int64(os.Getpid())*perProcess + ports.Add(1)
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", lowest+n%number))
		if err == nil {
			_ = l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// start runs the named application behind a server. Its arguments are the
// address it should listen on and then args.
func start(t *testing.T, application string, args []string, change func(*server.Options)) *run {
	t.Helper()
	t.Setenv("SERVER_TEST_APPLICATION", application)
	r := &run{signals: make(chan os.Signal, 8), upstream: freePort(t), ended: make(chan ended, 1), log: &logged{}}
	recorded := newSamples()
	options := testOptions(recorded)
	options.Upstream = parse(t, "http://"+r.upstream)
	if args == nil {
		args = []string{r.upstream}
	}
	options.Command = append([]string{os.Args[0]}, args...)
	options.Signals = r.signals
	options.Logger = r.log.logger()
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nothing.Close() })
	options.Stdin = nothing
	if change != nil {
		change(&options)
	}
	s, err := server.New(options)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	r.rig = &rig{Server: s, samples: recorded, client: &http.Client{Transport: transport}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := s.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	go func() {
		code, err := s.Run(context.Background())
		r.ended <- ended{code, err}
	}()
	return r
}

// eventually polls what announces nothing from another process.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	timeout := time.After(patience)
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		if ok() {
			tick.Stop()
			return
		}
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("never came true: %s", what)
		}
	}
}

// answers waits until the command answers through the server.
func (r *run) answers(t testing.TB) {
	t.Helper()
	eventually(t, "the server listens", func() bool { return r.Addr() != nil })
	r.URL = "http://" + r.Addr().String()
	eventually(t, "the application is ready", func() bool {
		res, _ := r.get(t, "/internal/appmetrics/ready")
		return res.StatusCode == http.StatusOK
	})
}

func listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func TestCommandServesAndStops(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			started := make(chan net.Addr, 1)
			r := start(t, "web", nil, func(o *server.Options) { o.Started = func(a net.Addr) { started <- a } })
			r.answers(t)
			if got := within(t, "it says where it serves", started); got.String() != r.Addr().String() {
				t.Errorf("started on %v, serves on %v", got, r.Addr())
			}
			if _, body := r.get(t, "/orders"); body == "" || body == "0" {
				t.Errorf("got %q, want the process id", body)
			}
			r.signals <- sig
			if got := within(t, "run ends", r.ended); got.code != 7 || got.err != nil {
				t.Errorf("got %+v, want the command's code 7", got)
			}
			if listens(r.upstream) {
				t.Error("the command still listens")
			}
		})
	}
}

func TestCommandEndsByItself(t *testing.T) {
	r := start(t, "web", nil, nil)
	r.answers(t)
	res, err := r.client.Get(r.URL + "/exit/23")
	if err == nil {
		res.Body.Close()
	}
	if got := within(t, "run ends", r.ended); got.code != 23 || got.err != nil {
		t.Errorf("got %+v, want code 23", got)
	}
}

func TestCommandEndsBeforeItAnswers(t *testing.T) {
	r := start(t, "exit", []string{"3"}, nil)
	if got := within(t, "run ends", r.ended); got.code != 3 || got.err != nil {
		t.Errorf("got %+v, want code 3", got)
	}
}

func TestCommandKilled(t *testing.T) {
	r := start(t, "web", nil, nil)
	r.answers(t)
	_, pid := r.get(t, "/")
	if err := syscall.Kill(atoi(t, pid), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := within(t, "run ends", r.ended); got.code != 128+9 || got.err != nil {
		t.Errorf("got %+v, want code 137", got)
	}
}

func atoi(t testing.TB, text string) int {
	t.Helper()
	n := number(text)
	if n <= 1 || n == 99 {
		t.Fatalf("%q is no process id", text)
	}
	return n
}

func TestCommandThatCannotStart(t *testing.T) {
	t.Parallel()
	plain := t.TempDir() + "/plain.txt"
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]string{
		"no-such-program-anywhere": `command "no-such-program-anywhere": not found`,
		"/no/such/program":         `command "/no/such/program": not found`,
		plain:                      "may not be run",
	} {
		options := testOptions(newSamples())
		options.Upstream, options.Command = parse(t, "http://127.0.0.1:1"), []string{command}
		s, err := server.New(options)
		if err != nil {
			t.Fatal(err)
		}
		code, err := s.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || code != 0 {
			t.Errorf("%s: got code %d, %v; want one line that says %q", command, code, err, want)
		}
	}
}

func TestRequestsWhileTheCommandStarts(t *testing.T) {
	r := start(t, "silent", nil, nil)
	eventually(t, "the server listens", func() bool { return r.Addr() != nil })
	r.URL = "http://" + r.Addr().String()
	res, body := r.get(t, "/orders", "Accept", "text/html")
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "1" || !strings.Contains(body, `http-equiv="refresh"`) {
		t.Errorf("got %d, Retry-After %q, %q", res.StatusCode, res.Header.Get("Retry-After"), body)
	}
	if res, body := r.get(t, "/internal/appmetrics/ready"); res.StatusCode != http.StatusServiceUnavailable || body != "the application is starting\n" {
		t.Errorf("ready: got %d %q", res.StatusCode, body)
	}
	if res, _ := r.get(t, "/internal/appmetrics/health"); res.StatusCode != http.StatusOK {
		t.Errorf("health: got %d", res.StatusCode)
	}
	r.signals <- syscall.SIGTERM
	if got := within(t, "run ends", r.ended); got.code != 128+15 || got.err != nil {
		t.Errorf("got %+v, want code 143", got)
	}
}

func TestCommandNeverAnswers(t *testing.T) {
	r := start(t, "silent", nil, func(o *server.Options) { o.CommandTimeout = 50 * time.Millisecond })
	got := within(t, "run ends", r.ended)
	if got.err == nil || !strings.Contains(got.err.Error(), r.upstream) || !strings.Contains(got.err.Error(), "--upstream") {
		t.Errorf("got %+v, want an error that names the address and what to do", got)
	}
}

func TestCommandThatIgnoresTERMIsKilled(t *testing.T) {
	r := start(t, "deaf", nil, func(o *server.Options) { o.Grace = 500 * time.Millisecond })
	r.answers(t)
	took := awake(t)
	r.signals <- syscall.SIGTERM
	if got := within(t, "run ends", r.ended); got.code != 128+9 || got.err != nil {
		t.Errorf("got %+v, want code 137", got)
	}
	if took := took(); took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

func TestSecondSignalKillsAtOnce(t *testing.T) {
	r := start(t, "deaf", nil, func(o *server.Options) { o.Grace = time.Hour })
	r.answers(t)
	r.signals <- syscall.SIGINT
	r.signals <- syscall.SIGINT
	if got := within(t, "run ends", r.ended); got.code != 128+9 || got.err != nil {
		t.Errorf("got %+v, want code 137", got)
	}
}

// What a command has started must not outlive it: it would hold the port.
func TestWholeGroupIsStopped(t *testing.T) {
	printed, out := pipe(t)
	r := start(t, "parent", nil, func(o *server.Options) { o.Stdout, o.Grace = out, time.Hour })
	r.answers(t)
	_ = out.Close() // the command alone has it, and its child has not
	r.signals <- syscall.SIGTERM
	if _, err := io.ReadAll(printed); err != nil { // until the command has ended
		t.Fatal(err)
	}
	r.signals <- syscall.SIGTERM // the child has heard the first, and stays
	if got := within(t, "run ends", r.ended); got.code != 128+15 || got.err != nil {
		t.Errorf("got %+v, want code 143", got)
	}
	eventually(t, "the port is free", func() bool { return !listens(r.upstream) })
}

func TestStreamsOfTheCommand(t *testing.T) {
	t.Setenv("GREETING", "hello from the environment")
	in, typed := pipe(t)
	printed, out := pipe(t)
	complaints, errs := pipe(t)
	r := start(t, "copy", nil, func(o *server.Options) { o.Stdin, o.Stdout, o.Stderr = in, out, errs })
	_, _ = io.WriteString(typed, "typed in")
	_ = typed.Close()
	if got := within(t, "run ends", r.ended); got.code != 0 || got.err != nil {
		t.Errorf("got %+v", got)
	}
	_, _ = out.Close(), errs.Close()
	if got, _ := io.ReadAll(printed); string(got) != "typed in" {
		t.Errorf("printed %q", got)
	}
	if got, _ := io.ReadAll(complaints); string(got) != "hello from the environment" {
		t.Errorf("complained %q", got)
	}
}

func TestEnvironmentOfTheCommand(t *testing.T) {
	t.Setenv("GREETING", "hello from the environment")
	complaints, errs := pipe(t)
	r := start(t, "copy", nil, func(o *server.Options) {
		o.CommandEnv, o.Stderr = []string{"GREETING=hello from the options"}, errs
	})
	if got := within(t, "run ends", r.ended); got.code != 0 || got.err != nil {
		t.Errorf("got %+v", got)
	}
	_ = errs.Close()
	if got, _ := io.ReadAll(complaints); string(got) != "hello from the options" {
		t.Errorf("complained %q", got)
	}
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return r, w
}

func TestSignalsArePassedOn(t *testing.T) {
	printed, out := pipe(t)
	r := start(t, "signed", nil, func(o *server.Options) { o.Stdout = out })
	r.answers(t)
	lines := bufio.NewScanner(printed)
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGINT} {
		r.signals <- sig
		if !lines.Scan() || lines.Text() != sig.String() {
			t.Fatalf("the command got %q, want %q", lines.Text(), sig)
		}
	}
	if got := within(t, "run ends", r.ended); got.code != 0 || got.err != nil {
		t.Errorf("got %+v", got)
	}
}

func TestNotifySignals(t *testing.T) {
	signals, stop := server.NotifySignals()
	for _, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		if signal.Ignored(sig) { // the tests run by nohup, and HUP rightly stays without effect
			continue
		}
		if err := syscall.Kill(os.Getpid(), sig); err != nil {
			t.Fatal(err)
		}
		if got := within(t, "signal", signals); got != sig {
			t.Errorf("got %v, want %v", got, sig)
		}
	}
	stop()
}
