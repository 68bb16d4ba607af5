package databricks_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// Time in the bubble stands still unless somebody waits, so an answer "at
// once" is one that took no time at all, retries and pauses included.
func TestFailuresAreAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	status := func(status int) workspacetest.Fault {
		return workspacetest.Fault{Status: status, RetryAfter: time.Minute}
	}
	for name, tc := range map[string]struct {
		fault workspacetest.Fault
		want  error
	}{
		"400":     {status(400), databricks.ErrUnavailable},
		"401":     {status(401), databricks.ErrUnauthenticated},
		"403":     {status(403), databricks.ErrForbidden},
		"404":     {status(404), databricks.ErrNotFound},
		"418":     {status(418), databricks.ErrUnavailable},
		"429":     {status(429), databricks.ErrUnavailable},
		"500":     {status(500), databricks.ErrUnavailable},
		"502":     {status(502), databricks.ErrUnavailable},
		"503":     {status(503), databricks.ErrUnavailable},
		"504":     {status(504), databricks.ErrUnavailable},
		"refused": {workspacetest.Fault{Refuse: true}, databricks.ErrUnavailable},
		"reset":   {workspacetest.Fault{Reset: true}, databricks.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := workspacetest.New()
				w.SetUser(token, ada())
				w.Respond(func(*http.Request) workspacetest.Fault { return tc.fault })
				start := time.Now()
				user, err := directory(t, w).User(t.Context(), token)
				checkFailure(t, err, tc.want)
				if user.Name != "" || user.Active {
					t.Errorf("User = %+v beside an error", user)
				}
				if took := time.Since(start); took > time.Millisecond {
					t.Errorf("took %s, want no time", took)
				}
				if w.Calls("") != 1 {
					t.Errorf("%d calls, want 1", w.Calls(""))
				}
			})
		})
	}
}

func TestAHangEndsAfterTheTimeout(t *testing.T) {
	t.Parallel()
	for timeout, want := range map[time.Duration]time.Duration{
		0: 5 * time.Second, time.Second: time.Second, 1500 * time.Millisecond: 1500 * time.Millisecond,
	} {
		for name, fault := range map[string]workspacetest.Fault{"hang": {Hang: true}, "slow": {Delay: time.Hour}} {
			t.Run(fmt.Sprint(name, timeout), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := workspacetest.New()
					w.Respond(func(*http.Request) workspacetest.Fault { return fault })
					d := directoryAt(t, databricks.DirectoryOptions{Host: workspacetest.URL, Timeout: timeout, Transport: w.Transport()})
					start := time.Now()
					_, err := d.User(t.Context(), token)
					checkFailure(t, err, databricks.ErrUnavailable)
					if took := time.Since(start); took != want {
						t.Errorf("took %s, want %s", took, want)
					}
				})
			})
		}
	}
}

func TestACancelledContextWins(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]workspacetest.Fault{
		"hanging": {Hang: true}, "failing late": {Delay: 2 * time.Second, Status: 503}, "refused": {Refuse: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := workspacetest.New()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				w.Respond(func(*http.Request) workspacetest.Fault {
					if fault.Refuse {
						cancel()
					} else {
						time.AfterFunc(time.Second, cancel)
					}
					return fault
				})
				start := time.Now()
				_, err := directory(t, w).User(ctx, token)
				checkFailure(t, err, context.Canceled)
				if took := time.Since(start); took > time.Second {
					t.Errorf("took %s, want 1s at most", took)
				}
				if _, err = directory(t, w).User(ctx, token); w.Calls("") != 1 {
					t.Error("a call was made on a context that had ended")
				}
				checkFailure(t, err, context.Canceled)
			})
		})
	}
	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := workspacetest.New()
			w.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Hang: true} })
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := directory(t, w).User(ctx, token)
			checkFailure(t, err, context.DeadlineExceeded)
		})
	})
}

