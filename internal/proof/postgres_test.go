//go:build unix

package proof

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
)

// server is a PostgreSQL of the test's own, which may be stopped as one likes.
type server struct {
	t        testing.TB
	programs string // folder of initdb and pg_ctl
	dir      string
	address  string
	owner    *syscall.Credential // who runs it; nil for this user
}

// startServer starts a PostgreSQL with its defaults, fsync included.
func startServer(t testing.TB) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "appmetrics-proof-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, programs: serverPrograms(t), dir: dir, address: freeAddress(t)}
	if os.Geteuid() == 0 { // the server refuses to run as root
		s.owner = anotherUser(t)
		if err := os.Chown(dir, int(s.owner.Uid), int(s.owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_ = s.run("pg_ctl", "-D", s.data(), "-m", "immediate", "-w", "stop") // it may be down
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s.must("initdb", "-D", s.data(), "-U", "appmetrics", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	s.start()
	return s
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }
func (s *server) log() string  { return filepath.Join(s.dir, "log") }

// url is the address of a database, by way of another address if one is given.
func (s *server) url(by, database string) string {
	if by == "" {
		by = s.address
	}
	return "postgres://appmetrics@" + by + "/" + database + "?sslmode=disable"
}

func (s *server) port() string {
	s.t.Helper()
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	return port
}

func (s *server) start() {
	s.t.Helper()
	s.must("pg_ctl", "-D", s.data(), "-l", s.log(), "-w", "-t", "60",
		"-o", fmt.Sprintf("-p %s -k %s -c listen_addresses=127.0.0.1", s.port(), s.dir), "start")
}

// stop ends the server: "immediate" is without a shutdown, as by a crash.
func (s *server) stop(mode string) {
	s.t.Helper()
	s.must("pg_ctl", "-D", s.data(), "-m", mode, "-w", "stop")
}

func (s *server) must(program string, args ...string) {
	s.t.Helper()
	if err := s.run(program, args...); err != nil {
		log, _ := os.ReadFile(s.log()) // there may be none yet
		s.t.Fatalf("%s: %v\n%s", program, err, log[max(0, len(log)-4096):])
	}
}

func (s *server) run(program string, args ...string) error {
	command := exec.Command(filepath.Join(s.programs, program), args...)
	command.Dir = s.dir
	command.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	// A file: of a pipe, the server would keep the other end.
	out, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := out.Chmod(0o666); err != nil {
		return err
	}
	command.Stdout, command.Stderr = out, out
	return command.Run()
}

// serverPrograms returns the newest installation.
func serverPrograms(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(found, func(a, b string) int {
		version := func(path string) int {
			n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // others come last
			return n
		}
		return version(b) - version(a)
	})
	if len(found) > 0 {
		return filepath.Dir(found[0])
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		t.Fatal("PostgreSQL's own programs, initdb and pg_ctl, are needed to stop a server; .ci/with-postgres installs them")
	}
	return filepath.Dir(path)
}

func anotherUser(t testing.TB) *syscall.Credential {
	t.Helper()
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	t.Fatal("there is neither a user postgres nor nobody to run the server as")
	return nil
}
