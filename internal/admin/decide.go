package admin

import (
	"errors"
	"fmt"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

const (
	absentHint   = "the request carries no access token; on Databricks Apps switch on user authorization for the app"
	refusedHint  = "the workspace does not accept the access token; sign in again"
	inactiveHint = "the user is not active in the workspace"
	scopeHint    = "the workspace does not let the access token read its own user; it needs the scope iam.current-user:read"
)

// decide makes an identity, or a refusal, of what a workspace says about the
// holder of a token.
func decide(user databricks.User, err error, admins names) (Identity, error) {
	switch {
	case errors.Is(err, databricks.ErrUnauthenticated):
		return Identity{}, WithHint(fmt.Errorf("%w: %w", ErrUnauthenticated, err), refusedHint)
	case errors.Is(err, databricks.ErrForbidden):
		return Identity{}, WithHint(fmt.Errorf("%w: %w", ErrForbidden, err), scopeHint)
	case err != nil:
		return Identity{}, fmt.Errorf("%w: %w", ErrUnverifiable, err)
	case user.Name == "" || !printable(user.Name):
		return Identity{}, fmt.Errorf("%w: the workspace names no user", ErrUnverifiable)
	case !user.Active:
		return Identity{}, WithHint(ErrUnauthenticated, inactiveHint)
	}
	return Identity{UserID: user.Name, Admin: admins.hasAny(user.Groups)}, nil
}
