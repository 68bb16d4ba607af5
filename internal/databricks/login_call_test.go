package databricks_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// A program starts while its workspace is away, and works once it is back.
func TestALoginOutlivesAnOutage(t *testing.T) {
	for name, tc := range map[string]struct {
		fault workspacetest.Fault
		want  error
	}{
		"refused": {workspacetest.Fault{Refuse: true}, databricks.ErrUnavailable},
		"503":     {workspacetest.Fault{Status: 503}, databricks.ErrUnavailable},
		"502":     {workspacetest.Fault{Status: 502}, databricks.ErrUnavailable},
		"hanging": {workspacetest.Fault{Hang: true}, databricks.ErrUnavailable},
		"reset":   {workspacetest.Fault{Reset: true}, databricks.ErrUnavailable},
	} {
		for method, set := range map[string]func(*testing.T, *workspacetest.Workspace){
			"secret": bySecret, "token": func(t *testing.T, w *workspacetest.Workspace) {
				byToken(t)
				w.SetUser(token, ada())
			},
		} {
			t.Run(name+" "+method, func(t *testing.T) {
				w := workspacetest.New()
				set(t, w)
				synctest.Test(t, func(t *testing.T) {
					w.Respond(func(*http.Request) workspacetest.Fault { return tc.fault })
					l := login(t, w, databricks.LoginOptions{Timeout: 4 * time.Second})
					start := time.Now()
					_, err := l.User(t.Context())
					checkFailure(t, err, tc.want)
					// The first time, the SDK adds what its own limits allow.
					if took := time.Since(start); took > 10*time.Second {
						t.Errorf("took %s", took)
					}
					w.Respond(nil)
					if _, err := l.User(t.Context()); err != nil {
						t.Errorf("User after the outage: %v", err)
					}
				})
			})
		}
	}
}

func TestFindingALoginEndsWithItsContext(t *testing.T) {
	w := workspacetest.New()
	bySecret(t, w)
	w.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Hang: true} })
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := databricks.NewLogin(ctx, databricks.LoginOptions{Transport: w.Transport()})
		checkFailure(t, err, context.DeadlineExceeded)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %s, want 1s", took)
		}
	})
}

func TestRefusedCredentials(t *testing.T) {
	for name, set := range map[string]func(*testing.T, *workspacetest.Workspace){
		"token": func(t *testing.T, _ *workspacetest.Workspace) { byToken(t) },
		"secret": func(t *testing.T, w *workspacetest.Workspace) {
			bySecret(t, w)
			w.SetServicePrincipal("client", "another", databricks.User{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := workspacetest.New()
			set(t, w)
			l := login(t, w, databricks.LoginOptions{})
			_, err := l.User(t.Context())
			checkFailure(t, err, databricks.ErrUnauthenticated)
		})
	}
}

// Every operation gives its failures the kinds of the package, makes one call,
// and says what was asked.
func TestOperationsFailInKind(t *testing.T) {
	byToken(t)
	operations := map[string]func(context.Context, *databricks.Login) error{
		"who the login is": func(ctx context.Context, l *databricks.Login) error { _, err := l.User(ctx); return err },
		"endpoint": func(ctx context.Context, l *databricks.Login) error {
			_, err := l.EndpointHost(ctx, endpoint)
			return err
		},
		"password of Lakebase endpoint": func(ctx context.Context, l *databricks.Login) error {
			_, err := l.EndpointCredential(ctx, endpoint)
			return err
		},
		"instance": func(ctx context.Context, l *databricks.Login) error {
			_, err := l.InstanceHost(ctx, "main")
			return err
		},
		"password of Lakebase instance": func(ctx context.Context, l *databricks.Login) error {
			_, err := l.InstanceCredential(ctx, "main")
			return err
		},
		"job":          func(ctx context.Context, l *databricks.Login) error { _, err := l.Jobs(ctx, "nightly"); return err },
		"destinations": func(ctx context.Context, l *databricks.Login) error { _, err := l.Destinations(ctx); return err },
	}
	faults := map[string]struct {
		fault workspacetest.Fault
		want  error
	}{
		"401":     {workspacetest.Fault{Status: 401}, databricks.ErrUnauthenticated},
		"403":     {workspacetest.Fault{Status: 403}, databricks.ErrForbidden},
		"404":     {workspacetest.Fault{Status: 404}, databricks.ErrNotFound},
		"429":     {workspacetest.Fault{Status: 429}, databricks.ErrUnavailable},
		"500":     {workspacetest.Fault{Status: 500}, databricks.ErrUnavailable},
		"503":     {workspacetest.Fault{Status: 503}, databricks.ErrUnavailable},
		"refused": {workspacetest.Fault{Refuse: true}, databricks.ErrUnavailable},
		"hanging": {workspacetest.Fault{Hang: true}, databricks.ErrUnavailable},
	}
	for operation, run := range operations {
		for name, tc := range faults {
			t.Run(operation+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := workspacetest.New()
					w.SetUser(token, ada())
					l := login(t, w, databricks.LoginOptions{})
					before := w.Calls("")
					w.Respond(func(*http.Request) workspacetest.Fault { return tc.fault })
					start := time.Now()
					err := run(t.Context(), l)
					checkFailure(t, err, tc.want)
					if err == nil || !strings.Contains(err.Error(), operation) {
						t.Errorf("error %v, want %q in it", err, operation)
					}
					if n := w.Calls("") - before; n != 1 {
						t.Errorf("%d calls, want 1", n)
					}
					if took, hangs := time.Since(start), tc.fault.Hang; hangs != (took == 10*time.Second) || !hangs && took > time.Millisecond {
						t.Errorf("took %s", took)
					}
					ctx, cancel := context.WithCancel(t.Context())
					cancel()
					checkFailure(t, run(ctx, l), context.Canceled)
				})
			})
		}
	}
}

