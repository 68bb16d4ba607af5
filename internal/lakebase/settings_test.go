package lakebase

import (
	"strings"
	"testing"
)

func TestReadSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url     string
		env     map[string]string
		host    bool
		user    bool
		sslmode string
		service string
	}{
		"nothing":                   {url: "postgres:///db"},
		"nothing at all":            {url: "postgres://"},
		"the other scheme":          {url: "postgresql:///db"},
		"host":                      {url: "postgres://h/db", host: true},
		"host without database":     {url: "postgres://h", host: true},
		"host and port":             {url: "postgres://h:1/db", host: true},
		"only a port":               {url: "postgres://:1/db"},
		"address in brackets":       {url: "postgres://[::1]:1/db", host: true},
		"several hosts":             {url: "postgres://,h:1,g:2/db", host: true},
		"user":                      {url: "postgres://me@/db", user: true},
		"user and password":         {url: "postgres://me:pw@/db", user: true},
		"only a password":           {url: "postgres://:pw@/db"},
		"password with ? and /":     {url: "postgres://me:p?w@h/db?sslmode=require", host: true, user: true, sslmode: "require"},
		"an @ in the path":          {url: "postgres://h/d@b", host: true},
		"in the query":              {url: "postgres:///db?host=h&user=me&sslmode=require", host: true, user: true, sslmode: "require"},
		"escaped":                   {url: "postgres:///db?%68ost=h&sslmode=verify%2Dca", host: true, sslmode: "verify-ca"},
		"empty in the query":        {url: "postgres://me@h/db?host=&user=&sslmode="},
		"the last counts":           {url: "postgres:///db?sslmode=disable&sslmode=require", sslmode: "require"},
		"ssl is sslmode":            {url: "postgres:///db?sslmode=disable&ssl=true", sslmode: "require"},
		"sslmode after ssl":         {url: "postgres:///db?ssl=true&sslmode=disable", sslmode: "disable"},
		"variables":                 {url: "postgres:///db", env: map[string]string{"PGHOST": "h", "PGUSER": "me", "PGSSLMODE": "require"}, host: true, user: true, sslmode: "require"},
		"the URL before variables":  {url: "postgres:///db?host=&sslmode=verify-ca", env: map[string]string{"PGHOST": "h", "PGSSLMODE": "disable"}, sslmode: "verify-ca"},
		"spaces are nothing":        {url: "postgres:// @ /db?sslmode= ", env: map[string]string{}},
		"service":                   {url: "postgres:///db?service=s", service: "s"},
		"service in variables":      {url: "postgres:///db", env: map[string]string{"PGSERVICE": "s"}, service: "s"},
		"no value in the query":     {url: "postgres:///db?host"},
		"a query that ends with an": {url: "postgres:///db?host=h&", host: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readSettings(c.url, func(name string) string { return c.env[name] })
			if got.hostNamed != c.host || got.userNamed != c.user || got.sslmode != c.sslmode || got.service != c.service {
				t.Errorf("%s: got %+v", c.url, got)
			}
		})
	}
}

// TestConnection asks pgx what the settings amount to.
func TestConnection(t *testing.T) {
	for name, c := range map[string]struct {
		url    string
		env    map[string]string
		host   string
		port   uint16
		server string // that TLS verifies; empty when it does not look
		says   string // of the error
	}{
		"nothing named":           {url: "postgres:///db", host: "found.example", port: 5432, server: "found.example"},
		"a port":                  {url: "postgres://:6543/db", host: "found.example", port: 6543, server: "found.example"},
		"an open query":           {url: "postgres:///db?", host: "found.example", port: 5432, server: "found.example"},
		"a query":                 {url: "postgres:///db?connect_timeout=3", host: "found.example", port: 5432, server: "found.example"},
		"a query, open":           {url: "postgres:///db?connect_timeout=3&", host: "found.example", port: 5432, server: "found.example"},
		"an empty host":           {url: "postgres:///db?host=&sslmode=", host: "found.example", port: 5432, server: "found.example"},
		"host named":              {url: "postgres://named.example/db", host: "named.example", port: 5432, server: "named.example"},
		"variables":               {url: "postgres:///db", env: map[string]string{"PGHOST": "named.example", "PGPORT": "1"}, host: "named.example", port: 1, server: "named.example"},
		"require":                 {url: "postgres:///db?sslmode=require", host: "found.example", port: 5432},
		"require in a variable":   {url: "postgres:///db", env: map[string]string{"PGSSLMODE": "require"}, host: "found.example", port: 5432},
		"verify-ca":               {url: "postgres:///db?sslmode=verify-ca", host: "found.example", port: 5432},
		"verify-full":             {url: "postgres:///db?sslmode=verify-full", host: "found.example", port: 5432, server: "found.example"},
		"system's authorities":    {url: "postgres:///db?sslrootcert=system", host: "found.example", port: 5432, server: "found.example"},
		"several hosts":           {url: "postgres://a.example,b.example/db", host: "a.example", port: 5432, server: "a.example"},
		"disable":                 {url: "postgres://h/db?sslmode=disable", says: "sslmode disable is not allowed"},
		"allow":                   {url: "postgres://h/db?sslmode=allow", says: "sslmode allow is not allowed"},
		"prefer":                  {url: "postgres://h/db?sslmode=prefer", says: "sslmode prefer is not allowed"},
		"disable in a variable":   {url: "postgres://h/db", env: map[string]string{"PGSSLMODE": "disable"}, says: "sslmode disable is not allowed"},
		"no such mode":            {url: "postgres://h/db?sslmode=secret", says: "sslmode is invalid"},
		"a unix socket":           {url: "postgres:///db?host=/run/pg", says: "host /run/pg would be connected to without TLS"},
		"a unix socket as well":   {url: "postgres:///db?host=a.example,/run/pg", says: "without TLS"},
		"a service":               {url: "postgres:///db?service=s", says: "service files"},
		"a password and an error": {url: "postgres://me:secret@h/db?sslrootcert=/nowhere/ca.crt", says: "unable to read CA file"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"PGHOST", "PGPORT", "PGUSER", "PGSSLMODE", "PGSERVICE"} {
				t.Setenv(variable, c.env[variable])
			}
			t.Setenv("HOME", t.TempDir()) // of certificates that pgx would find
			got, err := readSettings(c.url, func(name string) string { return c.env[name] }).connection("found.example")
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) || strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "me:secret") {
					t.Fatalf("got %v, want one line that says %q", err, c.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Host != c.host || got.Port != c.port || got.TLSConfig == nil {
				t.Fatalf("got %s:%d, TLS %v; want %s:%d with TLS", got.Host, got.Port, got.TLSConfig != nil, c.host, c.port)
			}
			if verifies := !got.TLSConfig.InsecureSkipVerify; verifies != (c.server != "") || (verifies && got.TLSConfig.ServerName != c.server) {
				t.Errorf("got verification %v of %q, want it of %q", verifies, got.TLSConfig.ServerName, c.server)
			}
			for _, f := range got.Fallbacks {
				if f.TLSConfig == nil || f.TLSConfig.ServerName != f.Host {
					t.Errorf("fallback %s: got no TLS that verifies it", f.Host)
				}
			}
		})
	}
}
