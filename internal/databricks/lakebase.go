package databricks

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/databricks/databricks-sdk-go/service/database"
	"github.com/databricks/databricks-sdk-go/service/postgres"
)

// Names go into paths of calls as they are.
var (
	endpointName = regexp.MustCompile(`^projects/[\w-]+/branches/[\w-]+/endpoints/[\w-]+$`)
	instanceName = regexp.MustCompile(`^[\w-]+$`)
)

// Answers of the workspace that hold too little.
var (
	errNoHost     = unusable("it has none yet")
	errNoPassword = unusable("the answer holds none that expires")
)

// Credential is a password for a Lakebase database that is good until it
// expires. It is checked when a connection is made, not afterwards.
type Credential struct {
	Password  string
	ExpiresAt time.Time
}

// EndpointHost returns the name of the host that connections to an endpoint of
// an autoscaling project go to. The endpoint's name has the form
// projects/p/branches/b/endpoints/e.
func (l *Login) EndpointHost(ctx context.Context, endpoint string) (string, error) {
	var host string
	err := l.onEndpoint(ctx, "find the host", endpoint, func(ctx context.Context) error {
		answer, err := postgres.NewPostgres(l.client).GetEndpoint(ctx, postgres.GetEndpointRequest{Name: endpoint})
		if err != nil {
			return err
		}
		if answer.Status == nil || answer.Status.Hosts == nil || answer.Status.Hosts.Host == "" {
			return errNoHost
		}
		host = answer.Status.Hosts.Host
		return nil
	})
	return host, err
}

// EndpointCredential returns a new password of the login for an endpoint of an
// autoscaling project.
func (l *Login) EndpointCredential(ctx context.Context, endpoint string) (Credential, error) {
	var credential Credential
	err := l.onEndpoint(ctx, "get a password", endpoint, func(ctx context.Context) error {
		answer, err := postgres.NewPostgres(l.client).GenerateDatabaseCredential(ctx,
			postgres.GenerateDatabaseCredentialRequest{Endpoint: endpoint})
		if err != nil {
			return err
		}
		if answer.Token == "" || answer.ExpireTime == nil {
			return errNoPassword
		}
		credential = Credential{Password: answer.Token, ExpiresAt: answer.ExpireTime.AsTime()}
		return nil
	})
	return credential, err
}

// InstanceHost returns the name of the host that connections to a provisioned
// instance go to.
func (l *Login) InstanceHost(ctx context.Context, instance string) (string, error) {
	var host string
	err := l.onInstance(ctx, "find the host", instance, func(ctx context.Context) error {
		answer, err := database.NewDatabase(l.client).GetDatabaseInstanceByName(ctx, instance)
		if err != nil {
			return err
		}
		if answer.ReadWriteDns == "" {
			return errNoHost
		}
		host = answer.ReadWriteDns
		return nil
	})
	return host, err
}

// InstanceCredential returns a new password of the login for a provisioned
// instance.
func (l *Login) InstanceCredential(ctx context.Context, instance string) (Credential, error) {
	var credential Credential
	err := l.onInstance(ctx, "get a password", instance, func(ctx context.Context) error {
		answer, err := database.NewDatabase(l.client).GenerateDatabaseCredential(ctx,
			database.GenerateDatabaseCredentialRequest{InstanceNames: []string{instance}}) // the SDK adds a request id
		if err != nil {
			return err
		}
		expires, err := time.Parse(time.RFC3339, answer.ExpirationTime) // a string here
		if err != nil || answer.Token == "" {
			return errNoPassword
		}
		credential = Credential{Password: answer.Token, ExpiresAt: expires.UTC()}
		return nil
	})
	return credential, err
}

func (l *Login) onEndpoint(ctx context.Context, what, name string, f func(context.Context) error) error {
	operation := fmt.Sprintf("%s of Lakebase endpoint %q", what, name)
	if !endpointName.MatchString(name) {
		return fmt.Errorf("%s: %w", operation, failure{ErrNotFound, "want projects/PROJECT/branches/BRANCH/endpoints/ENDPOINT"})
	}
	return l.do(ctx, operation, f)
}

func (l *Login) onInstance(ctx context.Context, what, name string, f func(context.Context) error) error {
	operation := fmt.Sprintf("%s of Lakebase instance %q", what, name)
	if !instanceName.MatchString(name) {
		return fmt.Errorf("%s: %w", operation, failure{ErrNotFound, "want a name of letters, digits and hyphens"})
	}
	return l.do(ctx, operation, f)
}
