package cli

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// serveWorkspace NAME serves a workspace until the script ends, or outage, and
// sets a variable to its URL. It knows Ada, who is an administrator, by the
// token ada, Bob, who is none, by the token bob, and the service principal of
// an app, shop with the secret shop-secret.
func serveWorkspace(ts *testscript.TestScript, _ bool, args []string) {
	w := workspacetest.New()
	w.SetUser("ada", databricks.User{Name: "ada@example.com", Groups: []string{"users", "Admins"}, Active: true})
	w.SetUser("bob", databricks.User{Name: "bob@example.com", Groups: []string{"users"}, Active: true})
	w.SetServicePrincipal("shop", "shop-secret", databricks.User{Name: "shop", Active: true})
	server := httptest.NewServer(w)
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
	*ts.Value(workspaceKey{}).(*servedWorkspace) = servedWorkspace{w, server}
}

// servedWorkspace is the one of a script.
type servedWorkspace struct {
	*workspacetest.Workspace
	server *httptest.Server
}

type workspaceKey struct{}

// outage ends the workspace: nobody listens there any more.
func outage(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Value(workspaceKey{}).(*servedWorkspace).server.Close()
}

// noLogin leaves nothing by which the SDK could log in.
func noLogin(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "DATABRICKS_") || strings.HasPrefix(name, "ARM_") || strings.HasPrefix(name, "GOOGLE_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("PATH", home) // no databricks, az or gcloud
}

func TestOnlyAppsOfDatabricksSeeTheLogin(t *testing.T) {
	noLogin(t)
	t.Setenv("DATABRICKS_TOKEN", "token-of-the-login")
	for server, want := range map[string]string{
		"https://shop-123.aws.databricksapps.com":           "token-of-the-login",
		"https://shop-123.4.AZURE.DatabricksApps.com/":      "token-of-the-login",
		"https://shop-123.aws.databricksapps.com:443":       "token-of-the-login",
		"http://shop-123.aws.databricksapps.com":            "",
		"https://databricksapps.com":                        "",
		"https://notdatabricksapps.com":                     "",
		"https://shop.databricksapps.com.example.com":       "",
		"https://shop.databricksapps.com@example.com":       "",
		"https://u:p@shop-123.aws.databricksapps.com":       "",
		"https://example.com/shop.databricksapps.com":       "",
		"https://example.com?x=.databricksapps.com":         "",
		"https://example.com#.databricksapps.com":           "",
		"https://adb-123.4.azuredatabricks.net":             "",
		"http://127.0.0.1:8080":                             "",
		"https://shop.databricksapps.com%2eexample.com/%zz": "",
	} {
		r := &run{settings: &config.Settings{Databricks: config.Databricks{Host: "https://adb-123.4.azuredatabricks.net"}}}
		got, err := r.serverToken(t.Context(), server, "")
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", server, got, err, want)
		}
		if asked := r.loggedIn != nil; asked != (want != "") {
			t.Errorf("%s: logged in: %v", server, asked)
		}
	}
}

func TestATokenThatWasGivenIsTheOneThatIsShown(t *testing.T) {
	noLogin(t)
	t.Setenv("DATABRICKS_TOKEN", "token-of-the-login")
	r := &run{settings: &config.Settings{Token: "given", Databricks: config.Databricks{Host: "https://adb-123.4.azuredatabricks.net"}}}
	got, err := r.serverToken(t.Context(), "https://shop.databricksapps.com", "")
	if err != nil || got != "given" {
		t.Errorf("got %q, %v, want the one of the settings", got, err)
	}
}

// A login that is missing is told in one line, which says what to set.
func TestNoLogin(t *testing.T) {
	noLogin(t)
	t.Setenv("DATABRICKS_HOST", "http://127.0.0.1:1")
	for _, args := range [][]string{
		{"report"},
		{"report", "--server", "https://shop-123.aws.databricksapps.com"},
	} {
		stdout, stderr, code := runCommand(t, append(args, "--config", emptySettings(t))...)
		if code != exitNotAdmin || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit code %d; stdout %q; stderr %q", args, code, stdout, stderr)
		}
		for _, want := range []string{"DATABRICKS_CONFIG_PROFILE", "DATABRICKS_TOKEN", "databricks auth login"} {
			if !strings.Contains(stderr, want) {
				t.Errorf("%v: %q does not name %s", args, stderr, want)
			}
		}
	}
}
