package databricks_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

// The token of every test: nothing that it looks like may turn up in errors.
const token = "dapi0123456789abcdef0123456789abcdef"

func ada() databricks.User {
	return databricks.User{ID: "42", Name: "ada@example.com", Groups: []string{"admins", "Data Team"}, Active: true}
}

// directory returns a Directory of w without a network.
func directory(t testing.TB, w *workspacetest.Workspace) *databricks.Directory {
	t.Helper()
	return directoryAt(t, databricks.DirectoryOptions{Host: workspacetest.URL, Transport: w.Transport()})
}

func directoryAt(t testing.TB, o databricks.DirectoryOptions) *databricks.Directory {
	t.Helper()
	d, err := databricks.NewDirectory(o)
	if err != nil {
		t.Fatalf("NewDirectory: %v", err)
	}
	return d
}

// checkFailure holds an error against the one kind that it shall have, and
// against what no error may do.
func checkFailure(t *testing.T, err, want error) {
	t.Helper()
	kinds := []error{
		databricks.ErrUnauthenticated, databricks.ErrForbidden, databricks.ErrNotFound, databricks.ErrUnavailable,
		context.Canceled, context.DeadlineExceeded,
	}
	for _, kind := range kinds {
		if got := errors.Is(err, kind); got != errors.Is(want, kind) {
			t.Errorf("errors.Is(%q, %q) = %t", err, kind, got)
		}
	}
	if err == nil {
		return
	}
	if strings.Contains(err.Error(), "0123456789") {
		t.Errorf("the error carries the token: %q", err)
	}
	if strings.ContainsAny(err.Error(), "\n\r\x1b") || len(err.Error()) > 600 {
		t.Errorf("the error is not one short line: %q", err)
	}
}

func TestUser(t *testing.T) {
	t.Parallel()
	inactive := ada()
	inactive.Active = false
	for name, want := range map[string]databricks.User{
		"admin":             ada(),
		"inactive":          inactive,
		"no groups":         {ID: "7", Name: "bob@example.com", Active: true},
		"service principal": {ID: "8", Name: "8cbd2a5c-6e4f-4f0e-9d1d-0a4a5a3f1a11", Groups: []string{"apps"}, Active: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := workspacetest.New()
			w.SetUser(token, want)
			got, err := directory(t, w).User(t.Context(), token)
			if err != nil || got.ID != want.ID || got.Name != want.Name || got.Active != want.Active ||
				!slices.Equal(got.Groups, want.Groups) {
				t.Errorf("User = %+v, %v; want %+v", got, err, want)
			}
			if w.Calls("") != 1 {
				t.Errorf("%d calls, want 1", w.Calls(""))
			}
		})
	}
}

