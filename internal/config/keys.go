package config

import (
	"slices"
	"strings"
)

// key describes one setting: its name in the file, the established names of
// environment variables besides APPMETRICS_<KEY>, its default as it would
// stand in the file, what is allowed, and how a value reaches the Settings.
type key struct {
	name    string
	env     []string
	initial any
	allowed string
	secret  bool
	set     func(s *Settings, value any) error
}

// isDatabase reports whether the value is the address of a database, of which
// only the password is a secret.
func (k key) isDatabase() bool { return k.name == "database_url" || k.name == "copy.to" }

// environment returns the variables that may set the key, strongest first.
func (k key) environment() []string {
	name := "APPMETRICS_" + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
	return append([]string{name}, k.env...)
}

// keys lists every setting in the order in which they are printed.
func keys() []key { return slices.Concat(servingKeys(), intakeKeys(), accessKeys(), clientKeys()) }

func servingKeys() []key {
	return []key{
		{name: "listen", initial: defaultListen(),
			allowed: "host:port, such as 127.0.0.1:8080",
			set:     func(s *Settings, v any) error { return hostPort(&s.Listen, v) }},
		{name: "app", initial: "default",
			allowed: "a name of 1 to 100 characters, not appmetrics",
			set:     func(s *Settings, v any) error { return appName(&s.App, v) }},
		{name: "upstream", initial: "",
			allowed: "an address such as http://127.0.0.1:3000, with http, https or h2c",
			set:     func(s *Settings, v any) error { return upstream(&s.Upstream, v) }},
		{name: "timeout", env: []string{"TIMEOUT_SECONDS"}, initial: "30s",
			allowed: allowedDuration + "; 0 = none",
			set:     func(s *Settings, v any) error { return duration(&s.Timeout, v) }},
		{name: "database_url", env: []string{"DATABASE_URL"}, initial: defaultDatabase(), secret: true,
			allowed: "sqlite:///path/to/file.db or postgres://user@host:5432/database",
			set:     func(s *Settings, v any) error { return databaseURL(&s.DatabaseURL, v) }},
		{name: "auto_migrate", initial: false,
			allowed: "true or false",
			set:     func(s *Settings, v any) error { return boolean(&s.AutoMigrate, v) }},
		{name: "pool.min", initial: 5,
			allowed: "1 to 1000",
			set:     func(s *Settings, v any) error { return integer(&s.Pool.Min, v, 1, 1000) }},
		{name: "pool.max", initial: 20,
			allowed: "1 to 1000",
			set:     func(s *Settings, v any) error { return integer(&s.Pool.Max, v, 1, 1000) }},
		{name: "pool.timeout", env: []string{"POOL_TIMEOUT"}, initial: "30s",
			allowed: allowedDuration + ", more than 0",
			set:     func(s *Settings, v any) error { return positive(&s.Pool.Timeout, v) }},
		{name: "exclude", initial: []string{"/health", "/ready", "/ping", "/internal/", "/admin/system/"},
			allowed: allowedList + "paths that begin with /; one that ends with / covers everything under it",
			set:     func(s *Settings, v any) error { return paths(&s.Exclude, v) }},
		{name: "routes", initial: []string{},
			allowed: allowedList + "patterns such as /orders/{id}",
			set:     func(s *Settings, v any) error { return paths(&s.Routes, v) }},
		{name: "event_types", initial: []string{},
			allowed: allowedList + "names of 1 to 100 characters: small letters, digits and _",
			set:     func(s *Settings, v any) error { return eventTypes(&s.EventTypes, v) }},
		{name: "aggregate.interval", initial: "auto",
			allowed: "auto, " + allowedDuration + " of at least 1m; 0 = never",
			set:     func(s *Settings, v any) error { return interval(&s.Aggregate.Interval, v) }},
		{name: "aggregate.warn_rows", initial: 800_000,
			allowed: "a number of rows, at least 1",
			set:     func(s *Settings, v any) error { return integer(&s.Aggregate.WarnRows, v, 1, maxRows) }},
		{name: "aggregate.alert_rows", initial: 1_000_000,
			allowed: "a number of rows, at least 1",
			set:     func(s *Settings, v any) error { return integer(&s.Aggregate.AlertRows, v, 1, maxRows) }},
		{name: "aggregate.growth_rows_per_day", initial: 10_000,
			allowed: "a number of rows, at least 1",
			set: func(s *Settings, v any) error {
				return integer(&s.Aggregate.GrowthRowsPerDay, v, 1, maxRows)
			}},
		{name: "dashboard.path", initial: "/metrics",
			allowed: "a path such as /metrics, which appmetrics does not answer itself",
			set:     func(s *Settings, v any) error { return pagePath(&s.Dashboard.Path, v) }},
		{name: "dashboard.frame_ancestors", initial: []string{},
			allowed: allowedList + "origins such as https://portal.example.com or https://*.example.com",
			set:     func(s *Settings, v any) error { return frameAncestors(&s.Dashboard.FrameAncestors, v) }},
		{name: "tracker.inject", initial: false,
			allowed: "true or false",
			set:     func(s *Settings, v any) error { return boolean(&s.Tracker.Inject, v) }},
	}
}

// clientKeys are those of the commands that ask, and of the log.
func clientKeys() []key {
	return []key{
		{name: "token", initial: "", secret: true,
			allowed: "a token that the server of report --server accepts",
			set:     func(s *Settings, v any) error { return text(&s.Token, v) }},
		{name: "copy.to", initial: "", secret: true,
			allowed: "sqlite:///path/to/file.db or postgres://user@host:5432/database",
			set:     func(s *Settings, v any) error { return otherDatabaseURL(&s.CopyTo, v) }},
		{name: "log.level", initial: "info",
			allowed: "debug, info, warn or error",
			set:     func(s *Settings, v any) error { return oneOf(&s.LogLevel, v, "debug", "info", "warn", "error") }},
		{name: "log.format", initial: "auto",
			allowed: "auto, text or json; auto = text on a terminal, json elsewhere",
			set:     func(s *Settings, v any) error { return oneOf(&s.LogFormat, v, "auto", "text", "json") }},
	}
}

const maxRows = 1_000_000_000_000
