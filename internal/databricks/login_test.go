package databricks_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// clean takes away every login that the machine of the test may hold.
func clean(t *testing.T) {
	t.Helper()
	for _, setting := range os.Environ() {
		name, _, _ := strings.Cut(setting, "=")
		for _, prefix := range []string{"DATABRICKS_", "ARM_", "GOOGLE_", "ACTIONS_"} {
			if strings.HasPrefix(name, prefix) {
				t.Setenv(name, "")
			}
		}
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("PATH", t.TempDir())
}

// byToken lets the process log in with the token of every test.
func byToken(t *testing.T) {
	t.Helper()
	clean(t)
	t.Setenv("DATABRICKS_HOST", workspacetest.URL)
	t.Setenv("DATABRICKS_TOKEN", token)
}

// The secret of the service principal, which no error may repeat either.
const secret = "dose0123456789abcdef"

// bySecret lets the process log in as a service principal that w knows.
func bySecret(t *testing.T, w *workspacetest.Workspace) {
	t.Helper()
	clean(t)
	t.Setenv("DATABRICKS_HOST", workspacetest.URL)
	t.Setenv("DATABRICKS_CLIENT_ID", "client")
	t.Setenv("DATABRICKS_CLIENT_SECRET", secret)
	w.SetServicePrincipal("client", secret, databricks.User{ID: "8", Name: "client", Groups: []string{"apps"}, Active: true})
}

func profiles(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "databrickscfg")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATABRICKS_CONFIG_FILE", file)
}

func login(t *testing.T, w *workspacetest.Workspace, o databricks.LoginOptions) *databricks.Login {
	t.Helper()
	o.Transport = w.Transport()
	l, err := databricks.NewLogin(t.Context(), o)
	if err != nil {
		t.Fatalf("NewLogin: %v", err)
	}
	return l
}

func TestLoginByToken(t *testing.T) {
	byToken(t)
	w := workspacetest.New()
	w.SetUser(token, ada())
	l := login(t, w, databricks.LoginOptions{})
	if l.Host() != workspacetest.URL || l.AuthType() != "pat" {
		t.Errorf("Host, AuthType = %q, %q", l.Host(), l.AuthType())
	}
	if got, err := l.User(t.Context()); err != nil || got.Name != "ada@example.com" || !slices.Equal(got.Groups, ada().Groups) {
		t.Errorf("User = %+v, %v", got, err)
	}
	if got, err := l.Token(t.Context()); err != nil || got != token {
		t.Errorf("Token = %q, %v", got, err)
	}
}

func TestLoginByClientSecret(t *testing.T) {
	w := workspacetest.New()
	bySecret(t, w)
	t.Setenv("DATABRICKS_HOST", w.Serve(t)) // a real network
	l, err := databricks.NewLogin(t.Context(), databricks.LoginOptions{})
	if err != nil {
		t.Fatalf("NewLogin: %v", err)
	}
	if l.AuthType() != "oauth-m2m" || w.Calls(workspacetest.TokenPath) != 0 {
		t.Errorf("AuthType = %q, %d tokens asked for", l.AuthType(), w.Calls(workspacetest.TokenPath))
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got, err := l.User(t.Context()); err != nil || got.Name != "client" {
				t.Errorf("User = %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	if n := w.Calls(workspacetest.TokenPath); n != 1 {
		t.Errorf("%d tokens asked for, want 1", n)
	}
	issued, err := l.Token(t.Context())
	if err != nil || strings.Count(issued, ".") != 2 {
		t.Errorf("Token = %q, %v", issued, err)
	}
	// Good at a server that checks whose it is.
	d := directoryAt(t, databricks.DirectoryOptions{Host: l.Host()})
	if got, err := d.User(t.Context(), issued); err != nil || got.Name != "client" {
		t.Errorf("the token belongs to %+v, %v", got, err)
	}
}

func TestAccessTokensRenewThemselves(t *testing.T) {
	w := workspacetest.New()
	bySecret(t, w)
	synctest.Test(t, func(t *testing.T) {
		l := login(t, w, databricks.LoginOptions{})
		first, err := l.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(61 * time.Minute)
		second, err := l.Token(t.Context())
		if err != nil || second == first {
			t.Errorf("Token after its hour = the same: %t, %v", second == first, err)
		}
	})
}

func TestAProfileIsFound(t *testing.T) {
	w := workspacetest.New()
	w.SetUser("default-token", databricks.User{Name: "default@example.com", Active: true})
	w.SetUser("prod-token", databricks.User{Name: "prod@example.com", Active: true})
	file := fmt.Sprintf("[DEFAULT]\nhost = %[1]s\ntoken = default-token\n\n[prod]\nhost = %[1]s\ntoken = prod-token\n", workspacetest.URL)
	for name, tc := range map[string]struct {
		profile, variable string
		want              string
	}{
		"default":  {"", "", "default@example.com"},
		"option":   {"prod", "", "prod@example.com"},
		"variable": {"", "prod", "prod@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			profiles(t, file)
			t.Setenv("DATABRICKS_CONFIG_PROFILE", tc.variable)
			got, err := login(t, w, databricks.LoginOptions{Profile: tc.profile}).User(t.Context())
			if err != nil || got.Name != tc.want {
				t.Errorf("User = %+v, %v; want %s", got, err, tc.want)
			}
		})
	}
}

// Left to the SDK, a variable of the environment would overrule its part of
// the profile: the token of one identity, the workspace of another.
func TestANamedProfileAloneDecides(t *testing.T) {
	w := workspacetest.New()
	w.SetUser("prod-token", databricks.User{Name: "prod@example.com", Active: true})
	for name, variables := range map[string]map[string]string{
		"token":     {"DATABRICKS_TOKEN": token},
		"host":      {"DATABRICKS_HOST": "https://elsewhere.example.com"},
		"principal": {"DATABRICKS_CLIENT_ID": "client", "DATABRICKS_CLIENT_SECRET": secret, "DATABRICKS_AUTH_TYPE": "oauth-m2m"},
		"profile":   {"DATABRICKS_CONFIG_PROFILE": "other"},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			profiles(t, "[prod]\nhost = "+workspacetest.URL+"\ntoken = prod-token\n[other]\ntoken = x\n")
			for variable, value := range variables {
				t.Setenv(variable, value)
			}
			l := login(t, w, databricks.LoginOptions{Profile: "prod"})
			if got, err := l.User(t.Context()); err != nil || got.Name != "prod@example.com" || l.Host() != workspacetest.URL {
				t.Errorf("User at %s = %+v, %v", l.Host(), got, err)
			}
		})
	}
}

