package spool_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/appmetrics/appmetrics/internal/spool"
)

// holderDir is set in the other process of a test: it opens the spool there,
// says so, and keeps it until its input ends.
const holderDir = "SPOOL_TEST_HOLDER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holderDir); dir != "" {
		_, err := spool.Open(spool.Options{Dir: dir})
		fmt.Println("open", err)
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		return
	}
	goleak.VerifyTestMain(m)
}

func TestTwoProcessesNeverShareASpool(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state", "spool")
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	other.Env = append(os.Environ(), holderDir+"="+dir)
	input, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "open <nil>\n" {
		t.Fatalf("other process: %q, %v", line, err)
	}

	var locked *spool.LockedError
	if _, err := spool.Open(spool.Options{Dir: dir}); !errors.As(err, &locked) {
		t.Fatalf("open beside another process: %v, want a *LockedError", err)
	}
	if locked.Dir != dir || !strings.HasPrefix(locked.Owner, fmt.Sprint("process ", other.Process.Pid, " since ")) {
		t.Errorf("locked: %+v", locked)
	}

	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = input.Close()
	_ = other.Wait()
	open(t, spool.Options{Dir: dir})
}

func TestOneProcessOpensASpoolOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, spool.Options{Dir: dir})
	var locked *spool.LockedError
	if _, err := spool.Open(spool.Options{Dir: dir}); !errors.As(err, &locked) {
		t.Errorf("open twice: %v, want a *LockedError", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, spool.Options{Dir: dir})
}

func TestNobodyElseMayReadASpool(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // modes are Unix's
	}
	dir := filepath.Join(t.TempDir(), "a", "spool")
	s := open(t, spool.Options{Dir: dir})
	if err := s.Append(t.Context(), spool.Record{Payload: []byte("x"), Samples: 1}); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestASpoolThatCannotBeMadeSaysWhy(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := spool.Open(spool.Options{Dir: filepath.Join(file, "spool")}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("open below a file: %v", err)
	}
	if _, err := spool.Open(spool.Options{}); err == nil {
		t.Error("opened without a directory")
	}
}
