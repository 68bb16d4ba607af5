package databricks

import (
	"context"
	"net/http"
	"time"
)

// LoginOptions configures a Login.
type LoginOptions struct {
	Host      string
	Profile   string
	Timeout   time.Duration
	Transport http.RoundTripper
}

// Login is the process's own identity.
type Login struct{}

// NewLogin finds the process's own login.
func NewLogin(ctx context.Context, o LoginOptions) (*Login, error) { return nil, ErrUnauthenticated }

// Host returns the workspace's URL.
func (l *Login) Host() string { return "" }

// AuthType returns the SDK's name of the authentication method.
func (l *Login) AuthType() string { return "" }

// Token returns an access token of the login.
func (l *Login) Token(ctx context.Context) (string, error) { return "", ErrUnavailable }

// User returns the login's own identity.
func (l *Login) User(ctx context.Context) (User, error) { return User{}, ErrUnavailable }

// Credential is a database password that expires.
type Credential struct {
	Password  string
	ExpiresAt time.Time
}

// EndpointHost returns the host name of an autoscaling endpoint.
func (l *Login) EndpointHost(ctx context.Context, endpoint string) (string, error) {
	return "", ErrUnavailable
}

// EndpointCredential returns a new password for an autoscaling endpoint.
func (l *Login) EndpointCredential(ctx context.Context, endpoint string) (Credential, error) {
	return Credential{}, ErrUnavailable
}

// InstanceHost returns the host name of a provisioned instance.
func (l *Login) InstanceHost(ctx context.Context, instance string) (string, error) {
	return "", ErrUnavailable
}

// InstanceCredential returns a new password for a provisioned instance.
func (l *Login) InstanceCredential(ctx context.Context, instance string) (Credential, error) {
	return Credential{}, ErrUnavailable
}

// Job is a job's schedule and whom it tells of failures.
type Job struct {
	ID                  int64
	Name                string
	Cron                string // Quartz expression, "" without a schedule
	Zone                string // of the expression
	Paused              bool
	MaxConcurrentRuns   int
	FailureEmails       []string
	FailureDestinations []string // ids
}

// Jobs returns the jobs with exactly this name.
func (l *Login) Jobs(ctx context.Context, name string) ([]Job, error) { return nil, ErrUnavailable }

// Destination is a notification destination of the workspace.
type Destination struct{ ID, Name, Type string }

// Destinations returns the workspace's notification destinations.
func (l *Login) Destinations(ctx context.Context) ([]Destination, error) { return nil, ErrUnavailable }