func TestUserIsAskedForEachTime(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	d := directory(t, w)
	w.SetUser(token, ada())
	if _, err := d.User(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	w.SetUser(token, databricks.User{Name: "ada@example.com", Groups: []string{"readers"}, Active: true})
	if got, err := d.User(t.Context(), token); err != nil || !slices.Equal(got.Groups, []string{"readers"}) {
		t.Errorf("User after a change = %+v, %v", got, err)
	}
	w.RemoveUser(token)
	_, err := d.User(t.Context(), token)
	checkFailure(t, err, databricks.ErrUnauthenticated)
}

// environment sets every way of logging in that the SDK would find, all of
// them good at the workspace, and a profile on top.
func environment(t *testing.T, w *workspacetest.Workspace, host string) {
	t.Helper()
	w.SetUser("environment-token", databricks.User{Name: "environment@example.com", Groups: []string{"admins"}, Active: true})
	w.SetUser("profile-token", databricks.User{Name: "profile@example.com", Groups: []string{"admins"}, Active: true})
	w.SetServicePrincipal("client", "secret", databricks.User{Name: "client", Groups: []string{"admins"}, Active: true})
	file := filepath.Join(t.TempDir(), "databrickscfg")
	if err := os.WriteFile(file, []byte("[DEFAULT]\nhost = "+host+"\ntoken = profile-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"DATABRICKS_HOST": host, "DATABRICKS_TOKEN": "environment-token",
		"DATABRICKS_CLIENT_ID": "client", "DATABRICKS_CLIENT_SECRET": "secret",
		"DATABRICKS_USERNAME": "user", "DATABRICKS_PASSWORD": "password",
		"DATABRICKS_AUTH_TYPE": "oauth-m2m", "DATABRICKS_WORKSPACE_ID": "99", "DATABRICKS_GROUP_ID": "5",
		"DATABRICKS_CONFIG_PROFILE": "DEFAULT", "DATABRICKS_CONFIG_FILE": file,
		"ARM_CLIENT_ID": "arm", "ARM_CLIENT_SECRET": "arm", "ARM_TENANT_ID": "arm",
		"DATABRICKS_DEBUG_HEADERS": "true",
	} {
		t.Setenv(name, value)
	}
}

func TestUserIgnoresTheEnvironment(t *testing.T) {
	w := workspacetest.New()
	host := w.Serve(t)
	environment(t, w, "https://elsewhere.example.com")
	w.SetUser(token, ada())
	var seen http.Header
	w.Respond(func(r *http.Request) workspacetest.Fault {
		seen = r.Header.Clone()
		return workspacetest.Fault{}
	})
	got, err := directoryAt(t, databricks.DirectoryOptions{Host: host}).User(t.Context(), token)
	if err != nil || got.Name != "ada@example.com" {
		t.Errorf("User = %+v, %v; want ada", got, err)
	}
	if seen.Get("Authorization") != "Bearer "+token || seen.Get("X-Databricks-Workspace-Id") != "" {
		t.Errorf("the request was made from the environment: %v", seen)
	}
	if w.Calls("") != 1 {
		t.Errorf("%d calls, want 1", w.Calls(""))
	}
}

// An empty token is what a request without one carries: were it taken for a
// missing setting, every stranger would be whoever runs the program.
func TestAnEmptyTokenIsNobody(t *testing.T) {
	w := workspacetest.New()
	host := w.Serve(t)
	environment(t, w, host)
	d := directoryAt(t, databricks.DirectoryOptions{Host: host})
	for _, none := range []string{"", " ", "\t", "a b", "a\nb", "a\x00b", "naïve", `"quoted"`, strings.Repeat("a", 1<<20)} {
		got, err := d.User(t.Context(), none)
		checkFailure(t, err, databricks.ErrUnauthenticated)
		if got.Name != "" {
			t.Errorf("User(%.20q) = %+v, want nobody", none, got)
		}
	}
	if w.Calls("") != 0 {
		t.Errorf("%d calls, want none", w.Calls(""))
	}
}

func TestConstructionMakesNoCall(t *testing.T) {
	w := workspacetest.New()
	environment(t, w, workspacetest.URL)
	directory(t, w)
	if w.Calls("") != 0 {
		t.Errorf("%d calls, want none", w.Calls(""))
	}
}

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

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	endless := func(status int) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, `{"userName": "`)
			for block := bytes.Repeat([]byte("a"), 64<<10); r.Context().Err() == nil; {
				if _, err := rw.Write(block); err != nil {
					return
				}
			}
		}
	}
	announced := func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Length", "1000000000")
		rw.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	header := func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Long", strings.Repeat("a", 1<<20))
		_, _ = io.WriteString(rw, `{"userName": "ada@example.com", "active": true}`)
	}
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"endless body":       {endless(200), databricks.ErrUnavailable},
		"endless error body": {endless(500), databricks.ErrUnavailable},
		"endless refusal":    {endless(401), databricks.ErrUnavailable},
		"announced body":     {announced, databricks.ErrUnavailable},
		"header":             {header, databricks.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := directoryAt(t, databricks.DirectoryOptions{Host: answering(t, tc.handler), Timeout: time.Hour})
			_, err := d.User(t.Context(), token)
			checkFailure(t, err, tc.want)
		})
	}
}

func TestTenThousandGroupsAreFew(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	u := ada()
	for i := range 10_000 {
		u.Groups = append(u.Groups, fmt.Sprintf("group number %d of the whole account", i))
	}
	w.SetUser(token, u)
	if got, err := directory(t, w).User(t.Context(), token); err != nil || len(got.Groups) != len(u.Groups) {
		t.Errorf("%d groups, %v; want %d", len(got.Groups), err, len(u.Groups))
	}
}

// Redirects leave the token behind, also those that net/http would follow with
// it: to the same host, and to another port or name of it.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	other := answering(t, func(rw http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		_, _ = io.WriteString(rw, `{"userName": "mallory", "active": true, "groups": [{"display": "admins"}]}`)
	})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(other, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for name, target := range map[string]string{
			"other host": other, "other name": "http://localhost:" + port, "same host": "/elsewhere", "nowhere": "",
		} {
			t.Run(fmt.Sprint(name, status), func(t *testing.T) {
				t.Parallel()
				host := answering(t, func(rw http.ResponseWriter, r *http.Request) {
					if r.URL.Path != workspacetest.MePath {
						reached.Add(1)
					}
					if target != "" {
						rw.Header().Set("Location", target)
					}
					rw.WriteHeader(status)
				})
				user, err := directoryAt(t, databricks.DirectoryOptions{Host: host}).User(t.Context(), token)
				checkFailure(t, err, databricks.ErrUnavailable)
				if user.Name != "" || reached.Load() > 0 {
					t.Errorf("the redirect was followed: %+v", user)
				}
			})
		}
	}
}

