package internal_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// TestWheel builds the wheel as it is shipped, but for the level of its
// compression, and installs it as a Databricks app and job do.
func TestWheel(t *testing.T) {
	t.Parallel()
	wheel := makeWheel(t)
	t.Run("contents", func(t *testing.T) { wheelContents(t, wheel) })

	environment := install(t, wheel)
	bin := filepath.Join(environment, "bin")
	t.Run("exit codes", func(t *testing.T) { wheelExitCodes(t, bin) })
	t.Run("signals", func(t *testing.T) { wheelSignals(t, bin) })
	t.Run("no place", func(t *testing.T) { wheelNoPlace(t, environment) })
}

func makeWheel(t *testing.T) string {
	t.Helper()
	out := t.TempDir()
	command(t, "make", "-C", "..", "wheel", "WHEEL_DIR="+out, "WHEEL_LEVEL=4", "WHEEL_ARCHS="+runtime.GOARCH).must()
	found, err := filepath.Glob(filepath.Join(out, "*.whl"))
	if err != nil || len(found) != 1 {
		t.Fatalf("make wheel left %v, %v", found, err)
	}
	return found[0]
}

func wheelContents(t *testing.T, wheel string) {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	contents, last := map[string][]byte{}, ""
	for _, file := range archive.File {
		if file.Method != zip.Store || file.Mode() != 0o644 || file.Modified.Year() != 1980 {
			t.Errorf("%s: method %d, mode %v, of %v", file.Name, file.Method, file.Mode(), file.Modified)
		}
		reader, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		contents[file.Name], err = io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		last = file.Name
	}
	if !strings.HasSuffix(last, ".dist-info/RECORD") {
		t.Fatalf("the last file is %s", last)
	}
	record, err := csv.NewReader(bytes.NewReader(contents[last])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range record {
		content, ok := contents[row[0]]
		if delete(contents, row[0]); !ok {
			t.Errorf("RECORD names %s, which is not there", row[0])
		}
		digest := sha256.Sum256(content)
		want := []string{row[0], "sha256=" + base64.RawURLEncoding.EncodeToString(digest[:]), fmt.Sprint(len(content))}
		if row[0] == last {
			want = []string{last, "", ""}
		}
		if !slices.Equal(row, want) {
			t.Errorf("RECORD says %v, want %v", row, want)
		}
	}
	if len(contents) > 0 {
		t.Errorf("%d files are not in RECORD", len(contents))
	}
}

// install puts the wheel into a new virtual environment, with no index to ask.
func install(t *testing.T, wheel string) string {
	t.Helper()
	environment := filepath.Join(t.TempDir(), "venv")
	command(t, "python3", "-m", "venv", environment).must()
	// As requirements.txt of an app names it: relative, in the same folder.
	requirements := filepath.Join(filepath.Dir(wheel), "requirements.txt")
	if err := os.WriteFile(requirements, []byte("./"+filepath.Base(wheel)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pip := command(t, filepath.Join(environment, "bin", "pip"), "install", "--no-index", "--disable-pip-version-check", "-r", "requirements.txt")
	pip.Dir = filepath.Dir(wheel)
	pip.must()
	return environment
}

// asTask does what a python_wheel_task does with its entry point.
const asTask = `
import sys
from importlib import metadata
[entry] = [e for e in metadata.distribution("appmetrics").entry_points if e.name == "job"]
entry.load()()
print("the task returned")
`

const asFunction = `
import appmetrics
appmetrics.job()
print("the task returned")
`

func wheelExitCodes(t *testing.T, bin string) {
	python := filepath.Join(bin, "python")
	for _, face := range []struct {
		name string
		argv []string
		task bool
	}{
		{"console script", []string{filepath.Join(bin, "appmetrics")}, false},
		{"module", []string{python, "-m", "appmetrics"}, false},
		{"entry point", []string{python, "-c", asTask}, true},
		{"function", []string{python, "-c", asFunction}, true},
	} {
		t.Run(face.name, func(t *testing.T) {
			database := filepath.Join(t.TempDir(), "metrics.db")
			for _, want := range []struct {
				code int
				says string
				args []string
			}{
				{0, "", []string{"--database-url", "sqlite://" + database, "migrate", "up"}},
				{0, "", []string{"--database-url", "sqlite://" + database, "aggregate"}},
				{1, "the database or the workspace", []string{"--database-url", "postgres://nobody@127.0.0.1:1/none", "aggregate"}},
				{2, "wrong usage", []string{"aggregate", "--no-such-flag"}},
				{3, "the growth guard fired", []string{"--database-url", "sqlite://" + database, "aggregate"}},
			} {
				if want.code == 3 {
					insertRows(t, database, 60)
				}
				run := command(t, face.argv[0], append(slices.Clone(face.argv[1:]), want.args...)...)
				run.Env = append(os.Environ(), "APPMETRICS_AGGREGATE_WARN_ROWS=10", "APPMETRICS_AGGREGATE_ALERT_ROWS=20", "APPMETRICS_AGGREGATE_GROWTH_ROWS_PER_DAY=30")
				code, stdout, stderr := run.result()
				if !face.task {
					if code != want.code {
						t.Errorf("%v: exit code %d, want %d: %s", want.args, code, want.code, stderr)
					}
					continue
				}
				if returned := strings.Contains(stdout, "the task returned\n"); returned != (want.code == 0) || (code == 0) != returned {
					t.Errorf("%v: exit code %d of Python, returned %v: %s", want.args, code, returned, stderr)
				}
				// What the program said comes twice: as it said it, and in the exception.
				said := strings.Count(stderr, "appmetrics: ")
				named := strings.Contains(stderr, fmt.Sprintf("ended with exit code %d (%s", want.code, want.says))
				if want.code != 0 && (said != 2 || !named) {
					t.Errorf("%v: want exit code %d named and %q, got %s", want.args, want.code, want.says, stderr)
				}
			}
		})
	}
}

func insertRows(t *testing.T, database string, rows int) {
	t.Helper()
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO performance_metrics (timestamp, endpoint, method, status_code, response_time_ms)
		SELECT CAST(strftime('%s', 'now') AS INTEGER) - 10000 + i, '/', 'GET', 200, 5 FROM n`, rows); err != nil {
		t.Fatal(err)
	}
}

// wheelSignals stops serve through the console script: there must be no Python
// left that a signal could end in its place.
func wheelSignals(t *testing.T, bin string) {
	serve := command(t, filepath.Join(bin, "appmetrics"), "serve", "--listen", "127.0.0.1:0", "--log-format", "json",
		"--database-url", "sqlite://"+filepath.Join(t.TempDir(), "metrics.db"))
	logs, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	log := ""
	for chunk := make([]byte, 4096); !strings.Contains(log, `"msg":"serving"`); {
		n, err := logs.Read(chunk)
		if log += string(chunk[:n]); err != nil {
			t.Fatalf("%v: %s", err, log)
		}
	}
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", serve.Process.Pid))
	if err != nil || !strings.HasSuffix(program, "/site-packages/appmetrics/appmetrics") {
		t.Errorf("the process runs %s, %v", program, err)
	}
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(logs)
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil {
		t.Errorf("%v: %s%s", err, log, rest)
	}
}

// wheelNoPlace takes the place beside the package, then every other one.
func wheelNoPlace(t *testing.T, environment string) {
	script := filepath.Join(environment, "bin", "appmetrics")
	found, err := filepath.Glob(filepath.Join(environment, "lib", "python*", "site-packages", "appmetrics", "appmetrics"))
	if err != nil || len(found) != 1 {
		t.Fatalf("unpacked at %v, %v", found, err)
	}
	if err := os.Remove(found[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(found[0], 0o700); err != nil { // not even root replaces it
		t.Fatal(err)
	}
	folder := t.TempDir()
	run := command(t, script, "version")
	run.Env = append(os.Environ(), "TMPDIR="+folder)
	if code, stdout, stderr := run.result(); code != 0 || !strings.HasPrefix(stdout, "appmetrics ") {
		t.Errorf("exit code %d, %q, %s", code, stdout, stderr)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("the temporary copy is still there: %v, %v", left, err)
	}
	code, _, stderr := command(t, "sh", "-c", `ulimit -f 1000; exec "$0" version`, script).result()
	if code != 2 || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "appmetrics: unpack into ") {
		t.Errorf("no room: exit code %d, %q", code, stderr)
	}
}

// patience ends a command that hangs.
const patience = 2 * time.Minute

// ran is a command of a test.
type ran struct {
	*exec.Cmd
	t *testing.T
}

func command(t *testing.T, name string, args ...string) *ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return &ran{exec.CommandContext(ctx, name, args...), t}
}

func (r *ran) result() (code int, stdout, stderr string) {
	r.t.Helper()
	var out, errs bytes.Buffer
	r.Stdout, r.Stderr = &out, &errs
	if err := r.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		r.t.Fatalf("%v: %v", r.Args, err)
	}
	return r.ProcessState.ExitCode(), out.String(), errs.String()
}

func (r *ran) must() {
	r.t.Helper()
	if code, stdout, stderr := r.result(); code != 0 {
		r.t.Fatalf("%v: exit code %d\n%s%s", r.Args, code, stdout, stderr)
	}
}
