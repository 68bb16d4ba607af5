package doctor_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
	"github.com/appmetrics/appmetrics/internal/doctor"
	"github.com/appmetrics/appmetrics/internal/store"
)

const token = "dapi-hush-hush"

// signedIn is an installation whose login in the workspace is by the token, or
// by what else the environment then holds.
func signedIn(t *testing.T, w *workspacetest.Workspace) doctor.Options {
	t.Helper()
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "DATABRICKS_") {
			t.Setenv(name, "")
			_ = os.Unsetenv(name)
		}
	}
	t.Setenv("DATABRICKS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("DATABRICKS_TOKEN", token)
	o := bare(t)
	o.DatabaseFile = ""
	o.Interval = 0
	o.Open = func(context.Context) (doctor.Database, error) { return nil, store.ErrUnavailable }
	o.Mode, o.AdminGroups = "databricks", []string{"admins", " Ops "}
	o.Login = func(ctx context.Context) (doctor.Workspace, error) {
		return databricks.NewLogin(ctx, databricks.LoginOptions{Host: workspacetest.URL, Transport: w.Transport()})
	}
	return o
}

func ada(groups ...string) databricks.User {
	return databricks.User{Name: "ada@example.com", Groups: groups, Active: true}
}

func TestWorkspaceAndAdmin(t *testing.T) {
	const principal = "0a1b2c3d-1111-2222-3333-444455556666"
	for _, c := range []struct {
		name      string
		user      databricks.User
		mode      string
		workspace doctor.Status
		admin     doctor.Status
		message   string // of admin
	}{
		{"an administrator", ada("users", "ADMINS"), "databricks", doctor.Pass, doctor.Pass, "ada@example.com is an administrator, as a member of ADMINS"},
		{"by two groups", ada("ops", "admins"), "databricks", doctor.Pass, doctor.Pass, "as a member of ops, admins"},
		{"a user", ada("users", "sales"), "databricks", doctor.Pass, doctor.Fail, "ada@example.com is no administrator; groups: users, sales"},
		{"without groups", ada(), "databricks", doctor.Pass, doctor.Fail, "groups: none"},
		{"a service principal", databricks.User{Name: principal, Active: true}, "databricks", doctor.Pass, doctor.Pass, "a service principal, which needs no administrator's right"},
		{"deactivated", databricks.User{Name: "ada@example.com", Groups: []string{"admins"}}, "databricks", doctor.Fail, doctor.Skip, "the login is deactivated"},
		{"nobody", databricks.User{}, "databricks", doctor.Fail, doctor.Skip, "workspace unreachable"},
		{"in another mode", ada(), "local", doctor.Pass, doctor.Skip, "local mode: the workspace is not asked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := workspacetest.New()
			if c.user.Name != "" {
				w.SetUser(token, c.user)
			}
			o := signedIn(t, w)
			o.Mode = c.mode
			r := doctor.Run(t.Context(), o)
			expect(t, r, "workspace", c.workspace, "")
			expect(t, r, "admin", c.admin, c.message)
			if c.admin == doctor.Fail && !strings.Contains(outcome(t, r, "admin").Mend, "admins") {
				t.Errorf("the mend names no group: %q", outcome(t, r, "admin").Mend)
			}
			keepsSecrets(t, r)
		})
	}
}

func keepsSecrets(t *testing.T, r doctor.Report) {
	t.Helper()
	for _, c := range r.Checks {
		if strings.Contains(c.Message+c.Mend, "hush") {
			t.Errorf("%s shows a secret: %q", c.Name, c.Message)
		}
	}
}

func TestAServicePrincipalByItsSecret(t *testing.T) {
	w := workspacetest.New()
	w.SetServicePrincipal("client", "hush", databricks.User{Name: "shop", Active: true})
	o := signedIn(t, w)
	t.Setenv("DATABRICKS_TOKEN", "")
	t.Setenv("DATABRICKS_CLIENT_ID", "client")
	t.Setenv("DATABRICKS_CLIENT_SECRET", "hush")
	r := doctor.Run(t.Context(), o)
	expect(t, r, "workspace", doctor.Pass, workspacetest.URL+" answers; signed in as shop (oauth-m2m)")
	expect(t, r, "admin", doctor.Pass, "shop is a service principal")
	keepsSecrets(t, r)
}

