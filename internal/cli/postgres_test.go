package cli

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// makePostgres NAME makes an empty database for the script and sets a variable
// to its URL.
func makePostgres(ts *testscript.TestScript, _ bool, args []string) {
	u := newDatabase(ts)
	ts.Setenv(args[0], u.String())
}

func newDatabase(ts *testscript.TestScript) *url.URL {
	name := "cli_" + unique()
	execute(ts, "CREATE DATABASE "+name)
	ts.Defer(func() { execute(ts, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(ts.Getenv("TEST_DATABASE_URL"))
	ts.Check(err)
	u.Path = "/" + name
	return u
}

// makeLakebase ENDPOINT makes an empty database, sets the PG* variables as an
// app's database resource does, and lets the workspace hand out a password for
// it: one that works, every second time. The service principal shop is its
// user.
func makeLakebase(ts *testscript.TestScript, _ bool, args []string) {
	user, password := "shop_"+unique(), unique()
	execute(ts, "CREATE ROLE "+user+" LOGIN IN ROLE password_login PASSWORD '"+password+"'")
	ts.Defer(func() { execute(ts, "DROP ROLE "+user) }) // after its database
	u := newDatabase(ts)
	name := strings.TrimPrefix(u.Path, "/")
	execute(ts, "ALTER DATABASE "+name+" OWNER TO "+user)

	var handedOut atomic.Int64
	workspace := ts.Value(workspaceKey{}).(*servedWorkspace)
	workspace.SetServicePrincipal("shop", "shop-secret", databricks.User{Name: user, Active: true})
	workspace.SetEndpoint(args[0], u.Hostname(), func() databricks.Credential {
		c := databricks.Credential{Password: password, ExpiresAt: time.Now().Add(time.Hour)}
		if handedOut.Add(1)%2 == 1 {
			c.Password = "refused"
		}
		return c
	})
	ts.Setenv("PGPORT", u.Port())
	ts.Setenv("PGDATABASE", name)
	ts.Setenv("PGSSLMODE", "require")
}

func unique() string { return strings.ReplaceAll(uuid.NewString(), "-", "") }

// execute runs a statement as a superuser.
func execute(ts *testscript.TestScript, statement string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, ts.Getenv("TEST_DATABASE_URL"))
	ts.Check(err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	ts.Check(err)
}
