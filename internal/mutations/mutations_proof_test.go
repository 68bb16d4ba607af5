//go:build proof

package mutations

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// module is where the packages below internal/ are.
const module = "github.com/appmetrics/appmetrics/internal/"

// Every mutation must compile and make its test fail, which passes without it.
// PROOF_MUTATIONS, a regular expression, chooses some of them by file and words.
func TestMutations(t *testing.T) {
	chosen := choose(t)
	t.Run("passes without", func(t *testing.T) { passUnchanged(t, chosen) })
	if t.Failed() {
		t.Fatal("nothing can be said of tests that fail as it is")
	}
	var lines []string
	survived := 0
	for _, m := range chosen {
		line := "SURVIVED: " + m.noticedBy
		t.Run(m.name(), func(t *testing.T) {
			result := runTests(t, m.tests(), overlay(t, m), m.noticedBy)
			switch {
			case result.isBroken:
				line = "IS NO MUTATION, does not compile"
				t.Fatalf("%s:\n%s", line, result.output)
			case len(result.failed) == 0:
				t.Fatalf("%s still passes:\n%s", m.noticedBy, result.output)
			}
			line = "noticed by " + result.failed[0]
			if n := len(result.failed) - 1; n > 0 {
				line += fmt.Sprintf(" and %d more", n)
			}
			if result.end != "" {
				line += ", which ended with " + result.end
			}
		})
		if !strings.HasPrefix(line, "noticed") {
			survived++
		}
		lines = append(lines, m.name()+"\n    "+line)
	}
	t.Logf("%d mutations, %d not noticed\n%s", len(lines), survived, strings.Join(lines, "\n"))
}

func choose(t *testing.T) []mutation {
	t.Helper()
	pattern, err := regexp.Compile(os.Getenv("PROOF_MUTATIONS"))
	if err != nil {
		t.Fatalf("PROOF_MUTATIONS: %v", err)
	}
	chosen := slices.DeleteFunc(all(), func(m mutation) bool { return !pattern.MatchString(m.name()) })
	if len(chosen) == 0 {
		t.Fatalf("PROOF_MUTATIONS: nothing matches %q", pattern)
	}
	return chosen
}

// passUnchanged fails unless the tests of the mutations pass on the sources as
// they are.
func passUnchanged(t *testing.T, chosen []mutation) {
	byPackage := map[string][]string{}
	for _, m := range chosen {
		test, _, _ := strings.Cut(m.noticedBy, "/")
		if !slices.Contains(byPackage[m.tests()], test) {
			byPackage[m.tests()] = append(byPackage[m.tests()], test)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(byPackage)) {
		t.Run(dir, func(t *testing.T) {
			result := runTests(t, dir, "", byPackage[dir]...)
			if result.isBroken || len(result.failed) > 0 {
				t.Fatalf("fails as it is: %s\n%s", strings.Join(result.failed, ", "), result.output)
			}
		})
	}
}

// overlay writes the mutated file beside the sources, which stay as they are,
// and returns what tells the go command of it.
func overlay(t *testing.T, m mutation) string {
	t.Helper()
	original, err := filepath.Abs(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mutated, list := filepath.Join(dir, path.Base(m.file)), filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{original: mutated}})
	if err == nil {
		err = os.WriteFile(list, text, 0o600)
	}
	if err == nil {
		err = os.WriteFile(mutated, m.apply(t), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// result is what became of tests.
type result struct {
	failed   []string // the innermost tests that failed
	end      string   // what ended the process before they did, such as "panic: test timed out after 2m0s"
	isBroken bool     // whether it did not come to that: it does not compile
	output   string
}

// runTests runs tests of a package, on sources with an overlay unless it is
// empty. A run without any test is an error of the table.
func runTests(t *testing.T, dir, overlay string, tests ...string) result {
	t.Helper()
	args := []string{"test", "-json", "-vet=off", "-count=1", "-timeout=120s", "-run", pattern(tests)}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.CommandContext(t.Context(), "go", append(args, module+dir)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	r, ran := read(t, string(stdout))
	r.output += stderr.String()
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Fatalf("go test: %v", err)
	case r.isBroken:
	case !ran:
		t.Fatalf("%s: no such test ran in internal/%s (%v)\n%s", strings.Join(tests, ", "), dir, err, r.output)
	case err != nil && len(r.failed) == 0:
		t.Fatalf("the tests ended without saying which of them failed:\n%s", r.output)
	}
	return r
}

// pattern matches these tests alone.
func pattern(tests []string) string {
	if len(tests) > 1 {
		return "^(" + strings.Join(tests, "|") + ")$"
	}
	levels := strings.Split(tests[0], "/")
	for i, level := range levels {
		levels[i] = "^" + regexp.QuoteMeta(level) + "$"
	}
	return strings.Join(levels, "/")
}

// endOf finds what ended a process before its tests did.
var endOf = regexp.MustCompile(`^(panic|fatal error): .*`)

// read reads what go test -json says, and whether any test ran.
func read(t *testing.T, events string) (r result, ran bool) {
	t.Helper()
	var output strings.Builder
	running := map[string]bool{}
	for decoder := json.NewDecoder(strings.NewReader(events)); ; {
		var event struct{ Action, Test, Output, FailedBuild string }
		if err := decoder.Decode(&event); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read go test: %v", err)
		}
		output.WriteString(event.Output)
		if r.end == "" {
			r.end = strings.TrimSpace(endOf.FindString(event.Output))
		}
		r.isBroken = r.isBroken || event.Action == "build-fail" || event.FailedBuild != ""
		if event.Test == "" {
			continue
		}
		ran = true
		switch event.Action {
		case "run":
			running[event.Test] = true
		case "pass", "skip":
			delete(running, event.Test)
		case "fail":
			delete(running, event.Test)
			r.failed = append(r.failed, event.Test)
		}
	}
	// Those that run when the process ends never get to say that they failed.
	r.failed = innermost(slices.AppendSeq(r.failed, maps.Keys(running)))
	slices.Sort(r.failed)
	r.output = output.String()
	return r, ran
}

// innermost leaves out the tests that failed because one within them did.
func innermost(failed []string) []string {
	return slices.DeleteFunc(slices.Clone(failed), func(outer string) bool {
		return slices.ContainsFunc(failed, func(inner string) bool { return strings.HasPrefix(inner, outer+"/") })
	})
}
