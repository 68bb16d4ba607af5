package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func hostPort(to *string, value any) error {
	if err := text(to, value); err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(*to)
	if err != nil {
		return errValue
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errValue
	}
	return nil
}

func upstream(to **url.URL, value any) error {
	var s string
	if err := text(&s, value); err != nil {
		return err
	}
	if s == "" {
		*to = nil
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || !slices.Contains([]string{"http", "https", "h2c"}, u.Scheme) || u.Hostname() == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errValue
	}
	*to = u
	return nil
}

func databaseURL(to *string, value any) error {
	if err := text(to, value); err != nil {
		return err
	}
	u, err := url.Parse(*to)
	if err != nil {
		return errValue
	}
	switch u.Scheme {
	case "sqlite":
		if u.Host+u.Path == "" {
			return errValue
		}
		return nil
	case "postgres", "postgresql":
		return nil
	}
	return errValue
}

// otherDatabaseURL reads the address of a database that there need not be.
func otherDatabaseURL(to *string, value any) error {
	if err := text(to, value); err != nil || *to == "" {
		return err
	}
	return databaseURL(to, value)
}

// workspaceURL reads the address of a Databricks workspace as it is written in
// many places: with or without its scheme, or as a browser shows it. Tokens
// travel there, so it is https, unless it is this machine.
func workspaceURL(to *string, value any) error {
	if err := text(to, value); err != nil || *to == "" {
		return err
	}
	raw := *to
	if !strings.Contains(raw, "://") {
		raw = "https://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return errValue
	}
	if !strings.ContainsAny(u.Hostname(), ".:") && u.Hostname() != "localhost" {
		return errValue // no workspace has such a name
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return errValue
	}
	return nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && addr.IsLoopback())
}

var (
	lakebaseEndpoints = regexp.MustCompile(`^projects/[\w-]+/branches/[\w-]+/endpoints/[\w-]+$`)
	lakebaseInstances = regexp.MustCompile(`^[\w-]+$`)
)

// matching reads text that is empty or has the form of pattern.
func matching(to *string, value any, pattern *regexp.Regexp) error {
	if err := text(to, value); err != nil || (*to != "" && !pattern.MatchString(*to)) {
		return errValue
	}
	return nil
}
