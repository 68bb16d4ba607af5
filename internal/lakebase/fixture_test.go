package lakebase_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
	"github.com/appmetrics/appmetrics/internal/lakebase"
	"github.com/appmetrics/appmetrics/internal/store"
)

var _ store.Credentials = (*lakebase.Credentials)(nil)
var _ lakebase.Login = (*databricks.Login)(nil)

const (
	endpoint = "projects/shop/branches/main/endpoints/rw"
	instance = "shop"
	host     = "rw.database.test"
	name     = "ada@example.com"
	secret   = "password-" // begins every password
)

// desk is a workspace that hands out numbered passwords, and the credentials
// that ask it.
type desk struct {
	*lakebase.Credentials
	workspace *workspacetest.Workspace
	log       *safeBuffer

	issued   atomic.Int64
	lifetime time.Duration
}

// newDesk logs in to a workspace inside the process, which takes no time, so
// that it works inside a synctest bubble.
func newDesk(t *testing.T, with ...func(*lakebase.Options)) *desk {
	t.Helper()
	d := &desk{workspace: workspacetest.New(), log: &safeBuffer{}, lifetime: time.Hour}
	d.workspace.SetUser("token", databricks.User{Name: name, Active: true})
	d.workspace.SetEndpoint(endpoint, host, d.issue)
	d.workspace.SetInstance(instance, host, d.issue)
	o := lakebase.Options{
		Login:    login(t, d.workspace),
		Endpoint: endpoint,
		Logger:   slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, change := range with {
		change(&o)
	}
	var err error
	if d.Credentials, err = lakebase.New(o); err != nil {
		t.Fatal(err)
	}
	return d
}

// login logs in with the token that is in the environment: see
// clearEnvironment.
func login(t *testing.T, w *workspacetest.Workspace) *databricks.Login {
	t.Helper()
	l, err := databricks.NewLogin(t.Context(), databricks.LoginOptions{Host: workspacetest.URL, Transport: w.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (d *desk) issue() databricks.Credential {
	return databricks.Credential{Password: d.password(d.issued.Add(1)), ExpiresAt: time.Now().Add(d.lifetime)}
}

func (d *desk) password(n int64) string { return fmt.Sprintf("%s%d", secret, n) }

// asked returns how many questions there were for host, user and password.
func (d *desk) asked() int {
	return d.calls() + d.workspace.Calls(workspacetest.MePath) +
		d.workspace.Calls(workspacetest.EndpointPath) + d.workspace.Calls(workspacetest.InstancePath)
}

// calls returns how many passwords were asked for, in vain or not.
func (d *desk) calls() int {
	return d.workspace.Calls(workspacetest.EndpointCredentialPath) + d.workspace.Calls(workspacetest.InstanceCredentialPath)
}

// fail makes every request to the workspace end like this.
func (d *desk) fail(f workspacetest.Fault) {
	d.workspace.Respond(func(*http.Request) workspacetest.Fault { return f })
}

func (d *desk) recover() { d.workspace.Respond(nil) }

// warnings returns how many there were.
func (d *desk) warnings() int { return strings.Count(d.log.String(), "level=WARN") }

// parse returns the configuration of a connection as the pool has it.
func parse(t *testing.T, url string) *pgx.ConnConfig {
	t.Helper()
	c, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// apply returns a configuration that was completed, and where its verdict goes.
func (d *desk) apply(t *testing.T) (*pgx.ConnConfig, func(bool)) {
	t.Helper()
	c := parse(t, "postgres:///db")
	verdict, err := d.Apply(t.Context(), c)
	if err != nil {
		t.Errorf("apply: %v", err)
		return c, func(bool) {}
	}
	return c, verdict
}

// expect fails unless the next connection uses the n-th password, after that
// many calls.
func (d *desk) expect(t *testing.T, when string, n int64, calls int) func(accepted bool) {
	t.Helper()
	c, verdict := d.apply(t)
	if c.Password != d.password(n) || d.calls() != calls {
		t.Errorf("%s: got %s after %d calls, want the %d. password after %d", when, c.Password, d.calls(), n, calls)
	}
	return verdict
}

// expectError fails unless there is no password, and returns why.
func (d *desk) expectError(t *testing.T, when string) error {
	t.Helper()
	_, err := d.Apply(t.Context(), parse(t, "postgres:///db"))
	if err == nil {
		t.Fatalf("%s: got no error", when)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("%s: %v contains a password", when, err)
	}
	return err
}

// safeBuffer is a log that is written and read at once.
type safeBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// clearEnvironment takes away what would name host, user, TLS or another
// login, and leaves one by a token.
func clearEnvironment(t *testing.T) {
	t.Helper()
	for _, v := range os.Environ() {
		variable, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(variable, "PG") || strings.HasPrefix(variable, "DATABRICKS_") {
			t.Setenv(variable, "")
		}
	}
	t.Setenv("DATABRICKS_TOKEN", "token")
	t.Setenv("HOME", t.TempDir()) // of profiles and certificates
}
