package threats

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// secrets are unmistakable, and hold what must be escaped in URLs and YAML.
var secrets = map[string]string{
	"database password": "cnry-Pa55w0rd+data/base",
	"service token":     "cnry-Service-T0ken-0123456789abcdef",
	"privacy key":       "cnry-Privacy-K3y-0123456789abcdef0123456789",
	"client token":      "cnry-Client-T0ken-0123456789",
	"caller's token":    adaToken,
	"workspace token":   "cnry-Workspace-T0ken-0123456789",
}

// Secrets go where they are used, and appear nowhere else: not among the
// arguments of the process, which everybody on the machine sees, nor in what
// serve writes, answers or leaves behind, nor in the dump of a crash.
func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		_, address := workspace(t)
		s := install(t, engine, "DATABRICKS_HOST="+address,
			"APPMETRICS_AUTH_SERVICE_TOKENS="+admin.HashToken(secrets["service token"]),
			"APPMETRICS_PRIVACY_PSEUDONYMIZE=true", "APPMETRICS_PRIVACY_KEY="+secrets["privacy key"],
			"APPMETRICS_TOKEN="+secrets["client token"], "DATABRICKS_TOKEN="+secrets["workspace token"])
		if engine == store.PostgreSQL {
			role := storetest.NewRole(t, s.database)
			role.GrantAll(t)
			if err := role.SetPassword(t.Context(), secrets["database password"]); err != nil {
				t.Fatal(err)
			}
			s.env = append(s.env, "DATABASE_URL="+role.URL(t, secrets["database password"]))
		}
		s.serve()
		argv, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.running.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		leaks(t, "the arguments", string(argv))

		ada := []string{"X-Forwarded-Access-Token", adaToken}
		for _, path := range []string{api + "/status", performance, "/internal/appmetrics/prometheus", "/internal/appmetrics/ready", "/api/v1/openapi.json", "/api/docs", "/metrics"} {
			leaks(t, path, s.ask(http.MethodGet, path, nil, ada...).must(t, http.StatusOK).body)
		}
		for _, token := range []string{secrets["service token"], secrets["client token"]} {
			bearer := []string{"Authorization", "Bearer " + token}
			leaks(t, "a refusal", s.ask(http.MethodGet, performance, nil, bearer...).body)
			s.ask(http.MethodGet, "/a/"+url.PathEscape(token)+"?token="+token, nil, bearer...)
			s.post(requests, requestsOf(request("/a?token="+token)), bearer...)
		}
		s.post(requests, requestsOf(request("/a")), "Authorization", "Bearer "+secrets["service token"]).must(t, http.StatusAccepted)
		s.post(usageEvents, event(), ada...).must(t, http.StatusAccepted)

		for _, command := range []string{"config", "doctor", "doctor -o json", "report", "report --server " + s.url, "migrate status", "aggregate", "version"} {
			out, errs, _ := s.run(strings.Fields(command)...)
			leaks(t, command, out+errs)
		}
		_ = s.running.Process.Signal(syscall.SIGQUIT) // what Go prints when it crashes
		_ = s.running.Wait()                          // by that signal
		s.running = nil
		<-s.log.ended
		if !strings.Contains(s.log.String(), "goroutine ") {
			t.Error("there is no dump: the test proves nothing")
		}
		for where, text := range s.everywhere() {
			leaks(t, where, text)
		}
	})
}

// A setting that cannot be used is told, and its secret is not.
func TestSecretsAreNotInErrors(t *testing.T) {
	t.Parallel()
	const secret = "cnry-Pa55w0rd"
	s := install(t, "sqlite")
	file := filepath.Join(s.home, "settings.yaml")
	if err := os.WriteFile(file, []byte("database_url: postgres://me:"+secret+"@127.0.0.1:1/none\nprivacy:\n  key: "+secret+"\n  pseudonymize: true\nauth:\n  service_tokens: ["+secret+"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var settings [][]string
	for _, address := range []string{
		"postgres://me:" + secret + "@127.0.0.1:1/none",
		"postgres://me:" + secret + "@no.such.host.invalid/none",
		"postgresql://me:" + secret + "@127.0.0.1:1/none?sslmode=nonsense",
		"postgres://me:" + secret + "@127.0.0.1:port/none",
		"postgres://me:" + secret + "@[::1/none",
		"postgres://me:" + secret + "%zz@127.0.0.1/none",
		"postgres://me:/?#" + secret + "@127.0.0.1/none",
		"postgres://127.0.0.1:1/none?user=me&password=" + secret,
		"postgres://127.0.0.1:1/none?sslpassword=" + secret + "&sslkey=/none",
		"host=127.0.0.1 port=1 user=me password=" + secret,
		"mysql://me:" + secret + "@127.0.0.1/none",
		"me:" + secret + "@127.0.0.1/none",
	} {
		settings = append(settings, []string{"DATABASE_URL=" + address})
	}
	settings = append(settings,
		[]string{"APPMETRICS_PRIVACY_KEY=" + secret, "APPMETRICS_PRIVACY_PSEUDONYMIZE=true"},
		[]string{"APPMETRICS_AUTH_SERVICE_TOKENS=" + secret},
		[]string{"APPMETRICS_UPSTREAM=http://me:" + secret + "@127.0.0.1:1"},
		[]string{"DATABRICKS_HOST=https://me:" + secret + "@127.0.0.1:1"},
		[]string{"DATABRICKS_HOST=http://127.0.0.1:1", "DATABRICKS_TOKEN=" + secret},
		[]string{"DATABRICKS_HOST=http://127.0.0.1:1", "DATABRICKS_CLIENT_ID=me", "DATABRICKS_CLIENT_SECRET=" + secret},
		[]string{"APPMETRICS_TOKEN=" + secret + "\n"},
	)
	environment := s.env
	for _, change := range settings {
		s.env = slices.Concat(environment, change, []string{"PGCONNECT_TIMEOUT=1", "POOL_TIMEOUT=1s"})
		for _, command := range []string{"config", "doctor"} {
			out, errs, _ := s.run(strings.Fields(command)...)
			if strings.Contains(out+errs, secret) {
				t.Errorf("%q %s:\n%s%s", change, command, out, errs)
			}
		}
	}
	s.env = environment
	for _, command := range []string{"config", "doctor", "report"} {
		out, errs, _ := s.run(append(strings.Fields(command), "--config", file)...)
		if strings.Contains(out+errs, secret) {
			t.Errorf("%s --config:\n%s%s", command, out, errs)
		}
	}
}

// leaks fails for each secret that is in a text, in any spelling.
func leaks(t *testing.T, where, text string) {
	t.Helper()
	for name, secret := range secrets {
		for _, spelling := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("", secret).String()[1:]} {
			if i := strings.Index(text, spelling); i >= 0 {
				t.Errorf("%s: the %s is there: %q", where, name, text[max(0, i-80):min(len(text), i+80)])
				break
			}
		}
	}
}
