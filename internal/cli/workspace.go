package cli

import (
	"context"
	"net/url"
	"strings"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// login is the process's own identity in the workspace of the settings, found
// once.
func (r *run) login(ctx context.Context) (*databricks.Login, error) {
	r.loginMu.Lock()
	defer r.loginMu.Unlock()
	if r.loggedIn != nil {
		return r.loggedIn, nil
	}
	login, err := databricks.NewLogin(ctx, databricks.LoginOptions{
		Host:    r.settings.Databricks.Host,
		Profile: r.settings.Databricks.Profile,
	})
	if err != nil {
		return nil, err
	}
	r.loggedIn = login
	return login, nil
}

// workspaceHost is the host of the settings, else that of the profile.
func (r *run) workspaceHost(ctx context.Context) (string, error) {
	if host := r.settings.Databricks.Host; host != "" {
		return host, nil
	}
	login, err := r.login(ctx)
	if err != nil {
		return "", err
	}
	return login.Host(), nil
}

// isDatabricksApp reports whether a server is an app of Databricks, whose front
// door asks for a token of the workspace. No other server may see one.
func isDatabricksApp(server string) bool {
	u, err := url.Parse(server)
	return err == nil && u.Scheme == "https" && u.User == nil &&
		strings.HasSuffix(strings.ToLower(u.Hostname()), ".databricksapps.com")
}
