package lakebase

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// settings are what a connection string and the PG* variables say about that
// which Lakebase decides when they say nothing. pgx's own defaults, a unix
// socket, the user of the operating system and TLS if the server happens to
// speak it, are no use here, and in its result they look like choices.
type settings struct {
	connString string
	hasQuery   bool

	hostNamed, userNamed bool
	sslmode              string // empty when nothing is said
	service              string // of a service file, which could name anything
}

// readSettings reads a postgres:// URL by the rules of pgx and libpq: what the
// query says comes before what the authority says, and that before the
// variables; the last of several values counts, and an empty one is none.
func readSettings(connString string, getenv func(string) string) settings {
	said := map[string]string{
		"host": getenv("PGHOST"), "user": getenv("PGUSER"), "sslmode": getenv("PGSSLMODE"), "service": getenv("PGSERVICE"),
	}
	_, rest, _ := strings.Cut(connString, "://")
	if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
		if user, _, _ := strings.Cut(rest[:i], ":"); unescape(user) != "" {
			said["user"] = user
		}
		rest = rest[i+1:]
	}
	authority, query, hasQuery := strings.Cut(rest, "?")
	authority, _, _ = strings.Cut(authority, "/")
	if authority = strings.TrimLeft(authority, ", "); authority != "" && authority[0] != ':' {
		said["host"] = authority
	}
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		key, value = unescape(key), unescape(value)
		if key == "ssl" && value == "true" {
			key, value = "sslmode", "require"
		}
		said[key] = value
	}
	return settings{
		connString: connString, hasQuery: hasQuery,
		hostNamed: said["host"] != "", userNamed: said["user"] != "",
		sslmode: said["sslmode"], service: said["service"],
	}
}

// unescape leaves alone what is no escape; pgx has refused it before. Spaces
// around a value are nothing.
func unescape(s string) string {
	s = strings.Trim(s, " ")
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// connection returns the configuration that pgx makes of the settings, with
// host for one that is not named. pgx is asked anew, rather than its result
// changed, because the name that TLS verifies follows from the host.
func (s settings) connection(host string) (*pgconn.Config, error) {
	if s.service != "" {
		return nil, errors.New("lakebase: service files (service, PGSERVICE) are not read; name host and user in the URL, or in PGHOST and PGUSER")
	}
	if slices.Contains([]string{"disable", "allow", "prefer"}, s.sslmode) {
		return nil, fmt.Errorf("lakebase: sslmode %s is not allowed, every connection needs TLS; leave sslmode (PGSSLMODE) out, or say verify-full, verify-ca or require", s.sslmode)
	}
	var more []string
	if !s.hostNamed {
		more = append(more, "host="+url.QueryEscape(host))
	}
	if s.sslmode == "" {
		more = append(more, "sslmode=verify-full")
	}
	config, err := pgconn.ParseConfig(s.with(more))
	if err != nil {
		return nil, fmt.Errorf("lakebase: read database URL: %w", err) // pgx masks the password
	}
	// A unix socket has no TLS, and pgx falls back on what it was told to.
	plain := config.TLSConfig == nil
	for _, f := range config.Fallbacks {
		plain = plain || f.TLSConfig == nil
	}
	if plain {
		return nil, fmt.Errorf("lakebase: host %s would be connected to without TLS, which every connection needs", config.Host)
	}
	return config, nil
}

// with returns the connection string with more parameters, which win over
// those that it has.
func (s settings) with(parameters []string) string {
	separator := "?"
	if s.hasQuery {
		separator = "&"
		if strings.HasSuffix(s.connString, "?") || strings.HasSuffix(s.connString, "&") {
			separator = ""
		}
	}
	if len(parameters) == 0 {
		return s.connString
	}
	return s.connString + separator + strings.Join(parameters, "&")
}