// A renewal of the access token ends with the caller's context.
func TestACancelledRenewal(t *testing.T) {
	w := workspacetest.New()
	bySecret(t, w)
	synctest.Test(t, func(t *testing.T) {
		l := login(t, w, databricks.LoginOptions{})
		if _, err := l.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-time.After(61 * time.Minute)
		w.Respond(func(r *http.Request) workspacetest.Fault {
			return workspacetest.Fault{Hang: r.URL.Path == workspacetest.TokenPath}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := l.User(ctx)
		checkFailure(t, err, context.DeadlineExceeded)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %s, want 1s", took)
		}
	})
}

// What a workspace says helps whoever runs the program, if it says no secrets
// and names nobody.
func TestErrorsQuoteTheWorkspace(t *testing.T) {
	clean(t)
	answer := ""
	host := answering(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(rw, answer, r.Header.Get("Authorization"))
	})
	t.Setenv("DATABRICKS_TOKEN", token)
	t.Setenv("DATABRICKS_HOST", host)
	l, err := databricks.NewLogin(t.Context(), databricks.LoginOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d := directoryAt(t, databricks.DirectoryOptions{Host: host})

	answer = `{"error_code": "PERMISSION_DENIED", "message": "User <ada@example.com> lacks CAN USE\non it; sent: %s"}`
	_, err = l.InstanceCredential(t.Context(), "main")
	checkFailure(t, err, databricks.ErrForbidden)
	const refused = `get a password of Lakebase instance "main": not allowed by the workspace: ` +
		"status 403 PERMISSION_DENIED: User *** lacks CAN USE on it; sent: Bearer ***"
	if err == nil || err.Error() != refused {
		t.Errorf("error %q, want %q", err, refused)
	}
	answer = `{"error_code": 403, "message": "Provided OAuth token does not have required scopes: iam.current-user:read %.0s"}`
	_, err = d.User(t.Context(), token)
	checkFailure(t, err, databricks.ErrUnauthenticated)
	const scopes = "ask whose token it is: not authenticated with the workspace: status 403: " +
		"Provided OAuth token does not have required scopes: iam.current-user:read "
	if err == nil || err.Error() != scopes {
		t.Errorf("error %q, want %q", err, scopes)
	}
	answer = "%s" + strings.Repeat(" and so on", 1000)
	_, err = d.User(t.Context(), token)
	checkFailure(t, err, databricks.ErrForbidden)
}
