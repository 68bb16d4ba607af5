package terminal

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// R16: where a workspace is configured, only its administrators see what is in
// the database, whoever runs the program.
func TestTheDatabaseIsForAdministrators(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetUser("ada", databricks.User{Name: "ada@example.com", Groups: []string{"admins"}, Active: true})
	w.SetUser("bob", databricks.User{Name: "bob@example.com", Groups: []string{"users"}, Active: true})
	workspace := httptest.NewServer(w)
	defer workspace.Close()
	database := seed(t)
	as := func(token string) *terminal {
		return openWith(t, []string{"DATABRICKS_HOST=" + workspace.URL, "DATABRICKS_TOKEN=" + token}, 80, 24, "tui", "--database-url", database)
	}

	x := as("ada")
	x.until("p95", "loaded")
	x.press("q")
	x.ended(0)

	x = as("bob")
	x.ended(4)
	if got := x.note("stderr"); !strings.HasPrefix(got, "appmetrics: Administrator privileges required to access metrics; ") {
		t.Errorf("bob: stderr: %s", got)
	}
	x = as("mallory")
	x.ended(4)

	workspace.Close()
	x = as("ada")
	x.ended(1)
	if got := x.note("stderr"); !strings.HasPrefix(got, "appmetrics: Unable to verify admin privileges: ") {
		t.Errorf("without the workspace: stderr: %s", got)
	}
}
