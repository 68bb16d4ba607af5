package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// emptySettings is a configuration file that says nothing, so that the one of
// whoever runs the test is not read.
func emptySettings(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReportOfAServerThatRefuses(t *testing.T) {
	t.Parallel()
	const token = "a-token-of-this-test"
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		status int
		body   string
		code   int
		want   string
	}{
		{"who is not known", 401, `{"error":"Unauthorized","message":"A valid access token is required","status_code":401}`, exitNotAdmin, "--token-file"},
		{"who is no administrator", 403, `{"error":"Access Denied","message":"Administrator privileges required to access metrics","status_code":403}`, exitNotAdmin, "Administrator privileges required to access metrics"},
		{"while its database is away", 503, `{"error":"Service Unavailable","message":"Data temporarily unavailable","status_code":503}`, exitUnreachable, "Data temporarily unavailable"},
		{"because it is something else", 200, `<html>hello`, exitUnreachable, "check that appmetrics serve runs there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header.Get("Authorization"); got != "Bearer "+token {
					t.Errorf("Authorization = %q", got)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			defer server.Close()
			stdout, stderr, code := runCommand(t, "report", "--config", emptySettings(t), "--server", server.URL, "--token-file", file)
			if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, token) {
				t.Errorf("exit code %d, want %d; stdout %q; stderr %q", code, c.code, stdout, stderr)
			}
		})
	}
}
