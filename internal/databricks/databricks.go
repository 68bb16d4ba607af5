// Package databricks owns every call to a Databricks workspace, on the SDK's
// slim clients; it refuses to decide who is an admin and never falls back
// from one identity to another.
package databricks

import "errors"

// Kinds of failure, tested with errors.Is. Every error of a call wraps one of
// them together with what was asked and why it failed. If the caller's context
// has ended, the error is the context's instead, of no kind. No error contains
// a token, a secret or a password.
var (
	// ErrUnauthenticated means that credentials are absent, malformed, expired
	// or refused.
	ErrUnauthenticated = errors.New("not authenticated with the workspace")
	// ErrForbidden means that the credentials are good but not for this.
	ErrForbidden = errors.New("not allowed by the workspace")
	// ErrNotFound means that what was named does not exist.
	ErrNotFound = errors.New("not found in the workspace")
	// ErrUnavailable means that the workspace did not answer, or with nothing
	// that can be used.
	ErrUnavailable = errors.New("no usable answer from the workspace")
)

// User is an identity as the workspace knows it.
type User struct {
	ID     string   // the workspace's own id, a number
	Name   string   // SCIM userName: an e-mail address, or a service principal's application id
	Groups []string // display names as sent, none that is empty
	Active bool     // false once the user was deactivated
}
