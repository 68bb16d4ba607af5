package workspacetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/service/database"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/postgres"
	"github.com/databricks/databricks-sdk-go/service/settings"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// noLoader keeps the environment of whoever runs the tests out of them.
type noLoader struct{}

func (noLoader) Name() string                   { return "none" }
func (noLoader) Configure(*config.Config) error { return nil }

// sdk returns the SDK's own client of the workspace, by token or by the client
// id and secret of a service principal.
func sdk(t *testing.T, cfg *config.Config) *client.DatabricksClient {
	t.Helper()
	cfg.Loaders = []config.Loader{noLoader{}}
	cfg.RetryTimeoutSeconds = 1
	c, err := client.New(cfg)
	if err != nil {
		t.Fatalf("client.New: %v", err)
	}
	return c
}

func ada() databricks.User {
	return databricks.User{ID: "42", Name: "ada@example.com", Groups: []string{"admins", "data"}, Active: true}
}

func TestTheSDKReadsTheUserOfAToken(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetUser("ada-token", ada())
	for name, transport := range map[string]http.RoundTripper{"listener": nil, "in-process": w.Transport()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := sdk(t, &config.Config{Host: w.Serve(t), Token: "ada-token", HTTPTransport: transport})
			me, err := iam.NewCurrentUser(c).Me(t.Context(), iam.MeRequest{})
			if err != nil {
				t.Fatalf("Me: %v", err)
			}
			if me.Id != "42" || me.UserName != "ada@example.com" || !me.Active {
				t.Errorf("Me = %q, %q, active %t", me.Id, me.UserName, me.Active)
			}
			if len(me.Groups) != 2 || me.Groups[0].Display != "admins" || me.Groups[0].Type != "direct" ||
				me.Groups[0].Ref != "Groups/"+me.Groups[0].Value {
				t.Errorf("groups = %+v", me.Groups)
			}
		})
	}
}

func TestAUserChangesWithTheNextRequest(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetUser("t", ada())
	users := iam.NewCurrentUser(sdk(t, &config.Config{Host: workspacetest.URL, Token: "t", HTTPTransport: w.Transport()}))
	w.SetUser("t", databricks.User{Name: "ada@example.com"})
	me, err := users.Me(t.Context(), iam.MeRequest{})
	if err != nil || me.Active || len(me.Groups) != 0 {
		t.Errorf("Me = %+v, %v; want an inactive user without groups", me, err)
	}
	w.RemoveUser("t")
	if _, err = users.Me(t.Context(), iam.MeRequest{}); !errors.Is(err, apierr.ErrPermissionDenied) {
		t.Errorf("Me with a revoked token: %v, want permission denied", err)
	}
}

