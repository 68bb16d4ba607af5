package proof

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// disk is a folder that can be full.
type disk struct {
	name string
	dir  string
	fill func(*process) error // until the next free
	free func(*process) error
}

// disks returns every kind of full disk that this machine can have: files that
// may not grow, which any process can be told, and where this user may mount
// something, a file system of 16 MiB without a byte left.
func disks(t testing.TB) []disk {
	t.Helper()
	all := []disk{limited(t)}
	if dir, err := mount(t); err == nil {
		all = append(all, small(dir))
	} else if isLong {
		t.Fatalf("a file system of 16 MiB cannot be mounted: %v", err)
	}
	return all
}

// limited bounds the size of files that a process may write, to 0.
func limited(t testing.TB) disk {
	limit := func(to uint64) func(*process) error {
		return func(life *process) error {
			return unix.Prlimit(life.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: to, Max: unix.RLIM_INFINITY}, nil)
		}
	}
	return disk{name: "no file may grow", dir: t.TempDir(), fill: limit(0), free: limit(unix.RLIM_INFINITY)}
}

// small is a file system that is filled up by another file.
func small(dir string) disk {
	filler := filepath.Join(dir, "filler")
	return disk{
		name: "16 MiB", dir: dir,
		fill: func(*process) error {
			file, err := os.OpenFile(filler, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			defer file.Close()
			for page := make([]byte, os.Getpagesize()); err == nil; {
				_, err = file.Write(page)
			}
			if !errors.Is(err, unix.ENOSPC) {
				return err
			}
			return nil
		},
		free: func(*process) error { return os.Remove(filler) },
	}
}

// mount mounts a file system of 16 MiB, as root or by sudo.
func mount(t testing.TB) (dir string, err error) {
	t.Helper()
	as := func(args ...string) error {
		if os.Geteuid() != 0 {
			args = append([]string{"sudo", "-n"}, args...)
		}
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	if dir, err = os.MkdirTemp("", "appmetrics-proof-disk-"); err != nil {
		return "", err
	}
	options := fmt.Sprintf("size=16m,mode=0700,uid=%d,gid=%d", os.Geteuid(), os.Getegid())
	if err := as("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir); err != nil {
		return "", errors.Join(err, os.Remove(dir))
	}
	t.Cleanup(func() {
		if err := errors.Join(as("umount", dir), os.Remove(dir)); err != nil {
			t.Error(err)
		}
	})
	return dir, nil
}
