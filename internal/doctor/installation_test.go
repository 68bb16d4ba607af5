package doctor_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/doctor"
)

// bare is an installation of which nothing but what a test sets is looked at.
func bare(t *testing.T) doctor.Options {
	t.Helper()
	return options("sqlite://" + filepath.Join(t.TempDir(), "appmetrics.db"))
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*doctor.Options)
		status  doctor.Status
		message string
	}{
		"a file": {func(o *doctor.Options) { o.File = "/etc/appmetrics/config.yaml" }, doctor.Pass, "/etc/appmetrics/config.yaml; local mode"},
		"what serve refuses": {func(o *doctor.Options) {
			o.Settings = func(context.Context) error { return errors.New(`listen address "0.0.0.0:80": local mode refuses`) }
		}, doctor.Fail, `serve would not start: listen address "0.0.0.0:80"`},
		"a proxy": {func(o *doctor.Options) {
			o.Mode, o.TrustedProxies = "proxy", []string{"10.0.0.7", "10.0.0.0/8"}
		}, doctor.Pass, "proxy mode"},
		"everybody a proxy": {func(o *doctor.Options) {
			o.Mode, o.TrustedProxies = "proxy", []string{"10.0.0.7", "::/0"}
		}, doctor.Fail, "::/0: whoever reaches the port"},
		"the front door of the platform": {func(o *doctor.Options) {
			o.Mode, o.TrustedProxies = "databricks", []string{"0.0.0.0/0", "::/0"}
		}, doctor.Pass, "databricks mode"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := bare(t)
			c.change(&o)
			expect(t, doctor.Run(t.Context(), o), "configuration", c.status, c.message)
		})
	}
}

func TestPort(t *testing.T) {
	t.Parallel()
	ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/internal/appmetrics/health" {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	}))
	t.Cleanup(ours.Close)
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>ok")
	}))
	t.Cleanup(foreign.Close)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	everywhere := func(address string) string {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		return "0.0.0.0:" + port
	}
	for _, c := range []struct {
		name, listen string
		status       doctor.Status
		message      string
	}{
		{"any", "127.0.0.1:0", doctor.Pass, "any free port"},
		{"taken by appmetrics", ours.Listener.Addr().String(), doctor.Pass, "appmetrics serves on"},
		{"taken by appmetrics, everywhere", everywhere(ours.Listener.Addr().String()), doctor.Pass, "appmetrics serves on"},
		{"taken by another application", foreign.Listener.Addr().String(), doctor.Fail, "taken by another program"},
		{"taken by who knows what", silent.Addr().String(), doctor.Fail, "taken by another program"},
		{"of another machine", "192.0.2.1:8080", doctor.Fail, "cannot assign requested address"},
		{"of nowhere", "nowhere", doctor.Fail, `listen is "nowhere"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := bare(t)
			o.Listen = c.listen
			expect(t, doctor.Run(t.Context(), o), "port", c.status, c.message)
		})
	}
}

// A port that was looked at is free again.
func TestAFreePortStaysFree(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := bare(t)
	o.Listen = listener.Addr().String()
	_ = listener.Close()
	for range 2 {
		expect(t, doctor.Run(t.Context(), o), "port", doctor.Pass, "is free")
	}
}

func TestSpool(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		folder, left string
		status       doctor.Status
		message      string
	}{
		"there":            {folder, "", doctor.Pass, folder + ", up to 1.0 GiB"},
		"to be made":       {filepath.Join(folder, "a", "b"), "", doctor.Pass, filepath.Join("a", "b") + ", up to 1.0 GiB"},
		"a file":           {file, "", doctor.Fail, "file is no directory"},
		"below a file":     {filepath.Join(file, "a"), "", doctor.Fail, "file/a: not a directory"},
		"samples are left": {folder, "/elsewhere/1", doctor.Fail, "samples wait that no process stores: /elsewhere/1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := bare(t)
			o.Spool = &doctor.Spool{Folder: c.folder, MaxBytes: 1 << 30, Left: func() []string { return strings.Fields(c.left) }}
			expect(t, doctor.Run(t.Context(), o), "spool", c.status, c.message)
		})
	}
	expect(t, doctor.Run(t.Context(), bare(t)), "spool", doctor.Skip, "posts wait for the database")
}

func TestBundle(t *testing.T) {
	t.Parallel()
	const command = `command: ["./start", "--listen", "0.0.0.0:8000"]`
	for name, c := range map[string]struct {
		files   map[string]string
		status  doctor.Status
		message string
	}{
		"in order":           {map[string]string{"app.yaml": command, "src/app.py": "x = 1"}, doctor.Pass, "2 files, each within 10,485,760 bytes"},
		"of just the limit":  {map[string]string{"app.yaml": command, "binary": strings.Repeat("x", 10_485_760)}, doctor.Pass, "2 files"},
		"too large":          {map[string]string{"app.yaml": command, "bin/a": strings.Repeat("x", 10_485_761)}, doctor.Fail, "bin/a (10,485,761)"},
		"never uploaded":     {map[string]string{"app.yaml": command, ".git/pack": strings.Repeat("x", 10_485_761)}, doctor.Pass, "1 file,"},
		"without app.yaml":   {map[string]string{"app.py": "x = 1"}, doctor.Fail, "app.yaml: no such file"},
		"a shell line":       {map[string]string{"app.yaml": "command: ./start --listen 0.0.0.0:8000"}, doctor.Fail, "command is not a list"},
		"no command":         {map[string]string{"app.yaml": "env: []"}, doctor.Fail, "command is not a list"},
		"an empty command":   {map[string]string{"app.yaml": "command: []"}, doctor.Fail, "command is not a list"},
		"a number":           {map[string]string{"app.yaml": `command: ["./start", 8000]`}, doctor.Fail, "command[1] is not text"},
		"a list in the list": {map[string]string{"app.yaml": `command: ["./start", ["x"]]`}, doctor.Fail, "command[1] is not text"},
		"no YAML":            {map[string]string{"app.yaml": "\tcommand: {"}, doctor.Fail, "app.yaml: is no YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := bare(t)
			o.Bundle = t.TempDir()
			for file, content := range c.files {
				path := filepath.Join(o.Bundle, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			expect(t, doctor.Run(t.Context(), o), "bundle", c.status, c.message)
		})
	}
	o := bare(t)
	o.Bundle = filepath.Join(t.TempDir(), "none")
	expect(t, doctor.Run(t.Context(), o), "bundle", doctor.Fail, "no such file or directory")
}
