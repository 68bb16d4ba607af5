package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"
)

func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){
		"appmetrics": func() { os.Exit(Run(context.Background(), Terminal(), os.Args[1:])) },
		"sampleapp":  sampleApp,
		"visit":      visit,
	})
}

// leakless are tests that fail when one of them leaves a goroutine behind.
type leakless struct{ *testing.M }

// Run implements testscript.TestingM.
func (m leakless) Run() int {
	code := m.M.Run()
	if code != 0 {
		return code
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// visit asks for a page until it is there.
func visit() {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		response, err := http.Get(os.Args[1])
		if err != nil {
			continue
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return
		}
	}
	os.Exit(1)
}

// sampleApp is an application as others write them: it listens where it is
// told, and ends with code 7 when it is asked to stop, by a signal or at /quit.
func sampleApp() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	quit := make(chan struct{}, 1)
	http.HandleFunc("/quit", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		quit <- struct{}{}
	})
	http.HandleFunc("/fail", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	http.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "<!doctype html><html><head><title>page</title></head><body>hello</body></html>\n")
	})
	http.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprintln(w, os.Getenv(r.URL.RawQuery)) })
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprintln(w, "hello from", r.URL.Path) })
	go func() { fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Args[1], nil)) }()
	select {
	case <-stop:
	case <-quit:
	case <-time.After(2 * patience): // nobody waits for it any more
	}
	fmt.Println("sampleapp says goodbye")
	os.Exit(7)
}

func TestScripts(t *testing.T) {
	t.Parallel()
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		t.Fatal("TEST_DATABASE_URL is not set: it names the PostgreSQL server for the tests")
	}
	// Run by nohup, the tests would hand an ignored HUP down to the programs
	// that they start; one that is caught becomes the default again there.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("TMPDIR", env.WorkDir)
			env.Setenv("TEST_DATABASE_URL", server)
			env.Values[workspaceKey{}] = &servedWorkspace{}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "freeport": freePort, "occupy": occupy, "get": get, "terminate": terminate, "until": until, "sqlite": runSQLite, "postgres": makePostgres,
			"workspace": serveWorkspace, "outage": outage, "lakebase": makeLakebase,
		},
	})
}

// exits CODE PROGRAM ARGS... runs a program that must end with that code. A
// failure of appmetrics itself must be told in one line.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failed := (*exec.ExitError)(nil)
		if !errors.As(err, &failed) {
			ts.Fatalf("%v", err)
		}
		got = failed.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	stderr := ts.ReadFile("stderr")
	if strings.Contains(stderr, "goroutine ") {
		ts.Fatalf("a stack trace on stderr")
	}
	told := 0
	for line := range strings.Lines(stderr) {
		if strings.HasPrefix(line, "appmetrics: ") {
			told++
		}
	}
	if want >= exitUnreachable && want <= exitNotAdmin && told != 1 {
		ts.Fatalf("%d lines on stderr say what went wrong, want 1", told)
	}
}

// ports counts those that freeport has looked at.
var ports atomic.Int64

// freeport NAME sets a variable to a port that nobody listens on, nor will by
// chance: systems hand out higher ones for port 0, Linux from 32768.
func freePort(ts *testscript.TestScript, _ bool, args []string) {
	const lowest, number, perProcess = 20_000, 12_000, 100
	for range number {
		port := strconv.FormatInt(lowest+(int64(os.Getpid())*perProcess+ports.Add(1))%number, 10)
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err == nil {
			ts.Check(listener.Close())
			ts.Setenv(args[0], port)
			return
		}
	}
	ts.Fatalf("no port is free")
}

// occupy NAME listens on a port and sets a variable to it.
func occupy(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	ts.Setenv(args[0], port)
}

// patience is long because a busy machine under the race detector is slow.
const patience = 90 * time.Second

// get STATUS URL [HEADER VALUE]... asks until somebody answers, who is ready or
// expected not to be. The answer must have that status.
func get(ts *testscript.TestScript, _ bool, args []string) {
	var last any
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		request, err := http.NewRequest(http.MethodGet, args[1], nil)
		ts.Check(err)
		for pair := range slices.Chunk(args[2:], 2) {
			request.Header.Set(pair[0], pair[1])
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			last = err
			continue
		}
		_, _ = io.Copy(ts.Stdout(), response.Body)
		_ = response.Body.Close()
		if last = response.StatusCode; strconv.Itoa(response.StatusCode) == args[0] {
			return
		}
		if response.StatusCode != http.StatusServiceUnavailable {
			break
		}
	}
	ts.Fatalf("get %s: %v, want %s", args[1], last, args[0])
}

// terminate [HUP] sends TERM, or HUP, to the program that was last put into the
// background.
func terminate(ts *testscript.TestScript, _ bool, args []string) {
	sig := syscall.SIGTERM
	if len(args) > 0 {
		sig = syscall.SIGHUP
	}
	running := ts.BackgroundCmds()
	ts.Check(running[len(running)-1].Process.Signal(sig))
}

// until TEXT PROGRAM ARGS... runs a program until it succeeds with that text in
// its output.
func until(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		if err := ts.Exec(args[1], args[2:]...); err == nil && strings.Contains(ts.ReadFile("stdout"), args[0]) {
			return
		}
	}
	ts.Fatalf("%q is not in the output", args[0])
}

// sqlite FILE STATEMENT runs a statement as another program would.
func runSQLite(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", "file:"+ts.MkAbs(args[0])+"?_pragma=busy_timeout(10000)")
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(args[1])
	ts.Check(err)
}
