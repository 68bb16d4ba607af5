package cli

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/databricks"
)

// access is what serve believes of its callers: who may see the metrics, and
// under which name their requests are stored.
type access struct {
	mode       string // of package config
	admins     string // who may see the metrics, in words
	checker    admin.Checker
	proxies    admin.TrustedProxies
	headers    admin.Headers
	pseudonyms *admin.Pseudonyms // nil: users are stored by name

	// stats are those of the checker that asks a workspace, else nil.
	stats func() admin.WorkspaceStats
}

// localAccess lets whoever is on this machine see the metrics, and name users.
func (r *run) localAccess() (*access, error) {
	proxies, err := admin.ParseTrustedProxies([]string{"127.0.0.0/8", "::1"})
	return &access{mode: config.ModeLocal, admins: localAdmins, checker: r.local(), proxies: proxies}, err
}

// local lets in whoever is on this machine.
func (r *run) local() admin.Local { return admin.Local{Origins: r.settings.CORSOrigins} }

const localAdmins = "whoever is on this machine"

// access decides, by the settings, whom serve lets in.
func (r *run) access(ctx context.Context) (*access, error) {
	auth := r.settings.Auth
	a := &access{mode: auth.Mode, headers: admin.Headers{User: auth.UserHeaders, Groups: auth.GroupsHeader}}
	var err error
	if a.proxies, err = admin.ParseTrustedProxies(r.settings.TrustedProxies); err != nil {
		return nil, err
	}
	if r.settings.Privacy.Pseudonymize {
		if a.pseudonyms, err = admin.NewPseudonyms(r.settings.Privacy.Key); err != nil {
			return nil, err
		}
	}
	switch auth.Mode {
	case config.ModeDatabricks:
		err = r.askWorkspace(ctx, a)
	case config.ModeProxy:
		err = r.askProxy(a)
	case config.ModeLocal:
		a.checker, a.admins = r.local(), localAdmins
	default:
		err = fmt.Errorf("auth.mode %q has nobody to ask", auth.Mode)
	}
	return a, err
}

// askWorkspace lets members of the administrators' groups in, by their tokens.
func (r *run) askWorkspace(ctx context.Context, a *access) error {
	host, err := r.workspaceHost(ctx)
	if err != nil {
		return err
	}
	directory, err := databricks.NewDirectory(databricks.DirectoryOptions{Host: host})
	if err != nil {
		return err
	}
	groups := r.settings.Auth.AdminGroups
	workspace := admin.NewWorkspace(admin.WorkspaceOptions{Directory: directory, Groups: groups})
	a.checker, a.stats = workspace, workspace.Stats
	a.admins = "members of " + listed(groups) + " in " + directory.Host()
	return nil
}

// askProxy lets in whom a trusted proxy says to be an administrator.
func (r *run) askProxy(a *access) (err error) {
	auth := r.settings.Auth
	groups := auth.AdminGroups
	if auth.GroupsHeader == "" {
		groups = nil // nobody says who belongs to them
	}
	a.checker, err = admin.NewProxy(admin.ProxyOptions{
		Trusted: a.proxies, Headers: a.headers, Groups: groups, Admins: auth.Admins,
	})
	// Users are counted: their addresses do not belong into a log.
	a.admins = fmt.Sprintf("members of %s, and those of auth.admins (%d), as trusted_proxies say", listed(groups), len(auth.Admins))
	return err
}

// observedUser returns under which name the user of an observed request is
// stored.
func (a *access) observedUser(r *http.Request) string {
	return a.pseudonyms.Of(a.proxies.UserOf(r, a.headers))
}

// requireAdmin refuses whoever runs a command that reads the database, unless
// they are an administrator: of the workspace where one is configured, else of
// this machine.
func (r *run) requireAdmin(ctx context.Context) error {
	checker, err := r.reader(ctx)
	if err != nil {
		return err
	}
	_, err = admin.RequireAdmin(ctx, checker, admin.LocalCredentials())
	return err
}

// reader says who runs a command that reads the database.
func (r *run) reader(ctx context.Context) (admin.Checker, error) {
	switch r.settings.Auth.Mode {
	case config.ModeDatabricks:
	case config.ModeLocal, config.ModeProxy: // whoever can read the database is not behind the proxy
		return admin.Local{}, nil
	default:
		return nil, fmt.Errorf("auth.mode %q has nobody to ask", r.settings.Auth.Mode)
	}
	login, err := r.login(ctx)
	if err != nil {
		return nil, err
	}
	return admin.Session{User: login.User, Groups: r.settings.Auth.AdminGroups}, nil
}

func listed(groups []string) string {
	if len(groups) == 0 {
		return "no group"
	}
	return strings.Join(groups, ", ")
}