func TestNoLogin(t *testing.T) {
	for name, tc := range map[string]struct {
		variables map[string]string
		file      string
		options   databricks.LoginOptions
		want      string // part of the error
	}{
		"nothing":      {want: "set DATABRICKS_HOST and DATABRICKS_TOKEN"},
		"host only":    {variables: map[string]string{"DATABRICKS_HOST": workspacetest.URL}, want: "DATABRICKS_CLIENT_SECRET"},
		"host option":  {options: databricks.LoginOptions{Host: workspacetest.URL}, want: "databricks auth login"},
		"token only":   {variables: map[string]string{"DATABRICKS_TOKEN": token}, want: "set DATABRICKS_HOST"},
		"no such type": {variables: map[string]string{"DATABRICKS_HOST": workspacetest.URL, "DATABRICKS_AUTH_TYPE": "magic"}, want: "magic"},
		"two of them": {
			variables: map[string]string{
				"DATABRICKS_HOST": workspacetest.URL, "DATABRICKS_TOKEN": token,
				"DATABRICKS_CLIENT_ID": "client", "DATABRICKS_CLIENT_SECRET": secret,
			},
			want: "more than one authorization method configured: oauth and pat",
		},
		"no such profile": {options: databricks.LoginOptions{Profile: "nope"}, file: "[prod]\ntoken = x\n", want: "has no nope profile"},
		"other host": {
			options: databricks.LoginOptions{Profile: "prod", Host: workspacetest.URL},
			file:    "[prod]\nhost = https://elsewhere.example.com\ntoken = " + token + "\n",
			want:    "of https://elsewhere.example.com, not of the configured " + workspacetest.URL,
		},
		"empty token": {
			variables: map[string]string{"DATABRICKS_HOST": workspacetest.URL, "DATABRICKS_AUTH_TYPE": "pat"},
			want:      "token is required",
		},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			if tc.file != "" {
				profiles(t, tc.file)
			}
			for variable, value := range tc.variables {
				t.Setenv(variable, value)
			}
			tc.options.Transport = workspacetest.New().Transport()
			_, err := databricks.NewLogin(t.Context(), tc.options)
			checkFailure(t, err, databricks.ErrUnauthenticated)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("NewLogin: %v, want %q", err, tc.want)
			}
		})
	}
}

func TestALoginNeedsHTTPS(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"token": {"DATABRICKS_TOKEN": token},
		// One that is tried at once, by sending a token to the host for another.
		"federation": {"DATABRICKS_AUTH_TYPE": "env-oidc", "DATABRICKS_CLIENT_ID": "client", "DATABRICKS_OIDC_TOKEN": token},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			t.Setenv("DATABRICKS_HOST", "http://workspace.test")
			for variable, value := range variables {
				t.Setenv(variable, value)
			}
			w := workspacetest.New()
			if _, err := databricks.NewLogin(t.Context(), databricks.LoginOptions{Transport: w.Transport()}); err == nil ||
				!strings.Contains(err.Error(), "want https") {
				t.Errorf("NewLogin: %v", err)
			}
			if w.Calls("") > w.Calls(workspacetest.MetadataPath) {
				t.Error("something was sent in the clear")
			}
		})
	}
}

func TestALoginWithoutABearerToken(t *testing.T) {
	clean(t)
	t.Setenv("DATABRICKS_HOST", workspacetest.URL)
	t.Setenv("DATABRICKS_USERNAME", "ada")
	t.Setenv("DATABRICKS_PASSWORD", "0123456789")
	l := login(t, workspacetest.New(), databricks.LoginOptions{})
	_, err := l.Token(t.Context())
	checkFailure(t, err, databricks.ErrUnauthenticated)
	if l.AuthType() != "basic" || !errors.Is(err, databricks.ErrUnauthenticated) {
		t.Errorf("AuthType = %q, Token: %v", l.AuthType(), err)
	}
}

// Left alone, the SDK tries each of its methods for a minute.
func TestNoLoginWhileTheWorkspaceIsAway(t *testing.T) {
	for name, fault := range map[string]workspacetest.Fault{"refused": {Refuse: true}, "reset": {Reset: true}} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			workspace := workspacetest.New()
			workspace.Respond(func(*http.Request) workspacetest.Fault { return fault })
			began := time.Now()
			_, err := databricks.NewLogin(t.Context(), databricks.LoginOptions{Host: workspacetest.URL, Transport: workspace.Transport()})
			checkFailure(t, err, databricks.ErrUnauthenticated)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("NewLogin took %v", took)
			}
		})
	}
}
