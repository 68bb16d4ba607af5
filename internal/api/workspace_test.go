package api_test

import (
	"net/http"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
	"github.com/appmetrics/appmetrics/internal/store"
)

// R16 as callers meet it: a workspace behind the checker behind the gate.
func TestWorkspaceDecides(t *testing.T) {
	t.Parallel()
	workspace := workspacetest.New()
	workspace.SetUser("ada-token", databricks.User{ID: "1", Name: "ada@example.com", Groups: []string{"Admins"}, Active: true})
	workspace.SetUser("bob-token", databricks.User{ID: "2", Name: "bob@example.com", Groups: []string{"users"}, Active: true})
	workspace.SetUser("eve-token", databricks.User{ID: "3", Name: "eve@example.com", Groups: []string{"admins"}})
	workspace.Respond(func(r *http.Request) workspacetest.Fault {
		return workspacetest.Fault{Refuse: r.Header.Get("Authorization") == "Bearer lost-token"}
	})
	directory, err := databricks.NewDirectory(databricks.DirectoryOptions{Host: "https://workspace.example", Transport: workspace.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, store.SQLite, func(o *api.Options) {
		o.Checker = admin.NewWorkspace(admin.WorkspaceOptions{Directory: directory, Groups: []string{"admins"}})
	})
	for _, test := range []struct {
		name, header, token string
		status              int
		message, hint       string
	}{
		{"admin", "X-Forwarded-Access-Token", "ada-token", 200, "", ""},
		{"admin from outside", "Authorization", "Bearer ada-token", 200, "", ""},
		{"another user", "X-Forwarded-Access-Token", "bob-token", 403, "Administrator privileges required to access metrics", ""},
		{"no token", "X-Forwarded-Email", "ada@example.com", 401, "A valid access token is required",
			"the request carries no access token; on Databricks Apps switch on user authorization for the app"},
		{"unknown token", "X-Forwarded-Access-Token", "mallory-token", 401, "A valid access token is required",
			"the workspace does not accept the access token; sign in again"},
		{"inactive", "X-Forwarded-Access-Token", "eve-token", 401, "A valid access token is required",
			"the user is not active in the workspace"},
		{"workspace away", "X-Forwarded-Access-Token", "lost-token", 503, "Unable to verify admin privileges", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := s.get("/api/v1/metrics/performance", test.header, test.token)
			f := got.fault(t)
			hint, _ := f.Details["hint"].(string)
			if got.Status != test.status || f.Message != test.message || hint != test.hint {
				t.Errorf("got %d %s", got.Status, got.Body)
			}
		})
	}
	// Every user, administrator or not, may post and count their own.
	if got := s.post(events, oneEvent, "X-Forwarded-Access-Token", "bob-token"); got.Status != http.StatusAccepted {
		t.Errorf("post: got %d %s", got.Status, got.Body)
	}
	got := s.get("/api/v1/metrics/usage/count", "X-Forwarded-Access-Token", "bob-token", "X-Forwarded-Email", "ada@example.com")
	if n := found(t, got); n != 1 {
		t.Errorf("count: got %d, want 1", n)
	}
}
