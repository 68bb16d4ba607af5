// Package lakebase owns how a connection to Lakebase gets its host, its user
// and a password that renews itself. It refuses connections without TLS.
package lakebase

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/singleflight"

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

// timeLimit bounds each question to the workspace, however patient the
// connection that waits for the answer.
const timeLimit = 20 * time.Second

// Credentials hands out what connections to one database need. It is safe for
// concurrent use.
type Credentials struct {
	options   Options
	questions singleflight.Group

	mu         sync.Mutex
	host, user string // as the workspace says; empty until asked
	state      state
}

// New returns credentials that have asked the workspace nothing yet.
func New(o Options) (*Credentials, error) {
	if o.Login == nil {
		return nil, errors.New("lakebase: there is no login to a workspace")
	}
	if (o.Endpoint == "") == (o.Instance == "") {
		return nil, errors.New("lakebase: name either an endpoint or an instance")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Credentials{options: o}, nil
}

// Check returns why connections that are configured like conn are refused:
// above all those that could do without TLS. It asks nobody.
func (*Credentials) Check(conn *pgx.ConnConfig) error {
	s := readSettings(conn.ConnString(), os.Getenv)
	_, err := s.connection("lakebase.invalid")
	return err
}

// Apply completes the configuration of one connection, which must have been
// parsed from a postgres:// URL: host and user when neither the URL nor PGHOST
// and PGUSER name them, TLS that verifies the host unless sslmode says
// otherwise, and the password of now. It waits for the workspace only where
// there is no password that may be used.
//
// verdict takes what the database made of that password: after a refusal, the
// next Apply has a new one.
func (c *Credentials) Apply(ctx context.Context, conn *pgx.ConnConfig) (verdict func(accepted bool), err error) {
	s := readSettings(conn.ConnString(), os.Getenv)
	host := ""
	if !s.hostNamed {
		if host, err = c.remembered(ctx, "host", &c.host, c.findHost); err != nil {
			return nil, err
		}
	}
	complete, err := s.connection(host)
	if err != nil {
		return nil, err
	}
	if !s.userNamed {
		if complete.User, err = c.remembered(ctx, "user", &c.user, c.findUser); err != nil {
			return nil, err
		}
	}
	credential, err := c.credential(ctx)
	if err != nil {
		return nil, err
	}
	conn.Host, conn.Port = complete.Host, complete.Port
	conn.TLSConfig, conn.Fallbacks = complete.TLSConfig, complete.Fallbacks
	conn.User, conn.Password = complete.User, credential.password
	return func(accepted bool) { c.judge(credential.generation, accepted) }, nil
}

func (c *Credentials) findHost(ctx context.Context) (string, error) {
	if c.options.Instance != "" {
		return c.options.Login.InstanceHost(ctx, c.options.Instance)
	}
	return c.options.Login.EndpointHost(ctx, c.options.Endpoint)
}

func (c *Credentials) findUser(ctx context.Context) (string, error) {
	user, err := c.options.Login.User(ctx)
	return user.Name, err
}

func (c *Credentials) fetch(ctx context.Context) (databricks.Credential, error) {
	if c.options.Instance != "" {
		return c.options.Login.InstanceCredential(ctx, c.options.Instance)
	}
	return c.options.Login.EndpointCredential(ctx, c.options.Endpoint)
}

// remembered returns what the workspace said when it was first asked.
func (c *Credentials) remembered(
	ctx context.Context, what string, value *string, find func(context.Context) (string, error),
) (string, error) {
	known := func() string {
		c.mu.Lock()
		defer c.mu.Unlock()
		return *value
	}
	if v := known(); v != "" {
		return v, nil
	}
	err := c.ask(ctx, what, func(ctx context.Context) error {
		if known() != "" { // another caller was quicker
			return nil
		}
		found, err := limited(ctx, what, find)
		if err != nil {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		*value = found
		return nil
	})
	return known(), err
}

// ask runs f once for all who ask the same at the same time. It goes on when
// the first of them leaves, because the others wait for it too.
func (c *Credentials) ask(ctx context.Context, what string, f func(context.Context) error) error {
	answer := c.questions.DoChan(what, func() (any, error) { return nil, f(context.WithoutCancel(ctx)) })
	select {
	case <-ctx.Done():
		return ctx.Err()
	case a := <-answer:
		return a.Err
	}
}

// limited asks the workspace within the time limit. That it passed is no end
// of the caller's own context, and must not look like one.
func limited[T any](ctx context.Context, what string, find func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	found, err := find(ctx)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: no %s within %s", databricks.ErrUnavailable, what, timeLimit)
	}
	return found, err
}
