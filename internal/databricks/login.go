package databricks

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/service/iam"
)

const defaultLoginTimeout = 10 * time.Second

// The SDK's names of two ways to authenticate.
const (
	byToken  = "pat"
	bySecret = "oauth-m2m"
)

// LoginOptions says where to look for the process's own login. The zero value
// looks where every Databricks tool does: the DATABRICKS_* environment, then
// the file of profiles.
type LoginOptions struct {
	Host      string            // the workspace's URL; default: the environment's or the profile's
	Profile   string            // a profile, which then alone decides who the process is
	Timeout   time.Duration     // of one operation with all its calls, default 10 s
	Transport http.RoundTripper // what calls go through, default a pool of connections of its own
}

// Login is the process's own identity in a workspace, found by the SDK's
// unified authentication. Its methods make their calls once, without retries,
// and return errors of the package's kinds. It is safe for concurrent use, and
// access tokens renew themselves.
type Login struct {
	config   *config.Config
	client   *client.DatabricksClient
	host     string
	authType string
	secrets  []string // that errors must not repeat
	timeout  time.Duration
}

// NewLogin finds the process's own login: an access token, a service
// principal's client id and secret (OAuth), the Databricks CLI's login, or one
// of the clouds' methods. ErrUnauthenticated says what to set when there is
// none, or when there is more than one to choose from.
//
// A token or a client id and secret are not tried here but with the first call,
// so that a program starts while its workspace is away. That call may take
// about twice its timeout, since the SDK then authenticates by a clock of its
// own. The other methods are tried here, and some of them run a command.
//
// An error without a kind is about the configured host, or is the context's.
func NewLogin(ctx context.Context, o LoginOptions) (*Login, error) {
	if o.Timeout <= 0 {
		o.Timeout = defaultLoginTimeout
	}
	if o.Transport == nil {
		o.Transport = newTransport(o.Timeout)
	}
	cfg := &config.Config{
		Profile:            o.Profile,
		HTTPTransport:      guard{o.Transport},
		HTTPTimeoutSeconds: inactivity(o.Timeout),
		// What the SDK itself asks (where tokens are issued, say) it retries for
		// this long. Less cannot be said.
		RetryTimeoutSeconds: 1,
	}
	cfg.HostMetadataResolver = metadataWithin(ctx, cfg, o.Timeout)
	if o.Host != "" {
		where, err := parseHost(o.Host)
		if err != nil {
			return nil, err
		}
		cfg.Host, cfg.WorkspaceID = where.host, where.id
	}
	if o.Profile != "" {
		cfg.Loaders = []config.Loader{&profileLoader{host: cfg.Host}}
		cfg.Host = ""
	}
	l := &Login{config: cfg, timeout: o.Timeout}
	err := l.find(ctx)
	if ctx.Err() != nil { // also after a success, which may have cut corners
		err = ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("find the Databricks login: %w", err)
	}
	return l, nil
}

func (l *Login) find(ctx context.Context) error {
	cfg := l.config
	err := cfg.EnsureResolved()
	l.secrets = sensitive(cfg)
	if err != nil {
		return l.refused(err)
	}
	if cfg.Host != "" { // a few methods find it themselves, below
		// Before anything is tried: some methods send the host a token.
		if _, err := parseHost(cfg.Host); err != nil {
			return err
		}
	}
	switch {
	// Left to itself, the SDK tries one method after another and forgets why
	// each failed. These two need no trying.
	case cfg.Token != "" && (cfg.AuthType == "" || cfg.AuthType == byToken):
		cfg.AuthType = byToken
	case cfg.ClientID != "" && cfg.ClientSecret != "" && (cfg.AuthType == "" || cfg.AuthType == bySecret):
		cfg.AuthType = bySecret
	default:
		if err := cfg.Authenticate(blank(ctx)); err != nil {
			return l.refused(err)
		}
	}
	if cfg.Host == "" {
		return failure{ErrUnauthenticated, "no workspace: set DATABRICKS_HOST"}
	}
	where, err := parseHost(cfg.Host)
	if err != nil {
		return err
	}
	l.host, l.authType = where.host, cfg.AuthType
	l.client, err = newClient(cfg)
	return l.refused(err)
}

// metadataWithin lets the host say what it knows of itself, such as the id of
// the workspace and who issues its tokens. It is a help, not a need.
func metadataWithin(ctx context.Context, cfg *config.Config, timeout time.Duration) config.HostMetadataResolver {
	return func(_ context.Context, host string) (*config.HostMetadata, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		metadata, err := cfg.DefaultHostMetadataResolver()(ctx, host)
		if err != nil || metadata.OIDCEndpoint == "" {
			return nil, nil // of an error the SDK would print a warning
		}
		return metadata, nil
	}
}

// Host returns the workspace's URL, without anything after the host.
func (l *Login) Host() string { return l.host }

// AuthType returns the SDK's name for how the process authenticates, such as
// "pat", "oauth-m2m" or "databricks-cli".
func (l *Login) AuthType() string { return l.authType }

// Token returns an access token of the login, for a server that asks for one.
// It is good for a while; ask anew for each use.
func (l *Login) Token(ctx context.Context) (string, error) {
	var token string
	err := l.run(ctx, "get an access token", func(_ context.Context, authorization string) error {
		scheme, value, _ := strings.Cut(authorization, " ")
		if !strings.EqualFold(scheme, "Bearer") || value == "" {
			return failure{ErrUnauthenticated, "a login by " + l.authType + " has none"}
		}
		token = value
		return nil
	})
	return token, err
}

// User returns the login's own identity.
func (l *Login) User(ctx context.Context) (User, error) {
	var user User
	err := l.do(ctx, "ask who the login is", func(ctx context.Context) (err error) {
		user, err = me(ctx, iam.NewCurrentUser(l.client))
		return err
	})
	return user, err
}
