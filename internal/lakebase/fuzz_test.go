package lakebase

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// FuzzReadSettings compares with pgx, which shows what a URL names when the
// variables name something else, and makes sure that whatever the URL is, no
// connection does without TLS or goes elsewhere than to the host that was
// named or found.
func FuzzReadSettings(f *testing.F) {
	for _, seed := range []string{
		"postgres://", "postgres:///db", "postgres://h/db", "postgresql://me:pw@h:1,g:2/db?sslmode=require&ssl=true",
		"postgres://:pw@:6543/db?host=&user=me", "postgres://me:p?w@[::1]:1/d@b?sslmode=prefer", "postgres:///db?host=/tmp,h&sslmode=",
		"postgres:// /db?user=%20", "postgres:///db?sslnegotiation=direct&sslmode=allow", "postgres:///db?service=s&",
	} {
		f.Add(seed)
	}
	const variable, found = "named.by.a.variable", "found.example"
	f.Setenv("PGHOST", variable)
	f.Setenv("PGUSER", variable)
	f.Setenv("HOME", f.TempDir())
	for _, name := range []string{"PGSSLMODE", "PGSERVICE", "PGPORT"} {
		f.Setenv(name, "")
	}
	none, err := pgx.ParseConfig("postgres://?host=&user=")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, url string) {
		if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
			return // store.Open refuses it
		}
		said, err := pgx.ParseConfig(url)
		if err != nil {
			return // so does pgx
		}
		s := readSettings(url, func(string) string { return "" })
		if s.service != "" {
			return // connection refuses it
		}
		if s.hostNamed && said.Host == variable || !s.hostNamed && said.Host != variable && said.Host != none.Host {
			t.Errorf("%q: host named: %v, pgx has %q", url, s.hostNamed, said.Host)
		}
		if s.userNamed && said.User == variable || !s.userNamed && said.User != variable && said.User != none.User {
			t.Errorf("%q: user named: %v, pgx has %q", url, s.userNamed, said.User)
		}
		c, err := s.connection(found)
		if err != nil {
			return
		}
		if !s.hostNamed && (c.Host != found || len(c.Fallbacks) > 0) || s.hostNamed && c.Host != said.Host {
			t.Errorf("%q: got host %q and %d fallbacks", url, c.Host, len(c.Fallbacks))
		}
		if c.Port != said.Port || c.Database != said.Database {
			t.Errorf("%q: got %d/%s, pgx has %d/%s", url, c.Port, c.Database, said.Port, said.Database)
		}
		if s.sslmode == "" && (c.TLSConfig.InsecureSkipVerify || c.TLSConfig.ServerName != c.Host) {
			t.Errorf("%q: got TLS that does not verify the host", url)
		}
	})
}
