//go:build acceptance

package acceptance

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	performance = "/api/v1/metrics/performance"
	events      = "/api/v1/metrics/usage-events"
)

// TestProxyMode runs the example of docs/proxy.md: people sign in at an
// identity provider, oauth2-proxy says who they are, and appmetrics lets
// administrators in. Headers that anybody else makes up are worth nothing.
func TestProxyMode(t *testing.T) {
	e := startExample(t)
	ada, bob, carol := e.signIn(t, "ada@example.com"), e.signIn(t, "bob@example.com"), e.signIn(t, "carol@example.com")
	nobody := new(http.Client)
	stranger := clientFrom("127.0.0.2") // is not in trusted_proxies
	forged := http.Header{
		"X-Forwarded-Email": {"ada@example.com"}, "X-Forwarded-User": {"ada@example.com"}, "X-Forwarded-Groups": {"admins"},
		"X_forwarded_email": {"ada@example.com"}, "X_forwarded_groups": {"admins"},
	}
	for _, c := range []struct {
		name   string
		client *http.Client
		url    string
		header http.Header
		status int
		answer string // holds this
	}{
		{"a member of admins", ada, e.front + performance, nil, 200, `"metrics":`},
		{"one of auth.admins", carol, e.front + performance, nil, 200, `"metrics":`},
		{"a user", bob, e.front + performance, nil, 403, "Administrator privileges required to access metrics"},
		{"a user who forges", bob, e.front + performance, forged, 403, "Administrator privileges required to access metrics"},
		{"a user's event", bob, e.front + events, nil, 202, ""},
		{"nobody", nobody, e.front + performance, nil, 401, ""},
		{"nobody who forges", nobody, e.front + performance, forged, 401, ""},
		{"around the proxy", stranger, e.inside + performance, nil, 401, "does not come from a trusted proxy"},
		{"around the proxy, forging", stranger, e.inside + performance, forged, 401, "does not come from a trusted proxy"},
		{"an event around the proxy", stranger, e.inside + events, forged, 401, "does not come from a trusted proxy"},

		// What the application is told.
		{"ada's page", ada, e.front + "/orders/7", nil, 200, `"X-Forwarded-Groups":["staff,admins"]`},
		{"bob's page", bob, e.front + "/orders/7", forged, 200, `"X-Forwarded-Email":["bob@example.com"]`},
		{"a page around the proxy", stranger, e.inside + "/orders/7", forged, 200, `"X-Forwarded-Email":["ada@example.com"]`},
	} {
		status, answer := ask(t, c.client, c.url, c.header)
		t.Logf("%-26s %d %s", c.name, status, answer)
		if status != c.status || !strings.Contains(answer, c.answer) {
			t.Errorf("%s: got %d %s\nwant %d with %q", c.name, status, answer, c.status, c.answer)
		}
	}

	if out, code := e.report(t, "ada@example.com"); code != 0 || !strings.Contains(out, `"performance":`) {
		t.Errorf("report for an administrator: exit code %d\n%s", code, out)
	}
	if out, code := e.report(t, "bob@example.com"); code != 4 || !strings.Contains(out, "Administrator privileges required") {
		t.Errorf("report for a user: exit code %d\n%s", code, out)
	}

	e.stop(t)
	// Signing in is one page each; then come one of ada's, one of bob's, and the
	// one around the proxy, which is nobody's.
	got := e.stored(t, "select count(*) from performance_metrics where endpoint like '/orders/%' group by user_id order by 1")
	if want := []string{"1", "1", "2", "2"}; !slices.Equal(got, want) {
		t.Errorf("pages by user: got %v, want %v", got, want)
	}
	for _, user := range e.stored(t, "select distinct user_id from performance_metrics union select user_id from usage_events") {
		if !strings.HasPrefix(user, "user-") || strings.Contains(user, "@") {
			t.Errorf("stored user %q, want a pseudonym", user)
		}
	}
}

// ask sends a GET, or posts an event.
func ask(t *testing.T, client *http.Client, url string, header http.Header) (status int, answer string) {
	t.Helper()
	method, body := http.MethodGet, ""
	if strings.HasSuffix(url, events) {
		method, body = http.MethodPost, fmt.Sprintf(`{"events":[{"event_type":"page_view","timestamp":%q}]}`, time.Now().UTC().Format(time.RFC3339))
	}
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(read)
}

// clientFrom returns a client with another address of this machine.
func clientFrom(address string) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
}

// report runs the report of a remote server, with an ID token of the user.
func (e *example) report(t *testing.T, user string) (output string, exitCode int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(e.people.idToken(user)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(e.binary, "report", "--server", e.front, "--token-file", file, "-o", "json")
	out, _ := cmd.CombinedOutput() // the exit code says how it went
	return string(out), cmd.ProcessState.ExitCode()
}

// stored asks the database, through the sqlite3 program.
func (e *example) stored(t *testing.T, question string) []string {
	t.Helper()
	out, err := exec.Command("sqlite3", e.database, question).Output()
	if err != nil {
		t.Fatalf("sqlite3: %v", err)
	}
	return strings.Fields(string(out))
}
