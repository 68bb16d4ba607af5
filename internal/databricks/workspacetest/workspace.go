// Package workspacetest owns a workspace for tests, which speaks the JSON of
// the real one; it refuses to stand in for anything but the calls that
// package databricks makes.
package workspacetest

import (
	"net/http"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// Paths that the workspace answers.
const (
	MePath                 = "/api/2.0/preview/scim/v2/Me"
	EndpointPath           = "/api/2.0/postgres/projects/"
	EndpointCredentialPath = "/api/2.0/postgres/credentials"
	InstancePath           = "/api/2.0/database/instances/"
	InstanceCredentialPath = "/api/2.0/database/credentials"
	JobsPath               = "/api/2.2/jobs/list"
	DestinationsPath       = "/api/2.0/notification-destinations"
	DiscoveryPath          = "/oidc/.well-known/oauth-authorization-server"
	TokenPath              = "/oidc/v1/token"
	MetadataPath           = "/.well-known/databricks-config"
)

// Fault is what goes wrong with one request.
type Fault struct {
	Status     int           // answer this status with the workspace's error body
	Delay      time.Duration // wait before answering
	Reset      bool          // cut the connection
	Refuse     bool          // as if nothing listened
	Hang       bool          // never answer
	RetryAfter time.Duration // header of the answer
}

// Workspace is an http.Handler. It is safe for concurrent use.
type Workspace struct{}

// New returns a workspace that knows nobody.
func New() *Workspace { return &Workspace{} }

// ServeHTTP answers as a workspace does.
func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {}

// Serve listens on loopback until the test ends and returns the URL.
func (w *Workspace) Serve(t testing.TB) (url string) { return "" }

// Transport answers in-process, without a network.
func (w *Workspace) Transport() http.RoundTripper { return nil }

// SetUser makes the token belong to the user.
func (w *Workspace) SetUser(token string, u databricks.User) {}

// RemoveUser revokes the token.
func (w *Workspace) RemoveUser(token string) {}

// SetServicePrincipal lets a service principal log in.
func (w *Workspace) SetServicePrincipal(clientID, secret string, u databricks.User) {}

// Respond injects a fault into each request for which f returns one.
func (w *Workspace) Respond(f func(r *http.Request) Fault) {}

// Calls returns how many requests the path has had; "" means all.
func (w *Workspace) Calls(path string) int { return 0 }

// SetEndpoint adds an autoscaling endpoint.
func (w *Workspace) SetEndpoint(name, host string, credential func() databricks.Credential) {}

// SetInstance adds a provisioned instance.
func (w *Workspace) SetInstance(name, host string, credential func() databricks.Credential) {}

// SetJobs replaces the jobs.
func (w *Workspace) SetJobs(jobs []databricks.Job) {}

// SetDestinations replaces the notification destinations.
func (w *Workspace) SetDestinations(destinations []databricks.Destination) {}
