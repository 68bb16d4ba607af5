//go:build unix

package proof

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// Acknowledgements: a post is answered 202 once it is on the disk, or once the
// database has it.
const (
	ackDisk = "disk"
	ackDB   = "db"
)

// administrator is who may ask, and post requests.
const administrator = "ada@example.com"

// setup says which program is started, and how. Database is required.
type setup struct {
	database string
	by       string // how the program reaches it, "" for the same way
	ack      string // "" for disk
	binary   func() (string, error)
	dir      string   // "" for one of its own
	env      []string // more settings
	args     []string // of serve
}

// program is `appmetrics serve` on an address that outlives its processes.
type program struct {
	t        testing.TB
	binary   string
	dir      string
	address  string
	database string
	env      []string
	args     []string

	mu      sync.Mutex
	process *process // the last one
	changed chan struct{}
}

// process is one life of a program.
type process struct {
	*exec.Cmd
	up     chan struct{} // closed once it answers
	exited chan struct{} // closed when it has ended
}

// newProgram prepares a program, with an empty database that has been
// aggregated once, so that the growth guard has something to compare with.
func newProgram(t testing.TB, s setup) *program {
	t.Helper()
	if s.binary == nil {
		s.binary = released
	}
	if s.dir == "" {
		s.dir = t.TempDir()
	}
	if s.ack == "" {
		s.ack = ackDisk
	}
	if s.by == "" {
		s.by = s.database
	}
	p := &program{
		t: t, binary: built(t, s.binary), dir: s.dir, address: freeAddress(t),
		database: s.database, args: s.args, changed: make(chan struct{}),
	}
	p.env = append([]string{
		"HOME=" + s.dir, "XDG_CONFIG_HOME=" + s.dir, "XDG_STATE_HOME=" + s.dir, "DATABASE_URL=" + s.by,
		"APPMETRICS_AUTO_MIGRATE=true", "APPMETRICS_AGGREGATE_INTERVAL=0", "APPMETRICS_LOG_FORMAT=json",
		"APPMETRICS_AUTH_MODE=proxy", "APPMETRICS_TRUSTED_PROXIES=127.0.0.1", "APPMETRICS_AUTH_ADMINS=" + administrator,
		"APPMETRICS_ACK=" + s.ack, "APPMETRICS_SPOOL_PATH=" + filepath.Join(s.dir, "spool"),
	}, s.env...)
	for _, name := range []string{"PATH", "TMPDIR", "GOCOVERDIR"} {
		if value := os.Getenv(name); value != "" {
			p.env = append(p.env, name+"="+value)
		}
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("end of the log of the program:\n%s", p.logged())
		}
	})
	p.must(0, nil, "migrate", "up")
	p.must(0, nil, "aggregate")
	return p
}

// onEngine prepares a program with a database of its own.
func onEngine(t testing.TB, engine string, s setup) *program {
	t.Helper()
	s.database = storetest.URL(t, engine)
	return newProgram(t, s)
}

// must runs another command of the program over the same database.
func (p *program) must(code int, env []string, args ...string) {
	p.t.Helper()
	command := exec.Command(p.binary, args...)
	command.Env = append(append([]string{}, p.env...), env...)
	command.Dir = p.dir
	out, err := command.CombinedOutput()
	if command.ProcessState == nil || command.ProcessState.ExitCode() != code {
		p.t.Fatalf("%s: %v, want exit code %d\n%s", strings.Join(args, " "), err, code, out)
	}
}

func (p *program) url() string     { return "http://" + p.address }
func (p *program) logFile() string { return filepath.Join(p.dir, "serve.log") }

// logged returns the end of what all lives of the program have logged.
func (p *program) logged() string {
	const most = 3 << 10
	text, err := os.ReadFile(p.logFile())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}

// start begins a life and returns without waiting until it answers.
func (p *program) start(env ...string) *process {
	p.t.Helper()
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	command := exec.Command(p.binary, append([]string{"serve", "--listen", p.address}, p.args...)...)
	command.Env = append(append([]string{}, p.env...), env...)
	command.Dir, command.Stderr = p.dir, log
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	life := &process{Cmd: command, up: make(chan struct{}), exited: make(chan struct{})}
	go func() {
		_ = command.Wait() // how it ended is in ProcessState
		close(life.exited)
	}()
	go life.awaitAnswer(p.url())

	p.mu.Lock()
	defer p.mu.Unlock()
	p.process = life
	close(p.changed)
	p.changed = make(chan struct{})
	return life
}

// awaitAnswer waits until the process answers; the database may be away.
func (l *process) awaitAnswer(url string) {
	for {
		response, err := http.Get(url + "/internal/appmetrics/health")
		if err == nil {
			_ = response.Body.Close()
			close(l.up)
			return
		}
		select {
		case <-l.exited:
			return
		case <-time.After(again / 4):
		}
	}
}

// begin starts a life and waits until it answers.
func (p *program) begin(env ...string) *process {
	p.t.Helper()
	life := p.start(env...)
	select {
	case <-life.up:
	case <-life.exited:
		p.t.Fatalf("the program ended at once: %v\n%s", life.ProcessState, p.logged())
	case <-time.After(patience):
		p.t.Fatalf("the program does not answer\n%s", p.logged())
	}
	return life
}

// awaitUp waits for a life that answers, and says whether there was one before
// ctx was over.
func (p *program) awaitUp(ctx context.Context) bool {
	for ctx.Err() == nil {
		p.mu.Lock()
		life, changed := p.process, p.changed
		p.mu.Unlock()
		var up, exited chan struct{}
		if life != nil {
			up, exited = life.up, life.exited
		}
		select {
		case <-exited: // also one that answered once
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		default:
		}
		select {
		case <-up:
			return true
		case <-exited:
		case <-changed:
		case <-ctx.Done():
		}
	}
	return false
}

// kill ends the life as kill -9 does.
func (p *program) kill() {
	p.mu.Lock()
	life := p.process
	p.mu.Unlock()
	if life == nil {
		return
	}
	_ = life.Process.Kill() // it may have ended by itself
	<-life.exited
}

// terminate ends the life by SIGTERM and returns how long it took.
func (p *program) terminate() time.Duration {
	p.t.Helper()
	began := time.Now()
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatalf("terminate: %v", err)
	}
	p.awaitEnd(p.process)
	return time.Since(began)
}

// awaitEnd waits until a life has ended.
func (p *program) awaitEnd(life *process) {
	p.t.Helper()
	select {
	case <-life.exited:
	case <-time.After(patience):
		p.t.Fatalf("the program did not end\n%s", p.logged())
	}
}

// stop ends the life by SIGTERM, which must leave nothing undone.
func (p *program) stop() {
	p.t.Helper()
	p.terminate()
	if code := p.process.ProcessState.ExitCode(); code != 0 {
		p.t.Fatalf("stopped with exit code %d\n%s", code, p.logged())
	}
}

// ports counts those that were looked at.
var ports atomic.Int64

// freeAddress returns an address below the ports that systems hand out by
// themselves, so that nobody takes it while the program is dead.
func freeAddress(t testing.TB) string {
	t.Helper()
	const lowest, number, perProcess = 11_000, 8_000, 100
	for range number {
		address := fmt.Sprintf("127.0.0.1:%d", lowest+(int64(os.Getpid())*perProcess+ports.Add(1))%number)
		listener, err := net.Listen("tcp", address)
		if err == nil {
			if err := listener.Close(); err != nil {
				t.Fatal(err)
			}
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}
