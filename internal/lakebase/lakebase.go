// Package lakebase owns how a connection to Lakebase gets its host, its user
// and a password that renews itself. It refuses connections without TLS.
package lakebase

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// Login is what is asked of a workspace; [databricks.Login] is one.
type Login interface {
	User(ctx context.Context) (databricks.User, error)
	EndpointHost(ctx context.Context, endpoint string) (string, error)
	EndpointCredential(ctx context.Context, endpoint string) (databricks.Credential, error)
	InstanceHost(ctx context.Context, instance string) (string, error)
	InstanceCredential(ctx context.Context, instance string) (databricks.Credential, error)
}

// Options say which database, and who asks for it. Login and one of Endpoint
// and Instance are required.
type Options struct {
	Login Login

	// Endpoint of an autoscaling project: projects/P/branches/B/endpoints/E.
	Endpoint string
	// Instance is the name of a provisioned instance.
	Instance string

	Now    func() time.Time
	Logger *slog.Logger
}

// Credentials hands out what connections to one database need. It is safe for
// concurrent use.
type Credentials struct{}

// New returns credentials that ask the workspace for nothing yet.
func New(o Options) (*Credentials, error) {
	if (o.Endpoint == "") == (o.Instance == "") {
		return nil, errors.New("Lakebase needs either an endpoint or the name of an instance")
	}
	return &Credentials{}, nil
}

// Check returns why connections that are configured like c are refused.
func (*Credentials) Check(*pgx.ConnConfig) error { return nil }

// Apply completes the configuration of one connection.
func (*Credentials) Apply(context.Context, *pgx.ConnConfig) (verdict func(accepted bool), err error) {
	return nil, databricks.ErrUnavailable
}

// Renew has a new password now and returns when it expires.
func (*Credentials) Renew(context.Context) (expiresAt time.Time, err error) {
	return time.Time{}, databricks.ErrUnavailable
}
