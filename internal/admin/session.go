package admin

import (
	"context"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// Session is the Checker of a program that a person runs, such as the report
// subcommand against a database: the caller is whoever the process is logged
// in as, whatever the credentials show. It asks every time.
type Session struct {
	// User says who the process is logged in as.
	User func(context.Context) (databricks.User, error)
	// Groups are the names of the administrators' groups.
	Groups []string
}

// Check returns the identity of the login. Errors are those of Workspace.
func (s Session) Check(ctx context.Context, _ Credentials) (Identity, error) {
	user, err := s.User(ctx)
	if err != nil && ctx.Err() != nil {
		return Identity{}, ctx.Err()
	}
	return decide(user, err, newNames(s.Groups))
}
