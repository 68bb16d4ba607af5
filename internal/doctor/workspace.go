package doctor

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/store"
)

// workspaceMode is the mode in which the workspace knows the administrators.
const workspaceMode = "databricks"

const noWorkspace = "no workspace is configured"

// checkWorkspace signs in and asks who that is.
func (p *patient) checkWorkspace(ctx context.Context) finding {
	if p.Login == nil {
		return skipped(noWorkspace)
	}
	workspace, err := p.Login(ctx)
	if err == nil {
		p.workspace = workspace
		p.user, err = workspace.User(ctx)
	}
	switch {
	case err != nil:
		return unanswered(err)
	case !p.user.Active:
		return failed("ask an administrator of the workspace to activate it, or sign in as another", "%s is deactivated", p.user.Name).
			blocking("the login is deactivated")
	}
	return passed("%s answers; signed in as %s (%s)", workspace.Host(), p.user.Name, workspace.AuthType())
}

func unanswered(err error) finding {
	return failed(mendWorkspace(err), "%v", err).blocking("workspace unreachable")
}

func mendWorkspace(err error) string {
	switch {
	case errors.Is(err, databricks.ErrUnauthenticated):
		return "sign in with `databricks auth login`, or set DATABRICKS_HOST with DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"
	case errors.Is(err, databricks.ErrForbidden):
		return "ask an administrator of the workspace for the right"
	case errors.Is(err, databricks.ErrNotFound):
		return "check DATABRICKS_HOST: it names the workspace, such as https://adb-1.2.azuredatabricks.net"
	}
	return "check DATABRICKS_HOST and the network to it, and try again"
}

// checkAdmin says whether the login would be let in. A service principal need
// not be: it serves and aggregates, and asks no questions.
func (p *patient) checkAdmin(ctx context.Context) finding {
	if p.Mode != workspaceMode {
		return skipped("%s mode: the workspace is not asked who is an administrator", p.Mode)
	}
	var matched []string
	for _, group := range p.user.Groups {
		if p.letsIn(ctx, group) {
			matched = append(matched, group)
		}
	}
	if len(matched) > 0 {
		return passed("%s is an administrator, as a member of %s", p.user.Name, strings.Join(matched, ", "))
	}
	if p.isServicePrincipal() {
		return passed("%s is a service principal, which needs no administrator's right", p.user.Name)
	}
	member := "none"
	if len(p.user.Groups) > 0 {
		member = strings.Join(p.user.Groups, ", ")
	}
	return failed("join one of the groups "+strings.Join(p.AdminGroups, ", ")+", or name a group of yours in ADMIN_GROUPS",
		"%s is no administrator; groups: %s", p.user.Name, member)
}

// isServicePrincipal goes by how the login signs in, and by the application id
// that a service principal has for a name.
func (p *patient) isServicePrincipal() bool {
	_, err := uuid.Parse(p.user.Name)
	return err == nil || p.workspace.AuthType() == "oauth-m2m"
}

// letsIn asks the checker of report whether a member of that group alone is
// an administrator.
func (p *patient) letsIn(ctx context.Context, group string) bool {
	user := p.user
	user.Groups = []string{group}
	session := admin.Session{
		User:   func(context.Context) (databricks.User, error) { return user, nil },
		Groups: p.AdminGroups,
	}
	_, err := admin.RequireAdmin(ctx, session, admin.Credentials{})
	return err == nil
}

// checkLakebase renews the credential as serve does, and logs in with it. A
// database that does not answer at all is the finding of another check.
func (p *patient) checkLakebase(ctx context.Context) finding {
	if p.Lakebase == nil {
		return skipped("neither lakebase.endpoint nor lakebase.instance is set")
	}
	expires, err := p.Lakebase.Renew(ctx)
	if err != nil {
		return failed(mendLakebase(err), "%v", err).blocking("no credential for the database")
	}
	left := expires.Sub(p.Now())
	if left <= 0 {
		return failed("synchronise the clock of this machine (NTP)", "a new credential expired at %s already", expires.UTC().Format(time.RFC3339)).
			blocking("no credential for the database")
	}
	held := left.Round(time.Minute)
	err = p.Lakebase.LogIn(ctx)
	switch {
	case errors.Is(err, store.ErrUnavailable):
		return passed("renewed, good for %s; not tried, since the database does not answer", held)
	case errors.Is(err, store.ErrPermission):
		return failed("give "+p.user.Name+" a role in the database, and the role its rights",
			"the database refuses a new credential: %v", err).blocking("the database refuses the credential")
	case err != nil:
		return failed("correct the database URL, or the PG* variables", "%v", err).blocking("the database refuses the credential")
	}
	return passed("renewed, good for %s, and logged in with it", held)
}

func mendLakebase(err error) string {
	switch {
	case errors.Is(err, databricks.ErrNotFound):
		return "check the name: lakebase.endpoint is projects/P/branches/B/endpoints/E, lakebase.instance that of a provisioned instance"
	case errors.Is(err, databricks.ErrForbidden):
		return "give the login the right to use the database, such as by adding it to the app's resources"
	}
	return mendWorkspace(err)
}
