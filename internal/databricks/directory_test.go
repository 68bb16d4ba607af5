package databricks_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// The token of every test: nothing that it looks like may turn up in errors.
const token = "dapi0123456789abcdef0123456789abcdef"

func ada() databricks.User {
	return databricks.User{ID: "42", Name: "ada@example.com", Groups: []string{"admins", "Data Team"}, Active: true}
}

// directory returns a Directory of w without a network.
func directory(t testing.TB, w *workspacetest.Workspace) *databricks.Directory {
	t.Helper()
	return directoryAt(t, databricks.DirectoryOptions{Host: workspacetest.URL, Transport: w.Transport()})
}

func directoryAt(t testing.TB, o databricks.DirectoryOptions) *databricks.Directory {
	t.Helper()
	d, err := databricks.NewDirectory(o)
	if err != nil {
		t.Fatalf("NewDirectory: %v", err)
	}
	return d
}

// checkFailure holds an error against the one kind that it shall have, and
// against what no error may do.
func checkFailure(t *testing.T, err, want error) {
	t.Helper()
	kinds := []error{
		databricks.ErrUnauthenticated, databricks.ErrForbidden, databricks.ErrNotFound, databricks.ErrUnavailable,
		context.Canceled, context.DeadlineExceeded,
	}
	for _, kind := range kinds {
		if got := errors.Is(err, kind); got != errors.Is(want, kind) {
			t.Errorf("errors.Is(%q, %q) = %t", err, kind, got)
		}
	}
	if err == nil {
		return
	}
	if strings.Contains(err.Error(), "0123456789") {
		t.Errorf("the error carries the token: %q", err)
	}
	if strings.ContainsAny(err.Error(), "\n\r\x1b") || len(err.Error()) > 600 {
		t.Errorf("the error is not one short line: %q", err)
	}
}

func TestUser(t *testing.T) {
	t.Parallel()
	inactive := ada()
	inactive.Active = false
	for name, want := range map[string]databricks.User{
		"admin":             ada(),
		"inactive":          inactive,
		"no groups":         {ID: "7", Name: "bob@example.com", Active: true},
		"service principal": {ID: "8", Name: "8cbd2a5c-6e4f-4f0e-9d1d-0a4a5a3f1a11", Groups: []string{"apps"}, Active: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := workspacetest.New()
			w.SetUser(token, want)
			got, err := directory(t, w).User(t.Context(), token)
			if err != nil || got.ID != want.ID || got.Name != want.Name || got.Active != want.Active ||
				!slices.Equal(got.Groups, want.Groups) {
				t.Errorf("User = %+v, %v; want %+v", got, err, want)
			}
			if w.Calls("") != 1 {
				t.Errorf("%d calls, want 1", w.Calls(""))
			}
		})
	}
}

