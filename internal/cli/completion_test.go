package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files and completions anew")

// runCommand runs the program in this process and returns what it wrote.
func runCommand(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), Streams{Out: &out, Err: &errs}, args)
	return out.String(), errs.String(), code
}

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; run go test ./internal/cli -update\ngot:\n%s", path, got)
	}
}

func TestCompletions(t *testing.T) {
	t.Parallel()
	for _, shell := range shells {
		got, stderr, code := runCommand(t, "completion", shell)
		if code != exitDone {
			t.Fatalf("%s: exit code %d: %s", shell, code, stderr)
		}
		golden(t, filepath.Join("..", "..", "completions", "appmetrics."+map[string]string{
			"bash": "bash", "zsh": "zsh", "fish": "fish", "powershell": "ps1",
		}[shell]), got)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "serve", "aggregate", "migrate", "copy", "report", "tui", "doctor", "config", "version", "completion"} {
		args := []string{"--help"}
		name := "appmetrics"
		if command != "" {
			args, name = []string{command, "--help"}, command
		}
		got, stderr, code := runCommand(t, args...)
		if code != exitDone || stderr != "" {
			t.Errorf("%v: exit code %d: %s", args, code, stderr)
		}
		golden(t, filepath.Join("testdata", "help", name+".txt"), got)
	}
}
