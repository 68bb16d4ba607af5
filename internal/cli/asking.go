package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/query"
)

// asking says whom questions are asked: the database of the settings or, with
// server, a running server.
type asking struct{ server, tokenFile string }

func (a *asking) flags(flags *pflag.FlagSet) {
	flags.StringVar(&a.server, "server", "", "`URL` of a running appmetrics serve to ask instead of the database")
	flags.StringVar(&a.tokenFile, "token-file", "", "`FILE` that holds the token for --server (default APPMETRICS_TOKEN; for https://*.databricksapps.com your Databricks login)")
}

func (a *asking) check() error {
	if a.tokenFile != "" && a.server == "" {
		return errors.New("--token-file is for --server, which is missing")
	}
	return nil
}

// source opens whom questions are asked. An administrator is asked for either
// way. Close is never nil without an error.
func (r *run) source(ctx context.Context, a asking) (source query.Source, closeSource func() error, err error) {
	if a.server != "" {
		source, err = r.remote(ctx, a)
		return source, func() error { return nil }, err
	}
	if err := r.requireAdmin(ctx); err != nil {
		return nil, nil, err
	}
	s, err := r.openCurrent(ctx, r.settings.DatabaseURL, false, existing)
	if err != nil {
		return nil, nil, err
	}
	return query.New(query.Options{
		Store: s, Now: r.now,
		WarnRows: r.settings.Aggregate.WarnRows, LimitRows: r.settings.Aggregate.AlertRows,
	}), s.Close, nil
}

// standing is a source for hours: the administrator is asked for again and
// again, and whoever is asked has answered once.
func (r *run) standing(ctx context.Context, a asking) (query.Source, func() error, error) {
	began := r.now()
	source, closeSource, err := r.source(ctx, a)
	switch {
	case err != nil:
		return nil, nil, err
	case a.server == "" && r.settings.Auth.Mode == config.ModeDatabricks:
		return newGuarded(source, r.requireAdmin, r.now, began), closeSource, nil
	case a.server != "":
		_, err = source.Status(ctx)
	}
	return source, closeSource, err
}

// remoteTimeout is more than a server takes for a question, and its answer for
// the network.
const remoteTimeout = 30 * time.Second

// remote returns a client of a running server. Its token is looked up anew for
// each question, so that it may be renewed meanwhile.
func (r *run) remote(ctx context.Context, a asking) (*api.Client, error) {
	token := func(ctx context.Context) (string, error) { return r.serverToken(ctx, a.server, a.tokenFile) }
	if _, err := token(ctx); err != nil {
		return nil, err
	}
	return api.NewClient(a.server, "", &http.Client{Timeout: remoteTimeout, Transport: bearer{http.DefaultTransport, token}})
}

// bearer shows a token with every request. Like its parts, it is safe for
// concurrent use.
type bearer struct {
	next  http.RoundTripper
	token func(context.Context) (string, error)
}

// RoundTrip implements http.RoundTripper. Its error is that of token, or of
// next.
func (b bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	token, err := b.token(request.Context())
	if err != nil {
		if request.Body != nil {
			err = errors.Join(err, request.Body.Close())
		}
		return nil, err
	}
	if token != "" {
		request = request.Clone(request.Context())
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return b.next.RoundTrip(request)
}

// serverToken is what a running server is shown: the token of the file, or of
// the settings, or else, by an app of Databricks alone, that of the login.
func (r *run) serverToken(ctx context.Context, server, file string) (string, error) {
	if file == "" {
		if r.settings.Token != "" || !isDatabricksApp(server) {
			return r.settings.Token, nil
		}
		login, err := r.login(ctx)
		if err != nil {
			return "", err
		}
		return login.Token(ctx)
	}
	content, err := os.ReadFile(file) //nolint:gosec // the user names the file
	if err != nil {
		return "", &advisedError{err: fmt.Errorf("--token-file: %w", err), advice: "name a readable file that holds the token alone"}
	}
	return strings.TrimSpace(string(content)), nil
}
