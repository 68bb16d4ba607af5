//go:build acceptance

package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// pocketBase is a real application: REST, static files, streams, its own
// database.
const pocketBase = "github.com/pocketbase/pocketbase/examples/base@v0.39.0"

const email, password = "admin@example.com", "correct horse battery"

type app struct {
	binary   string // appmetrics
	database string
	url      string // of appmetrics in front of the application
	env      []string
	records  []string
	server   *exec.Cmd
	exited   chan struct{}
}

// build installs both programs once.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "appmetrics-acceptance")
	if err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"build", "-o", filepath.Join(dir, "appmetrics"), "../../cmd/appmetrics"},
		{"install", pocketBase},
	} {
		cmd := exec.Command("go", args...)
		cmd.Env = append(os.Environ(), "GOBIN="+dir, "CGO_ENABLED=0", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return dir, nil
})

func startApp(t *testing.T) *app {
	t.Helper()
	programs, err := build()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	public := filepath.Join(dir, "public")
	if err := os.MkdirAll(public, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"hello.txt": 120 << 10, "video.bin": 16 << 20} {
		if err := os.WriteFile(filepath.Join(public, name), bytes.Repeat([]byte("hello "), size/6), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := []string{filepath.Join(programs, "base"), "--dev=false", "--dir", filepath.Join(dir, "data"), "--publicDir", public}
	if out, err := exec.Command(base[0], append(base[1:], "superuser", "upsert", email, password)...).CombinedOutput(); err != nil {
		t.Fatalf("create the administrator: %v\n%s", err, out)
	}

	behind, front := freeAddress(t), freeAddress(t)
	a := &app{
		binary:   filepath.Join(programs, "appmetrics"),
		database: filepath.Join(dir, "appmetrics.db"),
		url:      "http://" + front,
		env: append(os.Environ(), "XDG_CONFIG_HOME="+dir, "XDG_STATE_HOME="+dir,
			"APPMETRICS_TRUSTED_PROXIES=127.0.0.0/8",
			"APPMETRICS_ROUTES=/api/collections/orders/records/{id}"),
	}
	command := append([]string{"serve", "--listen", front, "--upstream", "http://" + behind, "--database-url", "sqlite://" + a.database, "--"}, base...)
	a.server = exec.Command(a.binary, append(command, "serve", "--http", behind)...)
	a.server.Env = a.env
	a.exited = start(t, a.server)
	waitFor(t, "http://"+behind+"/api/health")
	waitFor(t, a.url+"/internal/appmetrics/ready")
	a.fill(t, "http://"+behind)
	return a
}

// start starts a program, which ends with the test. The channel is closed when
// it has ended.
func start(t *testing.T, cmd *exec.Cmd) chan struct{} {
	t.Helper()
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-exited
		if t.Failed() {
			t.Logf("output of %s:\n%s", filepath.Base(cmd.Path), output.String())
		}
	})
	return exited
}

// fill makes the collection and some records, past appmetrics, so that nothing
// but the load is recorded.
func (a *app) fill(t *testing.T, url string) {
	t.Helper()
	var login struct{ Token string }
	post(t, url+"/api/collections/_superusers/auth-with-password", "",
		map[string]any{"identity": email, "password": password}, &login)
	open := ""
	post(t, url+"/api/collections", login.Token, map[string]any{
		"name": "orders", "type": "base",
		"listRule": open, "viewRule": open, "createRule": open, "updateRule": open, "deleteRule": open,
		"fields": []map[string]any{
			{"name": "title", "type": "text", "required": true},
			{"name": "amount", "type": "number"},
		},
	}, nil)
	for i := range 200 {
		var record struct{ ID string }
		post(t, url+"/api/collections/orders/records", "", map[string]any{"title": fmt.Sprintf("a%d", i), "amount": i}, &record)
		a.records = append(a.records, record.ID)
	}
}

func post(t *testing.T, url, token string, body, answer any) {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: %d %v\n%s", url, response.StatusCode, err, got)
	}
	if answer != nil {
		if err := json.Unmarshal(got, answer); err != nil {
			t.Fatal(err)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func waitFor(t *testing.T, url string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if response, err := http.Get(url); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Fatalf("%s did not answer", url)
}
