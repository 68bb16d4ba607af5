package cli

import (
	"context"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"
)

// makePostgres NAME makes an empty database for the script and sets a variable
// to its URL.
func makePostgres(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	server := ts.Getenv("TEST_DATABASE_URL")
	name := "cli_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	run := func(statement string) {
		conn, err := pgx.Connect(ctx, server)
		ts.Check(err)
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, statement)
		ts.Check(err)
	}
	run("CREATE DATABASE " + name)
	ts.Defer(func() { run("DROP DATABASE " + name + " WITH (FORCE)") })
	u, err := url.Parse(server)
	ts.Check(err)
	u.Path = "/" + name
	ts.Setenv(args[0], u.String())
}
