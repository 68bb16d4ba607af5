package admin_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// callLimit is how long the workspace has for an answer (R16).
const callLimit = 5 * time.Second

// newWorkspace returns the Checker over a workspace of the test's own, in the
// bubble that it is called in. It knows two users by their tokens.
func newWorkspace(t testing.TB, change ...func(*admin.WorkspaceOptions)) (*admin.Workspace, *workspacetest.Workspace) {
	t.Helper()
	fake := workspacetest.New()
	fake.SetUser("ada-token", databricks.User{ID: "1", Name: "ada@example.com", Groups: []string{"users", "admins"}, Active: true})
	fake.SetUser("bob-token", databricks.User{ID: "2", Name: "bob@example.com", Groups: []string{"users"}, Active: true})
	directory, err := databricks.NewDirectory(databricks.DirectoryOptions{
		Host: "https://workspace.example", Timeout: callLimit, Transport: fake.Transport(),
	})
	if err != nil {
		t.Fatal(err)
	}
	o := admin.WorkspaceOptions{Directory: directory, Groups: []string{"admins", "workspace_admins", "administrators"}}
	for _, f := range change {
		f(&o)
	}
	return admin.NewWorkspace(o), fake
}

func holding(token string) admin.Credentials { return admin.Credentials{Token: token} }

// Every row of R16: who is let in, and what the others are told.
func TestWorkspace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		token string
		user  databricks.User
		want  admin.Identity
		err   error
		hint  string
	}{
		{name: "admin", token: "ada-token", want: admin.Identity{UserID: "ada@example.com", Admin: true}},
		{name: "another user", token: "bob-token", want: admin.Identity{UserID: "bob@example.com"}, err: admin.ErrForbidden},
		{name: "service principal", token: "new", user: databricks.User{Name: "7c1e0000-0000-4000-8000-000000000001", Groups: []string{"administrators"}, Active: true},
			want: admin.Identity{UserID: "7c1e0000-0000-4000-8000-000000000001", Admin: true}},
		{name: "no token", token: "", err: admin.ErrUnauthenticated, hint: "switch on user authorization"},
		{name: "unknown token", token: "mallory-token", err: admin.ErrUnauthenticated, hint: "sign in again"},
		{name: "token that no header can carry", token: "a\nb", err: admin.ErrUnauthenticated, hint: "sign in again"},
		{name: "token of any length", token: strings.Repeat("a", 1<<20), err: admin.ErrUnauthenticated, hint: "sign in again"},
		{name: "inactive", token: "new", user: databricks.User{Name: "eve@example.com", Groups: []string{"admins"}}, err: admin.ErrUnauthenticated, hint: "not active"},
		{name: "nameless", token: "new", user: databricks.User{Groups: []string{"admins"}, Active: true}, err: admin.ErrUnverifiable},
		{name: "name that cannot be stored", token: "new", user: databricks.User{Name: strings.Repeat("e", 256), Active: true}, err: admin.ErrUnverifiable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, fake := newWorkspace(t)
				if test.token == "new" {
					fake.SetUser("new", test.user)
				}
				got, err := admin.RequireAdmin(t.Context(), w, holding(test.token))
				if got != test.want || !errors.Is(err, test.err) {
					t.Errorf("got %+v and error %v, want %+v and %v", got, err, test.want, test.err)
				}
				if hint := admin.Hint(err); !strings.Contains(hint, test.hint) || test.hint == "" && hint != "" {
					t.Errorf("got hint %q, want %q", hint, test.hint)
				}
				if err != nil && test.token != "" && strings.Contains(err.Error(), test.token) {
					t.Errorf("%v tells the token", err)
				}
			})
		})
	}
}

func TestGroupNames(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		configured, groups []string
		admin              bool
	}{
		"equal":                      {[]string{"admins"}, []string{"admins"}, true},
		"case":                       {[]string{"Admins"}, []string{"aDMINS"}, true},
		"case beyond ASCII":          {[]string{"Größe"}, []string{"GRÖßE"}, true},
		"space around":               {[]string{" admins "}, []string{"\tadmins\u00a0"}, true},
		"the second":                 {[]string{"a", "b"}, []string{"c", "b"}, true},
		"space inside":               {[]string{"data admins"}, []string{"dataadmins"}, false},
		"none":                       {[]string{"admins"}, nil, false},
		"empty":                      {[]string{"admins"}, []string{}, false},
		"blank":                      {[]string{"", " "}, []string{"", " "}, false},
		"none configured":            {nil, []string{"admins", ""}, false},
		"longer":                     {[]string{"admins"}, []string{"admins2", "2admins"}, false},
		"list in one":                {[]string{"admins"}, []string{"users,admins"}, false},
		"long s that passes for s":   {[]string{"admins"}, []string{"admin\u017f"}, false},
		"Kelvin sign passing for k":  {[]string{"workspace_admins"}, []string{"wor\u212aspace_admins"}, false},
		"dotted I that passes for i": {[]string{"admins"}, []string{"adm\u0130ns"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, fake := newWorkspace(t, func(o *admin.WorkspaceOptions) { o.Groups = test.configured })
				fake.SetUser("eve-token", databricks.User{ID: "3", Name: "eve@example.com", Groups: test.groups, Active: true})
				got, err := w.Check(t.Context(), holding("eve-token"))
				if err != nil || got.UserID != "eve@example.com" || got.Admin != test.admin {
					t.Errorf("got %+v and error %v, want admin %v", got, err, test.admin)
				}
			})
		})
	}
}

