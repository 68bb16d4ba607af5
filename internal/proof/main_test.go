//go:build unix

package proof

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// again is how long to wait before looking again.
const again = 20 * time.Millisecond

// folder holds what all tests share.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "appmetrics-proof-"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(folder)
		os.Exit(code)
	}))
}

// released is the binary as users have it, mortal one that dies at failpoints.
var (
	released = sync.OnceValues(func() (string, error) { return build("released") })
	mortal   = sync.OnceValues(func() (string, error) { return build("mortal", "-tags=failpoints") })
)

func build(name string, flags ...string) (string, error) {
	path := filepath.Join(folder, name)
	args := append([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", path}, flags...)
	command := exec.Command("go", append(args, "github.com/appmetrics/appmetrics/cmd/appmetrics")...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := command.CombinedOutput(); err != nil {
		return "", errors.New("go " + strings.Join(args, " ") + ": " + string(out))
	}
	return path, nil
}

func built(t testing.TB, binary func() (string, error)) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// await looks until something holds, and fails when it does not come.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); <-time.After(again) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
	}
}
