//go:build acceptance

package acceptance

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// oauth2Proxy is built in a module of its own: it is no dependency of ours.
const (
	oauth2Proxy        = "github.com/oauth2-proxy/oauth2-proxy/v7"
	oauth2ProxyVersion = "v7.8.1"
)

// example is the installation that docs/proxy.md describes, with the files of
// that page, in which addresses are put that this machine has.
type example struct {
	front, inside string // URLs of oauth2-proxy and, around it, of appmetrics
	binary        string // appmetrics
	database      string
	people        *identityProvider
	appmetrics    *exec.Cmd
	exited        chan struct{}
}

func startExample(t *testing.T) *example {
	t.Helper()
	programs, err := build()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := filesOf(t, "../../docs/proxy.md")
	people := startIdentityProvider(t, map[string][]string{
		"ada@example.com": {"staff", "admins"}, "bob@example.com": {"staff"}, "carol@example.com": {},
	})
	app := httptest.NewServer(http.HandlerFunc(tellForwarded))
	t.Cleanup(app.Close)
	front, inside := freeAddress(t), freeAddress(t)
	e := &example{
		front: "http://" + front, inside: "http://" + inside, people: people,
		binary: filepath.Join(programs, "appmetrics"), database: filepath.Join(dir, "appmetrics.db"),
	}

	local := strings.NewReplacer(
		"10.0.0.8:8080", inside,
		"10.0.0.7", "127.0.0.1",
		"http://127.0.0.1:3000", app.URL,
		"sqlite:///var/lib/appmetrics", "sqlite://"+dir,
		`https_address = ":443"`, `http_address = "`+front+`"`,
		`tls_cert_file = "/etc/oauth2-proxy/tls.crt"`, ``,
		`tls_key_file = "/etc/oauth2-proxy/tls.key"`, `cookie_secure = false`,
		"https://orders.example.com", e.front,
		"https://login.example.com", people.URL,
	)
	write := func(name string) string {
		path := filepath.Join(dir, filepath.Base(name))
		if files[name] == "" {
			t.Fatalf("docs/proxy.md has no %s", name)
		}
		if err := os.WriteFile(path, []byte(local.Replace(files[name])), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	e.appmetrics = exec.Command(e.binary, "serve", "--config", write("/etc/appmetrics/config.yaml"))
	e.appmetrics.Env = append(os.Environ(), "APPMETRICS_PRIVACY_KEY=0123456789abcdef0123456789abcdef")
	e.exited = start(t, e.appmetrics)
	proxy := exec.Command(buildOAuth2Proxy(t), "--config", write("/etc/oauth2-proxy/oauth2-proxy.cfg"))
	proxy.Env = append(os.Environ(), "OAUTH2_PROXY_CLIENT_SECRET=secret", "OAUTH2_PROXY_COOKIE_SECRET=0123456789abcdef0123456789abcdef")
	start(t, proxy)
	waitFor(t, e.inside+"/internal/appmetrics/ready")
	waitFor(t, e.front+"/ping")
	return e
}

// tellForwarded is the application: it answers what it was told about the user.
func tellForwarded(w http.ResponseWriter, r *http.Request) {
	told := map[string][]string{}
	for _, name := range []string{"X-Forwarded-Email", "X-Forwarded-User", "X-Forwarded-Groups"} {
		told[name] = r.Header[name]
	}
	writeJSON(w, told)
}

// signIn returns the browser of somebody who has signed in.
func (e *example) signIn(t *testing.T, user string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if next.URL.Path == "/authorize" {
			next.URL.RawQuery += "&login_hint=" + user
		}
		return nil
	}}
	if status, body := ask(t, browser, e.front+"/orders/1", nil); status != http.StatusOK || !strings.Contains(body, user) {
		t.Fatalf("sign in %s: %d %s", user, status, body)
	}
	return browser
}

func (e *example) stop(t *testing.T) {
	t.Helper()
	if err := e.appmetrics.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-e.exited
}

// filesOf returns the fenced blocks of a page that begin with the name of a
// file as a comment.
func filesOf(t *testing.T, page string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, block := range regexp.MustCompile("(?ms)^```[a-z]*\n# (/\\S+)\n(.*?)^```").FindAllStringSubmatch(string(text), -1) {
		files[block[1]] = block[2]
	}
	return files
}

func buildOAuth2Proxy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	module := "module build\n\ngo 1.25.0\n\nrequire " + oauth2Proxy + " " + oauth2ProxyVersion + "\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(module), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-mod=mod", "-o", "oauth2-proxy", oauth2Proxy)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build oauth2-proxy: %v\n%s", err, out)
	}
	return filepath.Join(dir, "oauth2-proxy")
}