func TestAWorkspaceThatDoesNotAnswer(t *testing.T) {
	for name, fault := range map[string]workspacetest.Fault{
		"refuses": {Refuse: true}, "resets": {Reset: true}, "is broken": {Status: 500}, "is overloaded": {Status: 503}, "forbids": {Status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			w := workspacetest.New()
			w.SetUser(token, ada("admins"))
			w.Respond(func(*http.Request) workspacetest.Fault { return fault })
			o := signedIn(t, w)
			o.Lakebase = &doctor.Lakebase{}
			r := doctor.Run(t.Context(), o)
			expect(t, r, "workspace", doctor.Fail, "")
			for _, name := range []string{"admin", "lakebase", "job", "destinations", "database", "tls"} {
				expect(t, r, name, doctor.Skip, "workspace unreachable")
			}
			keepsSecrets(t, r)
		})
	}
}

func TestAWorkspaceThatHangs(t *testing.T) {
	w := workspacetest.New()
	w.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Hang: true} })
	o := signedIn(t, w)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := doctor.Run(t.Context(), o)
		expect(t, r, "workspace", doctor.Fail, "")
		if mend := outcome(t, r, "workspace").Mend; !strings.Contains(mend, "DATABRICKS_HOST") {
			t.Errorf("the mend is %q", mend)
		}
		expect(t, r, "job", doctor.Skip, "workspace unreachable")
		if took := time.Since(began); took > doctor.DefaultCheckTimeout {
			t.Errorf("took %s", took)
		}
	})
}

func TestLakebase(t *testing.T) {
	inAnHour := func(context.Context) (time.Time, error) { return time.Now().Add(time.Hour), nil }
	for _, c := range []struct {
		name               string
		renew              func(context.Context) (time.Time, error)
		login              error
		lakebase, database doctor.Status
		message, reason    string
	}{
		{"in order", inAnHour, nil, doctor.Pass, doctor.Fail, "renewed, good for 1h0m0s, and logged in with it", "database unavailable"},
		{"no such endpoint", func(context.Context) (time.Time, error) { return time.Time{}, databricks.ErrNotFound }, nil,
			doctor.Fail, doctor.Skip, "not found in the workspace", "no credential for the database"},
		{"expired at once", func(context.Context) (time.Time, error) { return time.Now().Add(-time.Minute), nil }, nil,
			doctor.Fail, doctor.Skip, "expired at", "no credential for the database"},
		{"refused", inAnHour, store.ErrPermission, doctor.Fail, doctor.Skip, "the database refuses a new credential", "the database refuses the credential"},
		{"without TLS", inAnHour, errors.New("sslmode=disable is not allowed"), doctor.Fail, doctor.Skip, "sslmode=disable", "the database refuses the credential"},
		{"database away", inAnHour, store.ErrUnavailable, doctor.Pass, doctor.Fail, "not tried, since the database does not answer", "database unavailable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := workspacetest.New()
			w.SetUser(token, ada("admins"))
			o := signedIn(t, w)
			o.Lakebase = &doctor.Lakebase{Renew: c.renew, LogIn: func(context.Context) error { return c.login }}
			r := doctor.Run(t.Context(), o)
			expect(t, r, "lakebase", c.lakebase, c.message)
			expect(t, r, "database", c.database, c.reason)
		})
	}
}

