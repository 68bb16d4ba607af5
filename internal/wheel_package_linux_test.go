package internal_test

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// build runs build.py on a stand-in for the binary.
func build(t *testing.T, binary []byte, args ...string) (code int, stderr, out string) {
	t.Helper()
	out = t.TempDir()
	file := filepath.Join(out, "program")
	if err := os.WriteFile(file, binary, 0o600); err != nil {
		t.Fatal(err)
	}
	args = append([]string{"--binary", file, "--arch", "amd64", "--level", "0", "--out", filepath.Join(out, "dist")}, args...)
	code, _, stderr = command(t, filepath.Join(deployment, "wheel", "build.py"), args...).result()
	return code, stderr, filepath.Join(out, "dist")
}

func built(t *testing.T, dist string) (name string, content []byte) {
	t.Helper()
	entries, err := os.ReadDir(dist)
	if err != nil || len(entries) != 1 {
		t.Fatalf("built %v, %v", entries, err)
	}
	content, err = os.ReadFile(filepath.Join(dist, entries[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	return entries[0].Name(), content
}

func TestWheelVersions(t *testing.T) {
	t.Parallel()
	// The SHA-256 of "program" begins with 1310ca2c.
	for described, want := range map[string]string{
		"":                        "0.0.0",
		"e2fde70":                 "0.0.0+ge2fde70",
		"1234567":                 "0.0.0+g1234567",
		"e2fde70-dirty":           "0.0.0+ge2fde70.d1310ca2c",
		"v1.2.3":                  "1.2.3",
		"1.2.3":                   "1.2.3",
		"v1.2.3-dirty":            "1.2.3+d1310ca2c",
		"v1.2.0-rc.1":             "1.2.0rc1",
		"v1.2.3-14-ge2fde70":      "1.2.3.post14+ge2fde70",
		"v1.2.0-rc.1-14-ge2fde70": "1.2.0rc1.post14+ge2fde70",
		"nightly":                 "",
	} {
		code, stderr, dist := build(t, []byte("program"), "--version", described)
		if want == "" {
			if code == 0 || strings.Count(stderr, "\n") != 1 {
				t.Errorf("%s: exit code %d, %s", described, code, stderr)
			}
			continue
		}
		if code != 0 {
			t.Fatalf("%s: %s", described, stderr)
		}
		name, _ := built(t, dist)
		if want := "appmetrics-" + want + "-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64.whl"; name != want {
			t.Errorf("%s: %s, want %s", described, name, want)
		}
	}
}

func TestWheelIsTheSameAgain(t *testing.T) {
	t.Parallel()
	_, _, first := build(t, []byte("program"))
	_, _, second := build(t, []byte("program"))
	_, want := built(t, first)
	if _, got := built(t, second); !bytes.Equal(got, want) {
		t.Error("two builds differ")
	}
}

func TestWheelTooLargeForAnApp(t *testing.T) {
	t.Parallel()
	random := make([]byte, 10_485_760)
	if _, err := rand.NewChaCha8([32]byte{}).Read(random); err != nil {
		t.Fatal(err)
	}
	code, stderr, dist := build(t, random)
	if code != 1 || strings.Count(stderr, "\n") != 1 || !strings.HasSuffix(stderr, "a file of a Databricks app has 10,485,760 at most\n") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, err := os.Stat(dist); !os.IsNotExist(err) {
		t.Errorf("%s: %v, want nothing written", dist, err)
	}
}

// unpacked is a wheel with a script in place of the binary, as pip would lay it
// out.
func unpacked(t *testing.T, script string) string {
	t.Helper()
	code, stderr, dist := build(t, []byte("#!/bin/sh\n"+script))
	if code != 0 {
		t.Fatal(stderr)
	}
	_, content := built(t, dist)
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, archive); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestWheelUnpacksOnceForSeveral(t *testing.T) {
	t.Parallel()
	folder := unpacked(t, "echo unpacked")
	var several sync.WaitGroup
	for range 8 {
		several.Go(func() {
			run := command(t, "python3", "-m", "appmetrics")
			run.Env = append(os.Environ(), "PYTHONPATH="+folder)
			if code, stdout, stderr := run.result(); code != 0 || stdout != "unpacked\n" {
				t.Errorf("exit code %d, %q, %s", code, stdout, stderr)
			}
		})
	}
	several.Wait()
	left, err := filepath.Glob(filepath.Join(folder, "appmetrics", ".appmetrics-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWheelIsWholeOrRefused(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(packed []byte) []byte{
		"cut":     func(packed []byte) []byte { return packed[:len(packed)/2] },
		"changed": func(packed []byte) []byte { packed[len(packed)/2] ^= 1; return packed },
		"empty":   func([]byte) []byte { return nil },
	} {
		folder := unpacked(t, "echo unpacked")
		packed := filepath.Join(folder, "appmetrics", "appmetrics.xz")
		content, err := os.ReadFile(packed)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(packed, harm(content), 0o600); err != nil {
			t.Fatal(err)
		}
		run := command(t, "python3", "-m", "appmetrics")
		run.Env = append(os.Environ(), "PYTHONPATH="+folder)
		if code, stdout, stderr := run.result(); code != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "install the wheel again") {
			t.Errorf("%s: exit code %d, %q, %q", name, code, stdout, stderr)
		}
	}
}

func TestWheelReplacesAnotherProgram(t *testing.T) {
	t.Parallel()
	folder := unpacked(t, "echo unpacked")
	if err := os.WriteFile(filepath.Join(folder, "appmetrics", "appmetrics"), []byte("#!/bin/sh\necho old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := command(t, "python3", "-m", "appmetrics")
	run.Env = append(os.Environ(), "PYTHONPATH="+folder)
	if code, stdout, stderr := run.result(); code != 0 || stdout != "unpacked\n" {
		t.Errorf("exit code %d, %q, %s", code, stdout, stderr)
	}
}
