// Package workspacetest owns a Databricks workspace for tests: a handler that
// answers with the JSON of the real one, its errors included, and fails in the
// ways the real one fails. It refuses to stand in for any call but those that
// package databricks makes.
package workspacetest

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// URL is the address of a workspace that is reached through its Transport,
// where any host does.
const URL = "https://workspace.test"

// Paths that the workspace answers. EndpointPath and InstancePath end in a
// slash and are followed by the name.
const (
	MePath                 = "/api/2.0/preview/scim/v2/Me"
	EndpointPath           = "/api/2.0/postgres/projects/"
	EndpointCredentialPath = "/api/2.0/postgres/credentials"
	InstancePath           = "/api/2.0/database/instances/"
	InstanceCredentialPath = "/api/2.0/database/credentials"
	JobsPath               = "/api/2.2/jobs/list"
	DestinationsPath       = "/api/2.0/notification-destinations"
	MetadataPath           = "/.well-known/databricks-config"
	DiscoveryPath          = "/oidc/.well-known/oauth-authorization-server"
	TokenPath              = "/oidc/v1/token"
)

// Workspace is a workspace that a test fills and breaks as it needs. It is
// safe for concurrent use, and what is set applies from the next request on.
type Workspace struct {
	routes http.Handler

	mu           sync.Mutex
	users        map[string]databricks.User // by access token
	principals   map[string]principal       // by client id
	endpoints    map[string]database
	instances    map[string]database
	jobs         []databricks.Job
	destinations []databricks.Destination
	respond      func(*http.Request) Fault
	calls        map[string]int // by path
}

// New returns a workspace that knows nobody and holds nothing.
func New() *Workspace {
	w := &Workspace{
		users:      map[string]databricks.User{},
		principals: map[string]principal{},
		endpoints:  map[string]database{},
		instances:  map[string]database{},
		calls:      map[string]int{},
	}
	w.routes = w.mux()
	return w
}

// SetUser makes the token belong to the user, with these groups from now on.
// A user is inactive unless Active says otherwise.
func (w *Workspace) SetUser(token string, u databricks.User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u.Groups = slices.Clone(u.Groups)
	w.users[token] = u
}

// RemoveUser revokes the token.
func (w *Workspace) RemoveUser(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.users, token)
}

// SetServicePrincipal lets a service principal log in with its client id and
// secret. The access tokens that it is given belong to the user.
func (w *Workspace) SetServicePrincipal(clientID, secret string, u databricks.User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.principals[clientID] = principal{secret, u}
}

// SetEndpoint adds or replaces an autoscaling endpoint, whose name has the form
// projects/p/branches/b/endpoints/e. credential is called for each new
// credential; nil hands out random passwords that are good for an hour.
func (w *Workspace) SetEndpoint(name, host string, credential func() databricks.Credential) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.endpoints[name] = database{host, credential}
}

// SetInstance adds or replaces a provisioned instance, as SetEndpoint does.
func (w *Workspace) SetInstance(name, host string, credential func() databricks.Credential) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.instances[name] = database{host, credential}
}

// SetJobs replaces all jobs.
func (w *Workspace) SetJobs(jobs []databricks.Job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs = slices.Clone(jobs)
}

// SetDestinations replaces all notification destinations.
func (w *Workspace) SetDestinations(destinations []databricks.Destination) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.destinations = slices.Clone(destinations)
}

// Calls returns how many requests have come for the path, those that a Fault
// broke or refused included. A path that ends in a slash counts all paths
// below it, and "" counts everything.
func (w *Workspace) Calls(path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if path != "" && !strings.HasSuffix(path, "/") {
		return w.calls[path]
	}
	n := 0
	for called, times := range w.calls {
		if strings.HasPrefix(called, path) {
			n += times
		}
	}
	return n
}