func TestUserIsAskedForEachTime(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	d := directory(t, w)
	w.SetUser(token, ada())
	if _, err := d.User(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	w.SetUser(token, databricks.User{Name: "ada@example.com", Groups: []string{"readers"}, Active: true})
	if got, err := d.User(t.Context(), token); err != nil || !slices.Equal(got.Groups, []string{"readers"}) {
		t.Errorf("User after a change = %+v, %v", got, err)
	}
	w.RemoveUser(token)
	_, err := d.User(t.Context(), token)
	checkFailure(t, err, databricks.ErrUnauthenticated)
}

// environment sets every way of logging in that the SDK would find, all of
// them good at the workspace, and a profile on top.
func environment(t *testing.T, w *workspacetest.Workspace, host string) {
	t.Helper()
	w.SetUser("environment-token", databricks.User{Name: "environment@example.com", Groups: []string{"admins"}, Active: true})
	w.SetUser("profile-token", databricks.User{Name: "profile@example.com", Groups: []string{"admins"}, Active: true})
	w.SetServicePrincipal("client", "secret", databricks.User{Name: "client", Groups: []string{"admins"}, Active: true})
	file := filepath.Join(t.TempDir(), "databrickscfg")
	if err := os.WriteFile(file, []byte("[DEFAULT]\nhost = "+host+"\ntoken = profile-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"DATABRICKS_HOST": host, "DATABRICKS_TOKEN": "environment-token",
		"DATABRICKS_CLIENT_ID": "client", "DATABRICKS_CLIENT_SECRET": "secret",
		"DATABRICKS_USERNAME": "user", "DATABRICKS_PASSWORD": "password",
		"DATABRICKS_AUTH_TYPE": "oauth-m2m", "DATABRICKS_WORKSPACE_ID": "99", "DATABRICKS_GROUP_ID": "5",
		"DATABRICKS_CONFIG_PROFILE": "DEFAULT", "DATABRICKS_CONFIG_FILE": file,
		"ARM_CLIENT_ID": "arm", "ARM_CLIENT_SECRET": "arm", "ARM_TENANT_ID": "arm",
		"DATABRICKS_DEBUG_HEADERS": "true",
	} {
		t.Setenv(name, value)
	}
}

func TestUserIgnoresTheEnvironment(t *testing.T) {
	w := workspacetest.New()
	host := w.Serve(t)
	environment(t, w, "https://elsewhere.example.com")
	w.SetUser(token, ada())
	var seen http.Header
	w.Respond(func(r *http.Request) workspacetest.Fault {
		seen = r.Header.Clone()
		return workspacetest.Fault{}
	})
	got, err := directoryAt(t, databricks.DirectoryOptions{Host: host}).User(t.Context(), token)
	if err != nil || got.Name != "ada@example.com" {
		t.Errorf("User = %+v, %v; want ada", got, err)
	}
	if seen.Get("Authorization") != "Bearer "+token || seen.Get("X-Databricks-Workspace-Id") != "" {
		t.Errorf("the request was made from the environment: %v", seen)
	}
	if w.Calls("") != 1 {
		t.Errorf("%d calls, want 1", w.Calls(""))
	}
}

// An empty token is what a request without one carries: were it taken for a
// missing setting, every stranger would be whoever runs the program.
func TestAnEmptyTokenIsNobody(t *testing.T) {
	w := workspacetest.New()
	host := w.Serve(t)
	environment(t, w, host)
	d := directoryAt(t, databricks.DirectoryOptions{Host: host})
	for _, none := range []string{"", " ", "\t", "a b", "a\nb", "a\x00b", "naïve", `"quoted"`, strings.Repeat("a", 1<<20)} {
		got, err := d.User(t.Context(), none)
		checkFailure(t, err, databricks.ErrUnauthenticated)
		if got.Name != "" {
			t.Errorf("User(%.20q) = %+v, want nobody", none, got)
		}
	}
	if w.Calls("") != 0 {
		t.Errorf("%d calls, want none", w.Calls(""))
	}
}

func TestConstructionMakesNoCall(t *testing.T) {
	w := workspacetest.New()
	environment(t, w, workspacetest.URL)
	directory(t, w)
	if w.Calls("") != 0 {
		t.Errorf("%d calls, want none", w.Calls(""))
	}
}

func TestTenThousandGroupsAreFew(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	u := ada()
	for i := range 10_000 {
		u.Groups = append(u.Groups, fmt.Sprintf("group number %d of the whole account", i))
	}
	w.SetUser(token, u)
	if got, err := directory(t, w).User(t.Context(), token); err != nil || len(got.Groups) != len(u.Groups) {
		t.Errorf("%d groups, %v; want %d", len(got.Groups), err, len(u.Groups))
	}
}

// Many tokens at once over one pool: each answer is the token's own, over
// HTTP/1.1 and HTTP/2, and nothing that the workspace hands to one token, such
// as a cookie, comes back with another.
func TestTokensShareNothingButConnections(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("http2=", http2), func(t *testing.T) {
			t.Parallel()
			w := workspacetest.New()
			var conns, cookies, protocol2 atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if len(r.Cookies()) > 0 {
					cookies.Add(1)
				}
				if r.ProtoMajor == 2 {
					protocol2.Add(1)
				}
				http.SetCookie(rw, &http.Cookie{Name: "session", Value: r.Header.Get("Authorization")})
				w.ServeHTTP(rw, r)
			}))
			server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				if s == http.StateNew {
					conns.Add(1)
				}
			}
			server.EnableHTTP2 = http2
			server.StartTLS()
			t.Cleanup(server.Close)
			transport := server.Client().Transport.(*http.Transport)
			transport.MaxConnsPerHost = 4
			d := directoryAt(t, databricks.DirectoryOptions{Host: server.URL, Transport: transport, Timeout: time.Minute})

			const tokens, rounds = 50, 4
			var all sync.WaitGroup
			for i := range tokens {
				name := fmt.Sprintf("user%d@example.com", i)
				w.SetUser(fmt.Sprint("token-", i), databricks.User{Name: name, Groups: []string{name}, Active: true})
				for range rounds {
					all.Go(func() {
						got, err := d.User(t.Context(), fmt.Sprint("token-", i))
						if err != nil || got.Name != name || !slices.Equal(got.Groups, []string{name}) {
							t.Errorf("token %d is %+v, %v", i, got, err)
						}
					})
				}
			}
			all.Wait()
			if n := conns.Load(); n > tokens/2 {
				t.Errorf("%d connections for %d calls, want them shared", n, tokens*rounds)
			}
			if cookies.Load() > 0 {
				t.Errorf("%d requests carried a cookie of another", cookies.Load())
			}
			if want := map[bool]int32{true: tokens * rounds}[http2]; protocol2.Load() != want {
				t.Errorf("%d requests over HTTP/2, want %d", protocol2.Load(), want)
			}
		})
	}
}

// skipping is what the SDK takes for a recording that needs no credentials.
type skipping struct{ http.RoundTripper }

func (skipping) SkipRetryOnIO() bool { return true }

func TestNoTransportSwitchesAuthenticationOff(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetUser(token, ada())
	d := directoryAt(t, databricks.DirectoryOptions{Host: workspacetest.URL, Transport: skipping{w.Transport()}})
	if got, err := d.User(t.Context(), token); err != nil || got.Name != "ada@example.com" {
		t.Errorf("User = %+v, %v", got, err)
	}
}

// A host that several workspaces share is told by a header which one is meant.
func TestTheHostsQueryNamesTheWorkspace(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetUser(token, ada())
	var seen string
	w.Respond(func(r *http.Request) workspacetest.Fault {
		seen = r.Header.Get("X-Databricks-Workspace-Id")
		return workspacetest.Fault{}
	})
	d := directoryAt(t, databricks.DirectoryOptions{Host: workspacetest.URL + "/?o=123", Transport: w.Transport()})
	if _, err := d.User(t.Context(), token); err != nil || seen != "123" {
		t.Errorf("the header names %q, %v; want 123", seen, err)
	}
}
