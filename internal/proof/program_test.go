//go:build unix

package proof

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

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

// awaitUp waits for a life that answers, and says whether there was one before
// ctx was over.
func (p *program) awaitUp(ctx context.Context) bool {
	for ctx.Err() == nil {
		p.mu.Lock()
		life, changed := p.process, p.changed
		p.mu.Unlock()
		if life == nil || life.hasEnded() {
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		select {
		case <-life.up:
			return true
		case <-life.exited:
		case <-ctx.Done():
		}
	}
	return false
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
