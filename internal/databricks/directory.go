package databricks

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/service/iam"
)

const (
	defaultTimeout = 5 * time.Second
	// maxToken is longer than any token that fits into a request's header.
	maxToken = 32 << 10
)

// DirectoryOptions says where a Directory asks, and how long.
type DirectoryOptions struct {
	Host      string            // the workspace's URL, https:// may be left out
	Timeout   time.Duration     // of one call, default 5 s
	Transport http.RoundTripper // what calls go through, default a pool of connections of its own
}

// Directory answers whose token it is that somebody sent. Every token has a
// client to itself, which knows that token and nothing else: neither the
// environment nor a profile, and no cookie. Connections are shared. It is safe
// for concurrent use, and the answers are not cached.
type Directory struct {
	workspace workspace
	timeout   time.Duration
	transport http.RoundTripper
}

// NewDirectory returns a Directory of one workspace. It makes no call. The
// error says what is wrong with the host.
func NewDirectory(o DirectoryOptions) (*Directory, error) {
	where, err := parseHost(o.Host)
	if err != nil {
		return nil, err
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Transport == nil {
		o.Transport = newTransport(o.Timeout)
	}
	return &Directory{workspace: where, timeout: o.Timeout, transport: guard{o.Transport}}, nil
}

// Host returns the workspace's URL, without anything after the host.
func (d *Directory) Host() string { return d.workspace.host }

// User returns the identity that the workspace gives to the token's holder,
// who may be inactive. It asks once: a workspace that refuses the connection,
// is overloaded or broken is ErrUnavailable at once, and one that hangs after
// the timeout. A token that cannot be one, such as the empty one, is
// ErrUnauthenticated without a call.
func (d *Directory) User(ctx context.Context, token string) (User, error) {
	const operation = "ask whose token it is"
	if !plausible(token) {
		return User{}, fmt.Errorf("%s: %w", operation, failure{ErrUnauthenticated, "empty or malformed token"})
	}
	if err := ctx.Err(); err != nil {
		return User{}, fmt.Errorf("%s: %w", operation, err)
	}
	users, err := d.client(token)
	if err != nil { // the SDK repeats its settings, and with them perhaps the token
		return User{}, fmt.Errorf("%s: %w", operation, unusable("no client can be made"))
	}
	var user User
	err = call(ctx, operation, d.timeout, func(ctx context.Context) error {
		user, err = me(ctx, users)
		return failed(err, token)
	})
	return user, err
}

// plausible reports whether token has the form of bearer tokens (b64token in
// RFC 6750, section 2.1). That the empty one has not matters most: the SDK
// takes it for a setting to be found elsewhere.
func plausible(token string) bool {
	const others = "-._~+/="
	for i := range len(token) {
		c := token[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return token != "" && len(token) <= maxToken
}

// client returns a client that authenticates with the token, and can with
// nothing else.
func (d *Directory) client(token string) (*iam.CurrentUserAPI, error) {
	c, err := newClient(&config.Config{
		Host:        d.workspace.host,
		WorkspaceID: d.workspace.id,
		Token:       token,
		// Both, so that no other way of authenticating is ever considered.
		AuthType:    "pat",
		Credentials: config.PatCredentials{},
		// Without a loader of ours the SDK fills every empty setting from the
		// environment and from the file of profiles.
		Loaders: []config.Loader{noLoader{}},
		// Without a resolver of ours the SDK asks the host about itself, here
		// and now, on a context of its own.
		HostMetadataResolver: noMetadata,
		HTTPTransport:        d.transport,
		HTTPTimeoutSeconds:   inactivity(d.timeout),
	})
	if err != nil {
		return nil, err
	}
	return iam.NewCurrentUser(c), nil
}

type noLoader struct{}

func (noLoader) Name() string                   { return "none" }
func (noLoader) Configure(*config.Config) error { return nil }

func noMetadata(context.Context, string) (*config.HostMetadata, error) { return nil, nil }

// me asks who the client is.
func me(ctx context.Context, users *iam.CurrentUserAPI) (User, error) {
	answer, err := users.Me(ctx, iam.MeRequest{}) // answer is never nil, so the error decides
	if err != nil {
		return User{}, err
	}
	if answer.UserName == "" { // an empty body is no error to the SDK
		return User{}, unusable("the answer names no user")
	}
	user := User{ID: answer.Id, Name: answer.UserName, Active: answer.Active}
	for _, group := range answer.Groups {
		if group.Display != "" {
			user.Groups = append(user.Groups, group.Display)
		}
	}
	return user, nil
}
