package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Credentials say as whom to connect to a PostgreSQL whose passwords expire.
// Its methods are called concurrently.
type Credentials interface {
	// Check returns what forbids connections that are configured like this
	// one, such as TLS that is switched off. It asks nobody.
	Check(c *pgx.ConnConfig) error

	// Apply completes the configuration of one connection: host and user when
	// nobody named them, TLS, and the password. Its errors count as
	// [ErrUnavailable]. The caller reports to verdict, once, whether the
	// database accepted the credential; it does not when the database said
	// neither. After a refusal, the next Apply tries to have a new one.
	Apply(ctx context.Context, c *pgx.ConnConfig) (verdict func(accepted bool), err error)
}

// credentialError: no credential could be had for a connection.
type credentialError struct{ cause error }

func (e *credentialError) Error() string { return e.cause.Error() }
func (e *credentialError) Unwrap() error { return e.cause }

// refusedError: the database refused a credential and the one after it.
type refusedError struct{ cause *pgconn.PgError }

func (e *refusedError) Error() string {
	return "the database refused the credential, and the one that followed: " + e.cause.Error()
}

func (e *refusedError) Unwrap() error { return e.cause }

// refusal returns what the database said when err is a refused login, and
// otherwise nil.
func refusal(err error) *pgconn.PgError {
	var e *pgconn.PgError
	if errors.As(err, &e) && (e.Code == "28P01" || e.Code == "28000") {
		return e
	}
	return nil
}

// apply readies c for one attempt to connect, with the credential of now.
func apply(ctx context.Context, credentials Credentials, c *pgx.ConnConfig) error {
	verdict, err := credentials.Apply(ctx, c)
	if err != nil {
		return &credentialError{cause: err}
	}
	c.Tracer = attempt{verdict: verdict}
	return nil
}

// attempt sees how an attempt to connect ends. It is a tracer because pgx has
// no other hook that sees the end of each: a caller's, the migration lock's
// and those by which the pool keeps its connections.
type attempt struct{ verdict func(accepted bool) }

func (attempt) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return ctx
}

func (a attempt) TraceConnectEnd(_ context.Context, end pgx.TraceConnectEndData) {
	if end.Err == nil || refusal(end.Err) != nil {
		a.verdict(end.Err == nil)
	}
}

// TraceQueryStart and TraceQueryEnd make it the tracer that pgx takes.
func (attempt) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (attempt) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// twice connects, and once more at once when the database refuses the
// credential: it may have expired or been replaced a moment ago.
func twice[C any](ctx context.Context, connect func(context.Context) (C, error)) (C, error) {
	conn, err := connect(ctx)
	if refusal(err) == nil {
		return conn, err
	}
	conn, err = connect(ctx)
	if refused := refusal(err); refused != nil {
		return conn, &refusedError{cause: refused}
	}
	return conn, err
}

// renewing is a connector whose logins may be refused once.
type renewing struct{ driver.Connector }

func (r renewing) Connect(ctx context.Context) (driver.Conn, error) {
	return twice(ctx, r.Connector.Connect)
}

// prepare checks the settings, and applies the first credential so that
// whoever opens the database learns at once that there is none. The host may
// be unknown so far.
func prepare(ctx context.Context, credentials Credentials, c *pgx.ConnConfig) error {
	operation := "open PostgreSQL database " + c.Database
	if err := credentials.Check(c); err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	if err := apply(ctx, credentials, c); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", operation, ctx.Err())
		}
		return &databaseError{operation: operation, kind: ErrUnavailable, cause: err}
	}
	return nil
}