// Many tokens at once over one pool: each answer is the token's own, over
// HTTP/1.1 and HTTP/2, and nothing that the workspace hands to one token, such
// as a cookie, comes back with another.
func TestTokensShareNothingButConnections(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("http2=", http2), func(t *testing.T) {
			t.Parallel()
			w := workspacetest.New()
			var conns, cookies, protocol2 atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if len(r.Cookies()) > 0 {
					cookies.Add(1)
				}
				if r.ProtoMajor == 2 {
					protocol2.Add(1)
				}
				http.SetCookie(rw, &http.Cookie{Name: "session", Value: r.Header.Get("Authorization")})
				w.ServeHTTP(rw, r)
			}))
			server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				if s == http.StateNew {
					conns.Add(1)
				}
			}
			server.EnableHTTP2 = http2
			server.StartTLS()
			t.Cleanup(server.Close)
			transport := server.Client().Transport.(*http.Transport)
			transport.MaxConnsPerHost = 4
			d := directoryAt(t, databricks.DirectoryOptions{Host: server.URL, Transport: transport, Timeout: time.Minute})

			const tokens, rounds = 50, 4
			var all sync.WaitGroup
			for i := range tokens {
				name := fmt.Sprintf("user%d@example.com", i)
				w.SetUser(fmt.Sprint("token-", i), databricks.User{Name: name, Groups: []string{name}, Active: true})
				for range rounds {
					all.Go(func() {
						got, err := d.User(t.Context(), fmt.Sprint("token-", i))
						if err != nil || got.Name != name || !slices.Equal(got.Groups, []string{name}) {
							t.Errorf("token %d is %+v, %v", i, got, err)
						}
					})
				}
			}
			all.Wait()
			if n := conns.Load(); n > tokens/2 {
				t.Errorf("%d connections for %d calls, want them shared", n, tokens*rounds)
			}
			if cookies.Load() > 0 {
				t.Errorf("%d requests carried a cookie of another", cookies.Load())
			}
			if want := map[bool]int32{true: tokens * rounds}[http2]; protocol2.Load() != want {
				t.Errorf("%d requests over HTTP/2, want %d", protocol2.Load(), want)
			}
		})
	}
}

// skipping is what the SDK takes for a recording that needs no credentials.
type skipping struct{ http.RoundTripper }

func (skipping) SkipRetryOnIO() bool { return true }

func TestNoTransportSwitchesAuthenticationOff(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetUser(token, ada())
	d := directoryAt(t, databricks.DirectoryOptions{Host: workspacetest.URL, Transport: skipping{w.Transport()}})
	if got, err := d.User(t.Context(), token); err != nil || got.Name != "ada@example.com" {
		t.Errorf("User = %+v, %v", got, err)
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

func TestHosts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://adb-1.2.azuredatabricks.net":                    "https://adb-1.2.azuredatabricks.net",
		"adb-1.2.azuredatabricks.net":                            "https://adb-1.2.azuredatabricks.net",
		"https://adb-1.2.azuredatabricks.net/":                   "https://adb-1.2.azuredatabricks.net",
		"https://x.cloud.databricks.com/?o=123#job/1":            "https://x.cloud.databricks.com",
		"https://x.cloud.databricks.com/browse/folders/1?o=123#": "https://x.cloud.databricks.com",
		"https://x.cloud.databricks.com:8443":                    "https://x.cloud.databricks.com:8443",
		"http://127.0.0.1:8080":                                  "http://127.0.0.1:8080",
		"http://localhost:8080/":                                 "http://localhost:8080",
		"http://[::1]:8080":                                      "http://[::1]:8080",

		"":                                  "",
		"http://x.cloud.databricks.com":     "",
		"http://localhost.example.com":      "",
		"ftp://x.cloud.databricks.com":      "",
		"https://":                          "",
		"https://user:pw@x.databricks.com":  "",
		"user:pw@x.databricks.com":          "",
		"https://x.cloud.databricks.com:no": "",
		"\x00":                              "",
	} {
		d, err := databricks.NewDirectory(databricks.DirectoryOptions{Host: text})
		if (err == nil) != (want != "") {
			t.Errorf("NewDirectory(%q): %v", text, err)
		}
		if err == nil && d.Host() != want {
			t.Errorf("NewDirectory(%q).Host() = %q, want %q", text, d.Host(), want)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("NewDirectory(%q): %v repeats a password", text, err)
		}
	}
}

// A host that several workspaces share is told by a header which one is meant.
func TestTheHostsQueryNamesTheWorkspace(t *testing.T) {
	t.Parallel()
	w := workspacetest.New()
	w.SetUser(token, ada())
	var seen string
	w.Respond(func(r *http.Request) workspacetest.Fault {
		seen = r.Header.Get("X-Databricks-Workspace-Id")
		return workspacetest.Fault{}
	})
	d := directoryAt(t, databricks.DirectoryOptions{Host: workspacetest.URL + "/?o=123", Transport: w.Transport()})
	if _, err := d.User(t.Context(), token); err != nil || seen != "123" {
		t.Errorf("the header names %q, %v; want 123", seen, err)
	}
}