// The wording and the numeric codes are those of recorded answers.
func TestTheGatewayRefusesInItsOwnForm(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	for name, tc := range map[string]struct {
		authorization string
		status        int
		body          string
	}{
		"no token":      {"", 401, `{"error_code":401,"message":"Credential was not sent or was of an unsupported type for this API."}`},
		"unknown token": {"Bearer nobody", 403, `{"error_code":403,"message":"Invalid access token."}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, workspacetest.URL+workspacetest.MePath, nil)
			r.Header.Set("Authorization", tc.authorization)
			response, err := w.Transport().RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			if response.StatusCode != tc.status || string(body) != tc.body {
				t.Errorf("answer %d %s, want %d %s", response.StatusCode, body, tc.status, tc.body)
			}
		})
	}
}

func TestAServicePrincipalLogsIn(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetServicePrincipal("client", "secret", databricks.User{Name: "client", Groups: []string{"apps"}, Active: true})
	host := w.Serve(t)
	c := sdk(t, &config.Config{Host: host, ClientID: "client", ClientSecret: "secret"})
	me, err := iam.NewCurrentUser(c).Me(t.Context(), iam.MeRequest{})
	if err != nil || me.UserName != "client" {
		t.Errorf("Me = %+v, %v", me, err)
	}
	if c.Config.WorkspaceID == "" {
		t.Error("the workspace's metadata gave no workspace id")
	}
	token, err := c.Config.GetTokenSource().Token(t.Context())
	if err != nil || strings.Count(token.AccessToken, ".") != 2 || time.Until(token.Expiry) < 50*time.Minute {
		t.Errorf("token = %+v, %v; want a JWT for an hour", token, err)
	}
	wrong := sdk(t, &config.Config{Host: host, ClientID: "client", ClientSecret: "wrong", AuthType: "oauth-m2m"})
	if _, err := iam.NewCurrentUser(wrong).Me(t.Context(), iam.MeRequest{}); !errors.Is(err, apierr.ErrUnauthenticated) {
		t.Errorf("Me with a wrong secret: %v", err)
	}
}

func TestDatabasesHandOutCredentials(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetUser("t", ada())
	expires := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	n := 0
	credential := func() databricks.Credential {
		n++
		return databricks.Credential{Password: fmt.Sprint("password ", n), ExpiresAt: expires}
	}
	const endpoint = "projects/p/branches/production/endpoints/primary"
	w.SetEndpoint(endpoint, "ep.example.com", credential)
	w.SetInstance("main", "instance.example.com", credential)
	w.SetEndpoint("projects/p/branches/new/endpoints/primary", "", nil)
	c := sdk(t, &config.Config{Host: workspacetest.URL, Token: "t", HTTPTransport: w.Transport()})

	autoscaling, provisioned := postgres.NewPostgres(c), database.NewDatabase(c)
	e, err := autoscaling.GetEndpoint(t.Context(), postgres.GetEndpointRequest{Name: endpoint})
	if err != nil || e.Status == nil || e.Status.Hosts == nil || e.Status.Hosts.Host != "ep.example.com" {
		t.Errorf("GetEndpoint = %+v, %v", e, err)
	}
	ec, err := autoscaling.GenerateDatabaseCredential(t.Context(), postgres.GenerateDatabaseCredentialRequest{Endpoint: endpoint})
	if err != nil || ec.Token != "password 1" || !ec.ExpireTime.AsTime().Equal(expires) {
		t.Errorf("endpoint credential = %+v, %v", ec, err)
	}
	i, err := provisioned.GetDatabaseInstanceByName(t.Context(), "main")
	if err != nil || i.ReadWriteDns != "instance.example.com" {
		t.Errorf("GetDatabaseInstance = %+v, %v", i, err)
	}
	ic, err := provisioned.GenerateDatabaseCredential(t.Context(), database.GenerateDatabaseCredentialRequest{InstanceNames: []string{"main"}})
	if err != nil || ic.Token != "password 2" || ic.ExpirationTime != "2026-03-01T12:00:00Z" {
		t.Errorf("instance credential = %+v, %v", ic, err)
	}
	if _, err := provisioned.GetDatabaseInstanceByName(t.Context(), "other"); !errors.Is(err, apierr.ErrNotFound) {
		t.Errorf("unknown instance: %v, want not found", err)
	}
	fresh, err := autoscaling.GetEndpoint(t.Context(), postgres.GetEndpointRequest{Name: "projects/p/branches/new/endpoints/primary"})
	if err != nil || fresh.Status.Hosts.Host != "" {
		t.Errorf("an endpoint without a host = %+v, %v", fresh, err)
	}
	if got := w.Calls(workspacetest.EndpointPath); got != 2 {
		t.Errorf("Calls(EndpointPath) = %d, want 2", got)
	}
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetUser("t", ada())
	var all []databricks.Job
	var destinations []databricks.Destination
	for i := range 45 {
		all = append(all, databricks.Job{ID: int64(i), Name: "Nightly", Cron: "0 0 2 * * ?", Zone: "UTC", Paused: i == 0,
			MaxConcurrentRuns: 1, FailureEmails: []string{"a@example.com"}, FailureDestinations: []string{"d1"}})
		destinations = append(destinations, databricks.Destination{ID: fmt.Sprint(i), Name: "pager", Type: "PAGERDUTY"})
	}
	w.SetJobs(append(all, databricks.Job{ID: 100, Name: "other"}))
	w.SetDestinations(destinations)
	c := sdk(t, &config.Config{Host: workspacetest.URL, Token: "t", HTTPTransport: w.Transport()})

	found, err := jobs.NewJobs(c).ListAll(t.Context(), jobs.ListJobsRequest{Name: "nightly"})
	if err != nil || len(found) != 45 || w.Calls(workspacetest.JobsPath) != 3 {
		t.Fatalf("%d jobs in %d pages, %v; want 45 in 3", len(found), w.Calls(workspacetest.JobsPath), err)
	}
	s := found[0].Settings
	if s.Schedule.QuartzCronExpression != "0 0 2 * * ?" || s.Schedule.PauseStatus != jobs.PauseStatusPaused ||
		!slices.Equal(s.EmailNotifications.OnFailure, []string{"a@example.com"}) || s.WebhookNotifications.OnFailure[0].Id != "d1" {
		t.Errorf("settings = %+v", s)
	}
	listed, err := settings.NewNotificationDestinations(c).ListAll(t.Context(), settings.ListNotificationDestinationsRequest{})
	if err != nil || len(listed) != 45 || listed[44].DestinationType != settings.DestinationTypePagerduty {
		t.Errorf("%d destinations, %v", len(listed), err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault workspacetest.Fault
		want  error
	}{
		"reset":  {workspacetest.Fault{Reset: true}, syscall.ECONNRESET},
		"refuse": {workspacetest.Fault{Refuse: true}, syscall.ECONNREFUSED},
		"hang":   {workspacetest.Fault{Hang: true}, context.DeadlineExceeded},
		"delay":  {workspacetest.Fault{Delay: time.Hour}, context.DeadlineExceeded},
		"none":   {workspacetest.Fault{}, nil},
		"slow":   {workspacetest.Fault{Delay: time.Second}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := workspacetest.New()
				w.Respond(func(*http.Request) workspacetest.Fault { return tc.fault })
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				r, _ := http.NewRequestWithContext(ctx, http.MethodGet, workspacetest.URL+workspacetest.MePath, nil)
				if _, err := w.Transport().RoundTrip(r); !errors.Is(err, tc.want) {
					t.Errorf("RoundTrip: %v, want %v", err, tc.want)
				}
				if w.Calls(workspacetest.MePath) != 1 || w.Calls("") != 1 {
					t.Error("the request was not counted once")
				}
			})
		})
	}
}

// Every status has a body that the SDK understands as that status.
func TestFaultStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{
		400: apierr.ErrBadRequest, 401: apierr.ErrUnauthenticated, 403: apierr.ErrPermissionDenied, 404: apierr.ErrNotFound,
		429: apierr.ErrTooManyRequests, 500: apierr.ErrInternalError, 502: nil, 503: apierr.ErrTemporarilyUnavailable,
	} {
		for _, path := range []string{workspacetest.MePath, workspacetest.JobsPath} {
			t.Run(fmt.Sprint(status, path), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := workspacetest.New()
					c := sdk(t, &config.Config{Host: workspacetest.URL, Token: "t", HTTPTransport: w.Transport()})
					w.Respond(func(*http.Request) workspacetest.Fault {
						return workspacetest.Fault{Status: status, RetryAfter: 3 * time.Second}
					})
					err := c.Do(t.Context(), http.MethodGet, path, nil, nil, nil, nil)
					var answer *apierr.APIError
					if !errors.As(err, &answer) || answer.StatusCode != status || answer.ErrorCode == "" {
						t.Fatalf("Do: %#v, want an API error with status %d", err, status)
					}
					if want != nil && !errors.Is(err, want) {
						t.Errorf("Do: %v, want %v", err, want)
					}
					if got := answer.ResponseWrapper.Response.Header.Get("Retry-After"); got != "3" {
						t.Errorf("Retry-After = %q", got)
					}
				})
			})
		}
	}
}

// A request that hangs must not keep the listener open after the test.
func TestServeEndsWithTheTest(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	arrived, ended := make(chan struct{}), make(chan error, 1)
	w.Respond(func(*http.Request) workspacetest.Fault {
		close(arrived)
		return workspacetest.Fault{Hang: true}
	})
	t.Run("inner", func(t *testing.T) {
		url := w.Serve(t)
		go func() {
			response, err := http.Get(url + workspacetest.MePath) // ended by the server alone
			if err == nil {
				_ = response.Body.Close()
			}
			ended <- err
		}()
		<-arrived
	})
	if err := <-ended; err == nil {
		t.Error("a hanging request was answered")
	}
}

func TestAResetIsOneOnTheWire(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Reset: true} })
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, w.Serve(t)+workspacetest.TokenPath, bytes.NewReader([]byte("{}")))
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		_ = response.Body.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("RoundTrip: %v, want %v", err, syscall.ECONNRESET)
	}
}

func TestUnknownPathsSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, workspacetest.URL+"/api/2.0/jobs/list", nil)
	response, err := w.Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]string
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil || body["error_code"] != "ENDPOINT_NOT_FOUND" {
		t.Errorf("body = %v, %v", body, err)
	}
}
