// Package databricks owns every call to a Databricks workspace, on the SDK's
// slim clients; it refuses to decide who is an admin and never falls back
// from one identity to another.
package databricks

import "errors"

// Kinds of failure, tested with errors.Is. Every error of this package that a
// workspace caused wraps one of them, and none contains a token or a secret.
// A call whose context ended returns the context's error instead.
var (
	// ErrUnauthenticated means that the credentials are absent, malformed or
	// refused (401).
	ErrUnauthenticated = errors.New("not authenticated with the workspace")
	// ErrForbidden means that the credentials are good but may not do this (403).
	ErrForbidden = errors.New("not allowed by the workspace")
	// ErrNotFound means that what was named does not exist (404).
	ErrNotFound = errors.New("not found in the workspace")
	// ErrUnavailable means that the workspace did not answer, or not with
	// something that can be understood.
	ErrUnavailable = errors.New("workspace unavailable")
)

// User is an identity as the workspace knows it.
type User struct {
	ID     string   // the workspace's own numeric id
	Name   string   // SCIM userName: an e-mail address, or a service principal's application id
	Groups []string // display names, as sent
	Active bool     // false for a person who was deactivated
}
