package config

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

const workspace = "https://adb-123.4.azuredatabricks.net"

// setenv sets variables given as NAME, VALUE, NAME, VALUE...
func setenv(t *testing.T, pairs ...string) {
	t.Helper()
	for pair := range slices.Chunk(pairs, 2) {
		t.Setenv(pair[0], pair[1])
	}
}

func TestModeFollowsTheWorkspace(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string
		want string
	}{
		{"nothing set", nil, ModeLocal},
		{"host", []string{"DATABRICKS_HOST", workspace}, ModeDatabricks},
		{"profile", []string{"DATABRICKS_CONFIG_PROFILE", "work"}, ModeDatabricks},
		{"a token alone names no workspace", []string{"DATABRICKS_TOKEN", "dapi"}, ModeLocal},
		{"local on request", []string{"DATABRICKS_HOST", workspace, "APPMETRICS_AUTH_MODE", "local"}, ModeLocal},
		{"proxy on request", []string{"DATABRICKS_HOST", workspace, "APPMETRICS_AUTH_MODE", "proxy", "APPMETRICS_TRUSTED_PROXIES", "10.0.0.1"}, ModeProxy},
	} {
		t.Run(c.name, func(t *testing.T) {
			isolate(t)
			setenv(t, c.env...)
			s, err := Load(Options{})
			if err != nil {
				t.Fatal(err)
			}
			if s.Auth.Mode != c.want {
				t.Errorf("mode = %s, want %s", s.Auth.Mode, c.want)
			}
		})
	}
}

func TestWorkspaceAddress(t *testing.T) {
	isolate(t)
	for given, allowed := range map[string]bool{
		"adb-123.4.azuredatabricks.net": true, // as Databricks Apps sets it
		workspace:                       true,
		workspace + "/?o=123#job/7":     true, // as a browser shows it
		"http://127.0.0.1:8081":         true,
		"http://localhost:8081/":        true,
		"https://localhost:8081/":       true,
		"http://[::1]:8081":             true,

		"http://adb-123.4.azuredatabricks.net": false,
		"http://127.0.0.1.example.com":         false,
		"foo":                                  false,
		"https://foo/":                         false,
		"ftp://adb-123.4.azuredatabricks.net":  false,
		"https://":                             false,
		"https://ada:hush@adb-123.4.azuredatabricks.net":      false,
		"https://adb-123.4.azuredatabricks.net:not-a-port":    false,
		"https://accounts.example.com%zz":                     false,
		"javascript:https://adb-123.4.azuredatabricks.net/%%": false,
	} {
		t.Run(given, func(t *testing.T) {
			t.Setenv("DATABRICKS_HOST", given)
			s, err := Load(Options{})
			switch {
			case !allowed && (err == nil || !strings.HasPrefix(err.Error(), "databricks.host: ") || strings.Contains(err.Error(), "hush")):
				t.Errorf("error = %v", err)
			case allowed && (err != nil || s.Databricks.Host != given):
				t.Errorf("got %+v, %v", s, err)
			}
		})
	}
}

func TestAccessRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string
		want string
	}{
		{"no such mode", []string{"APPMETRICS_AUTH_MODE", "oidc"}, `auth.mode: "oidc" (environment APPMETRICS_AUTH_MODE) is not allowed; allowed: auto, local, databricks or proxy`},
		{"databricks without a workspace", []string{"APPMETRICS_AUTH_MODE", "databricks"}, "auth.mode: databricks (environment APPMETRICS_AUTH_MODE) is not allowed without databricks.host or databricks.profile; set DATABRICKS_HOST"},
		{"administrators named and nobody to vouch for them", []string{"APPMETRICS_AUTH_ADMINS", "ada@example.com"}, "auth.admins (environment APPMETRICS_AUTH_ADMINS) is not allowed in auth.mode local; set auth.mode to proxy"},
		{"endpoint that no workspace knows", []string{"LAKEBASE_ENDPOINT", "projects/p.q/branches/b/endpoints/e"}, "lakebase.endpoint: "},
		{"proxy without proxies", []string{"APPMETRICS_AUTH_MODE", "proxy"}, "auth.mode: proxy (environment APPMETRICS_AUTH_MODE) is not allowed without trusted_proxies; list"},
		{
			"proxy on Databricks Apps, whose proxy vouches for no groups",
			[]string{"APPMETRICS_AUTH_MODE", "proxy", "DATABRICKS_APP_PORT", "8000", "DATABRICKS_APP_NAME", "shop"},
			"auth.mode: proxy (environment APPMETRICS_AUTH_MODE) is not allowed without trusted_proxies",
		},
		{"header that is none", []string{"APPMETRICS_AUTH_USER_HEADERS", "X Forwarded"}, `auth.user_headers: "X Forwarded"`},
		{"groups header that is none", []string{"APPMETRICS_AUTH_GROUPS_HEADER", "groups:"}, `auth.groups_header: "groups:"`},
		{"pseudonyms without a key", []string{"APPMETRICS_PRIVACY_PSEUDONYMIZE", "true"}, "privacy.pseudonymize: true (environment APPMETRICS_PRIVACY_PSEUDONYMIZE) is not allowed without privacy.key; set APPMETRICS_PRIVACY_KEY to a secret of 32 characters or more"},
		{"key that can be guessed", []string{"APPMETRICS_PRIVACY_KEY", "hush"}, "privacy.key: *** (environment APPMETRICS_PRIVACY_KEY) is not allowed; allowed: a secret of 32 characters or more"},
		{"endpoint that is none", []string{"LAKEBASE_ENDPOINT", "projects/shop"}, `lakebase.endpoint: "projects/shop" (environment LAKEBASE_ENDPOINT) is not allowed; allowed: the name of an endpoint, such as projects/`},
		{"endpoint that climbs", []string{"LAKEBASE_ENDPOINT", "projects/../branches/b/endpoints/e"}, "lakebase.endpoint: "},
		{"instance that is none", []string{"APPMETRICS_LAKEBASE_INSTANCE", "a/b"}, `lakebase.instance: "a/b"`},
		{
			"two kinds of Lakebase",
			[]string{"LAKEBASE_ENDPOINT", "projects/p/branches/b/endpoints/e", "APPMETRICS_LAKEBASE_INSTANCE", "shop"},
			"lakebase.endpoint (environment LAKEBASE_ENDPOINT) and lakebase.instance (environment APPMETRICS_LAKEBASE_INSTANCE) are not allowed together",
		},
		{"port of Databricks Apps that is none", []string{"DATABRICKS_APP_PORT", "many"}, `listen: "0.0.0.0:many"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			isolate(t)
			setenv(t, c.env...)
			_, err := Load(Options{})
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hush") {
				t.Errorf("error = %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestDatabricksAppsSayWhereToListen(t *testing.T) {
	isolate(t)
	setenv(t, "DATABRICKS_APP_PORT", "8000", "DATABRICKS_APP_NAME", "shop", "DATABRICKS_HOST", workspace)
	s, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Listen != "0.0.0.0:8000" || !slices.Equal(s.TrustedProxies, []string{"0.0.0.0/0", "::/0"}) || s.Auth.Mode != ModeDatabricks {
		t.Errorf("settings = %+v", s)
	}
	setenv(t, "APPMETRICS_LISTEN", "127.0.0.1:1", "APPMETRICS_TRUSTED_PROXIES", "10.0.0.1")
	if s, err = Load(Options{}); err != nil || s.Listen != "127.0.0.1:1" || !slices.Equal(s.TrustedProxies, []string{"10.0.0.1"}) {
		t.Errorf("settings = %+v, %v", s, err)
	}
}

func TestAPortAloneIsNoReasonToTrustEveryone(t *testing.T) {
	isolate(t)
	setenv(t, "DATABRICKS_APP_PORT", "8000")
	s, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Listen != "0.0.0.0:8000" || len(s.TrustedProxies) != 0 {
		t.Errorf("settings = %+v", s)
	}
}

func TestLakebaseNamesTheDatabase(t *testing.T) {
	const endpoint = "projects/shop/branches/production/endpoints/primary"
	for _, c := range []struct {
		name string
		env  []string
		want string
	}{
		{"endpoint", []string{"LAKEBASE_ENDPOINT", endpoint}, "postgres:///databricks_postgres"},
		{"instance", []string{"APPMETRICS_LAKEBASE_INSTANCE", "shop"}, "postgres:///databricks_postgres"},
		{"with what a database resource sets", []string{"LAKEBASE_ENDPOINT", endpoint, "PGHOST", "h.example.com", "PGDATABASE", "shop"}, "postgres:///"},
		{"its own URL", []string{"LAKEBASE_ENDPOINT", endpoint, "DATABASE_URL", "postgres://h.example.com/shop"}, "postgres://h.example.com/shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			isolate(t)
			setenv(t, c.env...)
			s, err := Load(Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := values(t, s)["database_url"]; s.DatabaseURL != c.want || got != c.want {
				t.Errorf("database_url = %s, printed %s, want %s", s.DatabaseURL, got, c.want)
			}
		})
	}
}

func TestThePseudonymKeyIsNeverPrinted(t *testing.T) {
	isolate(t)
	setenv(t, "APPMETRICS_PRIVACY_PSEUDONYMIZE", "true", "APPMETRICS_PRIVACY_KEY", strings.Repeat("hush", 8), "ADMIN_GROUPS", "ops, Data Admins")
	s, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "hush") || !strings.Contains(out.String(), "privacy.key: '***'") {
		t.Errorf("printed:\n%s", &out)
	}
	if !s.Privacy.Pseudonymize || s.Privacy.Key != strings.Repeat("hush", 8) || !slices.Equal(s.Auth.AdminGroups, []string{"ops", "Data Admins"}) {
		t.Errorf("settings = %+v", s)
	}
}

// A database whose password the workspace hands out is the workspace's: its
// metrics are not for whoever is on this machine.
func TestLakebaseMeansDatabricks(t *testing.T) {
	isolate(t)
	setenv(t, "LAKEBASE_ENDPOINT", "projects/p/branches/b/endpoints/e")
	s, err := Load(Options{})
	if err != nil || s.Auth.Mode != ModeDatabricks {
		t.Errorf("settings = %+v, %v", s, err)
	}
	setenv(t, "APPMETRICS_AUTH_MODE", "local")
	if s, err = Load(Options{}); err != nil || s.Auth.Mode != ModeLocal {
		t.Errorf("settings = %+v, %v", s, err)
	}
}