func TestJob(t *testing.T) {
	good := databricks.Job{
		ID: 7, Name: "appmetrics aggregate", Cron: "0 0 2 * * ?", Zone: "UTC",
		FailureEmails: []string{"ops@example.com"}, FailureDestinations: []string{"d1", "d2"},
	}
	with := func(change func(*databricks.Job)) databricks.Job {
		job := good
		change(&job)
		return job
	}
	pager, chat := databricks.Destination{ID: "d1", Name: "pager", Type: "PAGERDUTY"}, databricks.Destination{ID: "d2", Name: "chat", Type: "SLACK"}
	for _, c := range []struct {
		name         string
		jobs         []databricks.Job
		destinations []databricks.Destination
		job          doctor.Status
		message      string
		told         doctor.Status
		reason       string
	}{
		{"in order", []databricks.Job{good}, []databricks.Destination{pager, chat}, doctor.Pass,
			"runs at 0 0 2 * * ? UTC; failures go to 1 e-mail address and 2 notification destinations", doctor.Pass, "pager, chat"},
		{"absent", nil, nil, doctor.Fail, `no job that ada@example.com may see is called "appmetrics aggregate"`, doctor.Skip, "job failed"},
		{"of another name", []databricks.Job{with(func(j *databricks.Job) { j.Name = "[dev ada] appmetrics aggregate" })}, nil,
			doctor.Fail, "no job", doctor.Skip, "job failed"},
		{"without a schedule", []databricks.Job{with(func(j *databricks.Job) { j.Cron = "" })}, []databricks.Destination{pager, chat},
			doctor.Fail, "has no schedule", doctor.Pass, "pager"},
		{"on weekdays", []databricks.Job{with(func(j *databricks.Job) { j.Cron = "0 0 2 ? * MON-FRI" })}, nil,
			doctor.Fail, "does not run every day: 0 0 2 ? * MON-FRI", doctor.Fail, "no notification destination has the id d1, d2"},
		{"paused", []databricks.Job{with(func(j *databricks.Job) { j.Paused = true })}, []databricks.Destination{pager},
			doctor.Fail, "is paused", doctor.Fail, "no notification destination has the id d2"},
		{"silent", []databricks.Job{with(func(j *databricks.Job) { j.FailureEmails, j.FailureDestinations = nil, nil })}, nil,
			doctor.Fail, "tells nobody of failures", doctor.Skip, "names no notification destination"},
		{"by e-mail only", []databricks.Job{with(func(j *databricks.Job) { j.FailureDestinations = nil })}, nil,
			doctor.Pass, "failures go to 1 e-mail address", doctor.Skip, "names no notification destination"},
		{"one of two in order", []databricks.Job{with(func(j *databricks.Job) { j.Paused = true }), good}, []databricks.Destination{pager, chat},
			doctor.Pass, "runs at", doctor.Pass, "pager, chat"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := workspacetest.New()
			w.SetUser(token, ada("admins"))
			w.SetJobs(c.jobs)
			w.SetDestinations(c.destinations)
			r := doctor.Run(t.Context(), signedIn(t, w))
			expect(t, r, "job", c.job, c.message)
			expect(t, r, "destinations", c.told, c.reason)
		})
	}
}

func TestSchedules(t *testing.T) {
	for cron, daily := range map[string]bool{
		"0 0 2 * * ?": true, "0 0 2 ? * *": true, "0 0 */6 * * ?": true, "0 30 1 1/1 * ? *": true, "0 0 2 ? * MON-SUN": true,
		"0 0 2 ? * mon-sun": true, "0 0 2 1 * ?": false, "0 0 2 ? * MON": false, "0 0 2 * 1 ?": false, "0 0 2 * * ? 2026": false,
		"0 2 * * *": false, "daily": false, "0 0 2 1/2 * ?": false,
	} {
		w := workspacetest.New()
		w.SetUser(token, ada("admins"))
		w.SetJobs([]databricks.Job{{ID: 1, Name: "appmetrics aggregate", Cron: cron, FailureEmails: []string{"ops@example.com"}}})
		want := map[bool]doctor.Status{true: doctor.Pass, false: doctor.Fail}[daily]
		if got := outcome(t, doctor.Run(t.Context(), signedIn(t, w)), "job"); got.Status != want {
			t.Errorf("%s: %s %q, want %s", cron, got.Status, got.Message, want)
		}
	}
}

func TestWhereNoJobIsNeeded(t *testing.T) {
	w := workspacetest.New()
	w.SetUser(token, ada("admins"))
	o := signedIn(t, w)
	o.Interval = 6 * time.Hour
	expect(t, doctor.Run(t.Context(), o), "job", doctor.Skip, "serve aggregates by itself, every 6h0m0s")
	o.DatabaseFile = filepath.Join(t.TempDir(), "appmetrics.db")
	expect(t, doctor.Run(t.Context(), o), "job", doctor.Skip, "an embedded database is aggregated by serve")
}

func TestDestinationsThatMayNotBeListed(t *testing.T) {
	w := workspacetest.New()
	w.SetUser(token, ada("admins"))
	w.SetJobs([]databricks.Job{{ID: 1, Name: "appmetrics aggregate", Cron: "0 0 2 * * ?", FailureDestinations: []string{"d1"}}})
	for status, want := range map[int]doctor.Status{403: doctor.Skip, 500: doctor.Fail} {
		w.Respond(func(r *http.Request) workspacetest.Fault {
			if r.URL.Path != workspacetest.DestinationsPath {
				return workspacetest.Fault{}
			}
			return workspacetest.Fault{Status: status}
		})
		expect(t, doctor.Run(t.Context(), signedIn(t, w)), "destinations", want, "")
	}
}