// A workspace that cannot answer admits nobody: at once when it says so, after
// the limit at the latest when it says nothing.
func TestWorkspaceAway(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault workspacetest.Fault
		want  error
		after time.Duration
	}{
		"429":             {workspacetest.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Minute}, admin.ErrUnverifiable, 0},
		"500":             {workspacetest.Fault{Status: http.StatusInternalServerError}, admin.ErrUnverifiable, 0},
		"503":             {workspacetest.Fault{Status: http.StatusServiceUnavailable, RetryAfter: time.Minute}, admin.ErrUnverifiable, 0},
		"404":             {workspacetest.Fault{Status: http.StatusNotFound}, admin.ErrUnverifiable, 0},
		"refused":         {workspacetest.Fault{Refuse: true}, admin.ErrUnverifiable, 0},
		"reset":           {workspacetest.Fault{Reset: true}, admin.ErrUnverifiable, 0},
		"hang":            {workspacetest.Fault{Hang: true}, admin.ErrUnverifiable, callLimit},
		"too slow":        {workspacetest.Fault{Delay: time.Minute}, admin.ErrUnverifiable, callLimit},
		"slow":            {workspacetest.Fault{Delay: 4 * time.Second}, nil, 4 * time.Second},
		"401":             {workspacetest.Fault{Status: http.StatusUnauthorized}, admin.ErrUnauthenticated, 0},
		"403 for a scope": {workspacetest.Fault{Status: http.StatusForbidden}, admin.ErrForbidden, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, fake := newWorkspace(t)
				fake.Respond(func(*http.Request) workspacetest.Fault { return test.fault })
				for range 2 { // errors are never cached
					start := time.Now()
					got, err := w.Check(t.Context(), holding("ada-token"))
					if !errors.Is(err, test.want) || err != nil && got != (admin.Identity{}) {
						t.Errorf("got %+v and error %v, want %v", got, err, test.want)
					}
					if took := time.Since(start); took < test.after || took > test.after+time.Millisecond {
						t.Errorf("took %v, want %v", took, test.after)
					}
					if test.want == nil {
						return
					}
				}
				if calls := fake.Calls(workspacetest.MePath); calls != 2 {
					t.Errorf("got %d calls, want 2", calls)
				}
				wantFailures := int64(0)
				if test.want == admin.ErrUnverifiable { //nolint:errorlint // the table's own value
					wantFailures = 2
				}
				if got := w.Stats(); got.Entries != 0 || got.Failures != wantFailures {
					t.Errorf("got %+v, want %d failures", got, wantFailures)
				}
				fake.Respond(nil)
				if got, err := w.Check(t.Context(), holding("ada-token")); err != nil || !got.Admin {
					t.Errorf("once it is back: got %+v and error %v", got, err)
				}
			})
		})
	}
}

// The workspace is asked with the caller's token or not at all.
func TestNoTokenIsNotTheEnvironments(t *testing.T) {
	t.Setenv("DATABRICKS_HOST", "https://workspace.example")
	t.Setenv("DATABRICKS_TOKEN", "ada-token")
	synctest.Test(t, func(t *testing.T) {
		w, fake := newWorkspace(t)
		for _, token := range []string{"", "mallory-token"} {
			if got, err := w.Check(t.Context(), holding(token)); !errors.Is(err, admin.ErrUnauthenticated) {
				t.Errorf("%q: got %+v and error %v", token, got, err)
			}
		}
		if calls := fake.Calls(""); calls != 1 {
			t.Errorf("got %d calls, want 1", calls)
		}
	})
}

// answers is a Directory that answers in the test's own words.
type answers func(token string) (databricks.User, error)

func (a answers) User(_ context.Context, token string) (databricks.User, error) { return a(token) }

// A defect below must not take the observed application along.
func TestPanicOfTheDirectory(t *testing.T) {
	t.Parallel()
	w := admin.NewWorkspace(admin.WorkspaceOptions{Directory: answers(func(string) (databricks.User, error) { panic("defect") })})
	if got, err := w.Check(t.Context(), holding("ada-token")); !errors.Is(err, admin.ErrUnverifiable) || !strings.Contains(err.Error(), "defect") {
		t.Errorf("got %+v and error %v", got, err)
	}
}
