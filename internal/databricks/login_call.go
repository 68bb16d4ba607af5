package databricks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/httpclient"
)

// do runs one operation with the SDK's client, authenticated.
func (l *Login) do(ctx context.Context, operation string, f func(context.Context) error) error {
	return l.run(ctx, operation, func(ctx context.Context, _ string) error { return f(ctx) })
}

// run runs one operation and hands it the Authorization header of the login.
func (l *Login) run(ctx context.Context, operation string, f func(ctx context.Context, authorization string) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return call(ctx, operation, l.timeout, func(ctx context.Context) error {
		authorization, err := l.authorize(ctx)
		if err != nil {
			return l.refused(err)
		}
		_, token, _ := strings.Cut(authorization, " ")
		return failed(f(ctx, authorization), append(slices.Clone(l.secrets), token)...)
	})
}

// authorize makes sure that there is an access token and returns the header
// that carries it. The SDK authenticates without a context, the first time,
// bounded by its own limits alone; asking for the OAuth token beforehand is
// what keeps every later renewal within ctx.
func (l *Login) authorize(ctx context.Context) (string, error) {
	if l.authType == bySecret {
		if _, err := l.config.GetTokenSource().Token(ctx); err != nil {
			return "", err
		}
	}
	request := blank(ctx)
	if err := l.config.Authenticate(request); err != nil {
		return "", err
	}
	return request.Header.Get("Authorization"), nil
}

// blank is a request for the SDK to authenticate that is never sent.
func blank(ctx context.Context) *http.Request {
	return (&http.Request{URL: &url.URL{}, Header: http.Header{}}).WithContext(ctx)
}

// refused makes a failure of an error of authenticating. Whatever does not
// speak of a network or a broken server is about the credentials.
func (l *Login) refused(err error) error {
	var (
		ours    failure
		network *url.Error
		status  *httpclient.HttpError
	)
	kind := ErrUnauthenticated
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, config.ErrCannotConfigureDefault):
		return failure{kind, "found none: set DATABRICKS_HOST and DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and" +
			" DATABRICKS_CLIENT_SECRET, or DATABRICKS_CONFIG_PROFILE, or run databricks auth login"}
	case errors.Is(err, apierr.ErrBadRequest), errors.Is(err, apierr.ErrUnauthenticated), errors.Is(err, apierr.ErrPermissionDenied):
		// answers of the server that issues tokens
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, apierr.ErrTooManyRequests), errors.Is(err, apierr.ErrInternalError),
		errors.Is(err, apierr.ErrTemporarilyUnavailable), errors.Is(err, apierr.ErrDeadlineExceeded),
		errors.As(err, &status) && status.StatusCode >= http.StatusInternalServerError:
		kind = ErrUnavailable
	}
	return failure{kind, scrub(err.Error(), l.secrets)}
}

// sensitive returns the secrets that a configuration holds.
func sensitive(cfg *config.Config) []string {
	var secrets []string
	for _, attribute := range config.ConfigAttributes {
		if attribute.Sensitive && !attribute.IsZero(cfg) {
			secrets = append(secrets, attribute.GetString(cfg))
		}
	}
	return secrets
}