// answering returns the URL of a server that is no good workspace.
func answering(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	echo := func(status int, format string) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", "application/json")
			rw.WriteHeader(status)
			_, _ = fmt.Fprintf(rw, format, r.Header.Get("Authorization"))
		}
	}
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"garbage":            {echo(200, "}{ %s"), databricks.ErrUnavailable},
		"half an object":     {echo(200, `{"userName": "%s`), databricks.ErrUnavailable},
		"wrong types":        {echo(200, `{"userName": ["%s"], "groups": 7}`), databricks.ErrUnavailable},
		"a list":             {echo(200, `["%s"]`), databricks.ErrUnavailable},
		"null":               {echo(200, `null%.0s`), databricks.ErrUnavailable},
		"a login page":       {echo(200, "<html>%s</html>"), databricks.ErrUnavailable},
		"nothing":            {echo(200, "%.0s"), databricks.ErrUnavailable},
		"no content":         {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(204) }, databricks.ErrUnavailable},
		"nobody":             {echo(200, `{"id": "1", "active": true, "groups": [{"display": "admins"}]%.0s}`), databricks.ErrUnavailable},
		"message with token": {echo(403, `{"error_code": "PERMISSION_DENIED", "message": "%s"}`), databricks.ErrForbidden},
		"code with token":    {echo(500, `{"error_code": "%s\n\u001b[2J", "message": ""}`), databricks.ErrUnavailable},
		"page with token":    {echo(500, "<pre>%s</pre>"), databricks.ErrUnavailable},
		"text with token":    {echo(502, "%s"), databricks.ErrUnavailable},
		"text 401":           {echo(401, "%s"), databricks.ErrUnauthenticated},
		"text 403":           {echo(403, "%s"), databricks.ErrForbidden},
		"text 404":           {echo(404, "%s"), databricks.ErrNotFound},
		"page 401":           {echo(401, "<html><pre>%s</pre>"), databricks.ErrUnauthenticated},
		"no such thing":      {echo(400, `{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "%s"}`), databricks.ErrNotFound},
		"empty 403":          {echo(403, "%.0s"), databricks.ErrForbidden},
		"nameless 403":       {echo(403, `{"message": "%s"}`), databricks.ErrForbidden},
		"expired":            {echo(403, `{"error_code": 403, "message": "Invalid access token. %s"}`), databricks.ErrUnauthenticated},
		"expired, as text":   {echo(403, `{"error_code": "403", "message": "Token is expired. %s"}`), databricks.ErrUnauthenticated},
		"protocol error": {func(rw http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(rw).Hijack()
			if err == nil {
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", r.Header.Get("Authorization"))
				_ = conn.Close()
			}
		}, databricks.ErrUnavailable},
		"cut off": {func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(rw, `{"userName": "ada"`)
			panic(http.ErrAbortHandler)
		}, databricks.ErrUnavailable},
		"reset": {func(rw http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }, databricks.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			user, err := directoryAt(t, databricks.DirectoryOptions{Host: answering(t, tc.handler)}).User(t.Context(), token)
			checkFailure(t, err, tc.want)
			if user.Name != "" || user.Active || len(user.Groups) > 0 {
				t.Errorf("User = %+v beside an error", user)
			}
		})
	}
}

func TestNothingIsLogged(t *testing.T) {
	environment(t, workspacetest.New(), workspacetest.URL)
	var logged bytes.Buffer
	previous := slog.Default()
	log.SetOutput(&logged)
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.Level(-100)})))
	t.Cleanup(func() {
		slog.SetDefault(previous)
		log.SetOutput(os.Stderr)
	})
	w := workspacetest.New()
	w.SetUser(token, ada())
	for _, status := range []int{0, 401, 403, 429, 500} {
		w.Respond(func(*http.Request) workspacetest.Fault { return workspacetest.Fault{Status: status} })
		_, _ = directory(t, w).User(t.Context(), token)
		byToken(t)
		_, _ = login(t, w, databricks.LoginOptions{}).User(t.Context())
		bySecret(t, w)
		_, _ = login(t, w, databricks.LoginOptions{}).User(t.Context())
	}
	if logged.Len() > 0 {
		t.Errorf("logged: %s", logged.String())
	}
}
