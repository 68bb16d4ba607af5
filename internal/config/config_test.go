package config

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// isolate gives the test an environment and home of its own.
func isolate(t *testing.T) string {
	t.Helper()
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		for _, prefix := range []string{"APPMETRICS_", "DATABASE_URL", "POOL_TIMEOUT", "TIMEOUT_SECONDS", "PG", "DATABRICKS_", "LAKEBASE_", "ADMIN_GROUPS"} {
			if strings.HasPrefix(name, prefix) {
				t.Setenv(name, "")
				if err := os.Unsetenv(name); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
	xdg.Reload()
	return home
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func values(t *testing.T, s *Settings) map[string]string {
	t.Helper()
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for line := range strings.Lines(out.String()) {
		line, _, _ = strings.Cut(line, "  # ")
		name, value, _ := strings.Cut(line, ": ")
		values[name] = value
	}
	return values
}

func TestDefaults(t *testing.T) {
	home := isolate(t)
	s, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "sqlite://" + home + "/state/appmetrics/appmetrics.db"; s.DatabaseURL != want {
		t.Errorf("database_url = %s, want %s", s.DatabaseURL, want)
	}
	if s.Listen != "127.0.0.1:8080" || s.Timeout != 30*time.Second || s.Pool != (Pool{5, 20, 30 * time.Second}) {
		t.Errorf("settings = %+v", s)
	}
	if want := []string{"/health", "/ready", "/ping", "/internal/", "/admin/system/"}; !slices.Equal(s.Exclude, want) {
		t.Errorf("exclude = %v, want %v", s.Exclude, want)
	}
	if s.Aggregate.Interval != AggregateAuto {
		t.Errorf("aggregate.interval = %v, want auto", s.Aggregate.Interval)
	}
}

func TestAck(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string
		want string
	}{
		{"on a disk", nil, AckAuto},
		{"asked for", []string{"APPMETRICS_ACK", "disk"}, AckDisk},
		{"without a spool", []string{"APPMETRICS_SPOOL_MAX_BYTES", "0"}, AckDB},
		{"on Databricks Apps", []string{"DATABRICKS_APP_PORT", "8000", "DATABRICKS_APP_NAME", "shop"}, AckDB},
		{"there, asked for", []string{"DATABRICKS_APP_PORT", "8000", "DATABRICKS_APP_NAME", "shop", "APPMETRICS_ACK", "disk"}, AckDisk},
	} {
		t.Run(c.name, func(t *testing.T) {
			isolate(t)
			for i := 0; i < len(c.env); i += 2 {
				t.Setenv(c.env[i], c.env[i+1])
			}
			s, err := Load(Options{})
			if err != nil || s.Ack != c.want {
				t.Errorf("ack = %q, %v; want %q", s.Ack, err, c.want)
			}
		})
	}
}

func TestExampleListsEveryKeyWithItsDefault(t *testing.T) {
	isolate(t)
	path := write(t, Example())
	fromFile, err := Load(Options{File: path})
	if err != nil {
		t.Fatal(err)
	}
	defaults, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, want := values(t, fromFile), values(t, defaults)
	v := viper.New()
	v.SetConfigFile(path)
	if err := v.ReadInConfig(); err != nil {
		t.Fatal(err)
	}
	for _, name := range keyNames() {
		if got[name] != want[name] {
			t.Errorf("%s = %s in the example, want %s", name, got[name], want[name])
		}
		// The default of database_url depends on the user, so the example
		// names the key in a comment.
		if !v.InConfig(name) && !strings.Contains(Example(), "\n# "+name+":\n") {
			t.Errorf("%s is not in the example", name)
		}
	}
}

func TestPrecedence(t *testing.T) {
	isolate(t)
	file := write(t, "listen: 127.0.0.1:1\napp: file\npool: {timeout: 7}\ntimeout: 5s\n")
	t.Setenv("APPMETRICS_LISTEN", "127.0.0.1:2")
	t.Setenv("POOL_TIMEOUT", "9")
	t.Setenv("TIMEOUT_SECONDS", "3")
	t.Setenv("APPMETRICS_TIMEOUT", "1500ms")
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.String("listen", "", "")
	flags.String("log-level", "", "")
	if err := flags.Parse([]string{"--listen", "127.0.0.1:3"}); err != nil {
		t.Fatal(err)
	}
	s, err := Load(Options{File: file, Flags: map[string]*pflag.Flag{
		"listen": flags.Lookup("listen"), "log.level": flags.Lookup("log-level"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key       string
		got, want any
		origin    string
	}{
		{"listen", s.Listen, "127.0.0.1:3", "flag --listen"},
		{"app", s.App, "file", "file " + file},
		{"pool.timeout", s.Pool.Timeout, 9 * time.Second, "environment POOL_TIMEOUT"},
		{"timeout", s.Timeout, 1500 * time.Millisecond, "environment APPMETRICS_TIMEOUT"},
		{"log.level", s.LogLevel, "info", "default"},
	} {
		if c.got != c.want {
			t.Errorf("%s = %v, want %v", c.key, c.got, c.want)
		}
		if got := s.origins[c.key]; got != c.origin {
			t.Errorf("%s comes from %q, want %q", c.key, got, c.origin)
		}
	}
}

func TestFileInXDGDirectory(t *testing.T) {
	home := isolate(t)
	path := filepath.Join(home, "config", "appmetrics", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("app: orders\nevent_types: [checkout, refund]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.App != "orders" || s.File != path || !slices.Equal(s.EventTypes, []string{"checkout", "refund"}) {
		t.Errorf("settings = %+v", s)
	}
}

func TestRefused(t *testing.T) {
	isolate(t)
	for _, c := range []struct {
		name, file string
		env        [2]string
		want       string
	}{
		{name: "unknown key with a near one", file: "lsten: x\n", want: "did you mean listen?"},
		{name: "unknown key with none near", file: "colour: blue\n", want: "colour: unknown key in {file}; allowed: listen, app,"},
		{name: "unknown key in a section", file: "pool: {maxx: 3}\n", want: "pool.maxx: unknown key in {file}; did you mean pool.max?"},
		{name: "value in place of a section", file: "pool: 3\n", want: "pool: unknown key in {file}; it is a section, with keys such as pool.min"},
		{name: "not YAML", file: "a: b: c\n", want: "config file {file}: yaml: "},
		{name: "bad number", file: "pool: {max: many}\n", want: `pool.max: "many" (file {file}) is not allowed; allowed: 1 to 1000`},
		{name: "fraction", file: "pool: {max: 1.5}\n", want: `pool.max: 1.5 (file {file}) is not allowed`},
		{name: "bad duration", env: [2]string{"TIMEOUT_SECONDS", "soon"}, want: `timeout: "soon" (environment TIMEOUT_SECONDS) is not allowed; allowed: a duration such as 30s`},
		{name: "negative duration", env: [2]string{"POOL_TIMEOUT", "-1"}, want: `pool.timeout: "-1" (environment POOL_TIMEOUT) is not allowed`},
		{name: "no wait for a connection", env: [2]string{"POOL_TIMEOUT", "0"}, want: `pool.timeout: "0" (environment POOL_TIMEOUT) is not allowed`},
		{name: "database of another kind", env: [2]string{"DATABASE_URL", "mysql://u:secret@h/d"}, want: `database_url: "mysql://u:***@h/d" (environment DATABASE_URL) is not allowed; allowed: sqlite://`},
		{name: "database address that is none", env: [2]string{"DATABASE_URL", "postgres://u:se%zzcret@h/d"}, want: `database_url: "postgres://u:***@h/d"`},
		{name: "listen without port", env: [2]string{"APPMETRICS_LISTEN", "localhost"}, want: `listen: "localhost"`},
		{name: "port too large", env: [2]string{"APPMETRICS_LISTEN", ":70000"}, want: `listen: ":70000"`},
		{name: "upstream without scheme", env: [2]string{"APPMETRICS_UPSTREAM", "localhost:3000"}, want: `upstream: "localhost:3000"`},
		{name: "reserved app", env: [2]string{"APPMETRICS_APP", "appmetrics"}, want: `app: "appmetrics"`},
		{name: "any origin", env: [2]string{"APPMETRICS_CORS_ORIGINS", "*"}, want: `cors.origins: "*"`},
		{name: "origin as no browser writes it", env: [2]string{"APPMETRICS_CORS_ORIGINS", "https://Shop.example"}, want: `cors.origins: "https://Shop.example"`},
		{name: "origin with its scheme's port", env: [2]string{"APPMETRICS_CORS_ORIGINS", "https://shop.example:443"}, want: `cors.origins: "https://shop.example:443"`},
		{name: "dashboard at the root", env: [2]string{"APPMETRICS_DASHBOARD_PATH", "/"}, want: `dashboard.path: "/"`},
		{name: "dashboard above its path", env: [2]string{"APPMETRICS_DASHBOARD_PATH", "/a/../b"}, want: `dashboard.path: "/a/../b"`},
		{name: "dashboard over the API", env: [2]string{"APPMETRICS_DASHBOARD_PATH", "/api"}, want: `dashboard.path: "/api" (environment APPMETRICS_DASHBOARD_PATH) is not allowed; allowed: a path such as /metrics, which appmetrics does not answer itself`},
		{name: "dashboard below the API", env: [2]string{"APPMETRICS_DASHBOARD_PATH", "/api/docs/metrics"}, want: `dashboard.path: "/api/docs/metrics"`},
		{name: "dashboard over what operators ask", env: [2]string{"APPMETRICS_DASHBOARD_PATH", "/internal"}, want: `dashboard.path: "/internal"`},
		{name: "dashboard at the health page", env: [2]string{"APPMETRICS_DASHBOARD_PATH", "/health"}, want: `dashboard.path: "/health"`},
		{name: "database that is a name", env: [2]string{"DATABASE_URL", "foo"}, want: `database_url: "foo" (environment DATABASE_URL) is not allowed; allowed: sqlite://`},
		{name: "frames of anyone", env: [2]string{"APPMETRICS_DASHBOARD_FRAME_ANCESTORS", "*"}, want: `dashboard.frame_ancestors: "*"`},
		{name: "another directive", env: [2]string{"APPMETRICS_DASHBOARD_FRAME_ANCESTORS", "https://a.example; script-src"}, want: `dashboard.frame_ancestors: "https://a.example; script-src"`},
		{name: "relative path", env: [2]string{"APPMETRICS_EXCLUDE", "/a,b"}, want: `exclude: "/a,b"`},
		{name: "a token that is not hashed", env: [2]string{"APPMETRICS_AUTH_SERVICE_TOKENS", "hunter2"}, want: `auth.service_tokens: *** (environment`},
		{name: "bad level", env: [2]string{"APPMETRICS_LOG_LEVEL", "loud"}, want: `log.level: "loud" (environment APPMETRICS_LOG_LEVEL) is not allowed; allowed: debug, info, warn or error`},
		{name: "unknown variable", env: [2]string{"APPMETRICS_LISEN", ":1"}, want: "APPMETRICS_LISEN: unknown environment variable; did you mean APPMETRICS_LISTEN?"},
		{name: "pool upside down", env: [2]string{"APPMETRICS_POOL_MIN", "30"}, want: "pool.min: 30 (environment APPMETRICS_POOL_MIN) is not allowed; allowed: at most pool.max, which is 20"},
		{name: "spool too small", env: [2]string{"APPMETRICS_SPOOL_MAX_BYTES", "10kB"}, want: `spool.max_bytes: "10kB" (environment APPMETRICS_SPOOL_MAX_BYTES) is not allowed; allowed: a size such as 1GiB or 500MB, at least 1MiB; 0 = no spool`},
		{name: "spool in a relative folder", env: [2]string{"APPMETRICS_SPOOL_PATH", "spool"}, want: `spool.path: "spool"`},
		{name: "ack on a disk that is not there", file: "ack: disk\nspool: {max_bytes: 0}\n", want: `ack: disk (file`},
		{name: "ack of no kind", env: [2]string{"APPMETRICS_ACK", "none"}, want: `ack: "none" (environment APPMETRICS_ACK) is not allowed; allowed: auto, disk or db`},
		{name: "interval too short", env: [2]string{"APPMETRICS_AGGREGATE_INTERVAL", "5s"}, want: `aggregate.interval: "5s"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{}
			if c.file != "" {
				o.File = write(t, c.file)
			}
			if c.env[0] != "" {
				t.Setenv(c.env[0], c.env[1])
			}
			_, err := Load(o)
			if err == nil {
				t.Fatal("no error")
			}
			got := err.Error()
			if want := strings.ReplaceAll(c.want, "{file}", o.File); !strings.Contains(got, want) {
				t.Errorf("error = %s\nwant %s", got, want)
			}
			if strings.Contains(got, "\n") || strings.Contains(got, "secret@") || strings.Contains(got, "zzcret") || strings.Contains(got, "hunter2") {
				t.Errorf("error = %s", got)
			}
		})
	}
	t.Run("folder for a file", func(t *testing.T) {
		folder := t.TempDir()
		_, err := Load(Options{File: folder})
		if want := "config file " + folder + ": is a directory; name an existing YAML file with --config"; err == nil || err.Error() != want {
			t.Errorf("error = %v, want %s", err, want)
		}
	})
	t.Run("missing file", func(t *testing.T) {
		_, err := Load(Options{File: "/nowhere/x.yaml"})
		if want := "config file /nowhere/x.yaml: no such file or directory; name an existing YAML file with --config"; err == nil || err.Error() != want {
			t.Errorf("error = %v, want %s", err, want)
		}
	})
	t.Run("password on the command line", func(t *testing.T) {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		flags.String("database-url", "", "")
		if err := flags.Parse([]string{"--database-url=postgres://u:secret@h/d"}); err != nil {
			t.Fatal(err)
		}
		_, err := Load(Options{Flags: map[string]*pflag.Flag{"database_url": flags.Lookup("database-url")}})
		if err == nil || !strings.Contains(err.Error(), "must not carry a password") || strings.Contains(err.Error(), "secret@") {
			t.Errorf("error = %v", err)
		}
	})
}

func TestClusterVariablesAreLeftAlone(t *testing.T) {
	isolate(t)
	t.Setenv("APPMETRICS_PORT", "tcp://10.0.0.1:80")
	t.Setenv("APPMETRICS_SERVICE_HOST", "10.0.0.1")
	t.Setenv("APPMETRICS_PORT_80_TCP_ADDR", "10.0.0.1")
	if _, err := Load(Options{}); err != nil {
		t.Error(err)
	}
}

func TestLibpqVariablesNameTheDatabase(t *testing.T) {
	isolate(t)
	t.Setenv("PGHOST", "db.example.com")
	s, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.DatabaseURL != "postgres:///" {
		t.Errorf("database_url = %s", s.DatabaseURL)
	}
	t.Setenv("DATABASE_URL", "sqlite:///tmp/a.db")
	if s, err = Load(Options{}); err != nil || s.DatabaseURL != "sqlite:///tmp/a.db" {
		t.Errorf("database_url = %s, %v", s.DatabaseURL, err)
	}
}

func TestWriteMasksSecretsAndLoadsAgain(t *testing.T) {
	isolate(t)
	t.Setenv("DATABASE_URL", "postgres://u:hush@h/d?password=hush&sslmode=require")
	t.Setenv("APPMETRICS_AUTH_SERVICE_TOKENS", strings.Repeat("a0", 32)+", "+strings.Repeat("a1", 32))
	t.Setenv("APPMETRICS_TOKEN", "hush")
	t.Setenv("APPMETRICS_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
	s, err := Load(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Auth.ServiceTokens) != 2 || len(s.TrustedProxies) != 2 || s.Token != "hush" {
		t.Errorf("settings = %+v", s)
	}
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "hush") || strings.Contains(out.String(), "a0a0") || !strings.Contains(out.String(), "postgres://u:***@h/d?password=***&sslmode=require") {
		t.Errorf("printed:\n%s", &out)
	}
	text := strings.ReplaceAll(out.String(), "auth.service_tokens: '***'", "auth.service_tokens: []")
	text = strings.ReplaceAll(text, "auth.service_tokens: \"***\"", "auth.service_tokens: []")
	isolate(t)
	if _, err := Load(Options{File: write(t, text)}); err != nil {
		t.Errorf("printed settings do not load: %v\n%s", err, text)
	}
}
