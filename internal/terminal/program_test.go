package terminal

import (
	"context"
	"errors"
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

	"github.com/appmetrics/appmetrics/internal/demo"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// folder holds what all tests share.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "appmetrics-terminal-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// program is the binary as it is released.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder, "appmetrics")
	build := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "github.com/appmetrics/appmetrics/cmd/appmetrics")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return path, nil
})

func built(t testing.TB) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// environment is one without settings, and without what says how colours are
// shown where the tests run.
func environment(t testing.TB) []string {
	t.Helper()
	home := t.TempDir()
	env := []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home}
	for _, name := range []string{"PATH", "TMPDIR", "GOCOVERDIR"} {
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// seed fills a database with two days of an order system, up to now.
func seed(t testing.TB) (url string) {
	t.Helper()
	url = "sqlite://" + filepath.Join(t.TempDir(), "metrics.db")
	s, err := store.Open(t.Context(), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.MigrateUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	err = demo.Fill(t.Context(), demo.History{Now: time.Now(), Seed: 1, To: 48 * time.Hour, Append: func(ctx context.Context, b metric.Batch) error {
		_, err := s.Append(ctx, b)
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// server is `appmetrics serve` on an address that stays the same.
type server struct {
	t        testing.TB
	database string
	address  string
	running  *exec.Cmd
}

// ports counts those that were looked at.
var ports atomic.Int64

// newServer starts a server of a database, or without one of its own. Systems hand out higher ports than
// its own for port 0, Linux from 32768, so that nobody takes it meanwhile.
func newServer(t testing.TB, database string, args ...string) *server {
	t.Helper()
	const lowest, number, perProcess = 20_000, 12_000, 100
	x := &server{t: t, database: database}
	for range number {
		x.address = fmt.Sprintf("127.0.0.1:%d", lowest+(int64(os.Getpid())*perProcess+ports.Add(1))%number)
		listener, err := net.Listen("tcp", x.address)
		if err == nil {
			if err := listener.Close(); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	t.Cleanup(x.stop)
	x.start(args...)
	return x
}

func (x *server) url() string { return "http://" + x.address }

func (x *server) start(args ...string) {
	x.t.Helper()
	args = append([]string{"serve", "--listen", x.address}, args...)
	if x.database != "" {
		args = append(args, "--database-url", x.database)
	}
	x.running = exec.Command(built(x.t), args...)
	x.running.Env = environment(x.t)
	x.running.Dir = x.t.TempDir()
	var log strings.Builder
	x.running.Stderr = &log
	if err := x.running.Start(); err != nil {
		x.t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ; <-time.After(again) {
		response, err := http.Get(x.url() + "/internal/appmetrics/ready")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			x.stop()
			x.t.Fatalf("the server is not ready: %v\n%s", err, &log)
		}
	}
}

// stop ends the server and waits for its end.
func (x *server) stop() {
	if x.running == nil {
		return
	}
	_ = x.running.Process.Signal(syscall.SIGTERM)
	if err := x.running.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		x.t.Error(err)
	}
	x.running = nil
}
