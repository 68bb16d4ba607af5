// Package config owns the settings of appmetrics: which keys exist, what they
// mean, their defaults, and what is allowed. It reads flags, environment and
// file, in this order of precedence, and refuses unknown keys and bad values.
// It builds nothing from them: that is for the commands.
package config

import (
	"net/url"
	"time"
)

// Settings are all settings, checked and typed. The zero value is not useful:
// Load makes them.
type Settings struct {
	Listen      string   // host:port
	App         string   // what rows of the observed application are stored under
	Upstream    *url.URL // nil without an application behind the proxy
	Timeout     time.Duration
	DatabaseURL string
	AutoMigrate bool
	Pool        Pool
	Queue       Queue
	Spool       Spool
	Ack         string // AckAuto, AckDisk or AckDB
	Limits      Limits
	Exclude     []string
	Routes      []string
	EventTypes  []string
	Aggregate   Aggregate
	Dashboard   Dashboard
	Tracker     Tracker

	TrustedProxies []string // addresses and networks
	Auth           Auth
	Databricks     Databricks
	Lakebase       Lakebase
	Privacy        Privacy
	CORSOrigins    []string
	Token          string // sent to the server that report asks
	CopyTo         string // URL of the database that copy writes to, or empty

	LogLevel  string // debug, info, warn, error
	LogFormat string // auto, text, json

	// File is the configuration file that was read, or "".
	File string

	origins map[string]string
	printed map[string]any
}

// Pool bounds the connections to PostgreSQL.
type Pool struct {
	Min, Max int
	Timeout  time.Duration
}

// Queue bounds what waits in memory to be written.
type Queue struct {
	Capacity int // samples
}

// Spool keeps on disk what waits to be written.
type Spool struct {
	Path     string // empty: a folder for the database, below XDG_STATE_HOME
	MaxBytes int64  // 0 = no spool
}

// What Ack can be: when a post of usage events counts as accepted.
const (
	AckAuto = "auto" // once it is on disk, where there is a spool
	AckDisk = "disk" // once it is on disk
	AckDB   = "db"   // once the database has it
)

// Limits bound what is let in at once.
type Limits struct {
	Connections int
	Questions   int // of administrators, that are being answered
}

// AggregateAuto as Aggregate.Interval leaves the choice to serve: hourly on
// the embedded engine, never on PostgreSQL, where a scheduled job does it.
const AggregateAuto time.Duration = -1

// Aggregate holds the thresholds of the growth guard and how often serve
// aggregates by itself.
type Aggregate struct {
	Interval         time.Duration // 0 = never, or AggregateAuto
	WarnRows         int64
	AlertRows        int64
	GrowthRowsPerDay int64
}

// Dashboard says where the page is and who may show it in a frame.
type Dashboard struct {
	Path           string   // /NAME
	FrameAncestors []string // origins; empty: nobody
}

// Tracker says how the script that records page views gets into pages.
type Tracker struct {
	Inject bool // serve puts its tag into the pages of the application
}

// The modes of Auth: who says who is asking.
const (
	ModeAuto       = "auto" // in the file only: Load makes one of the others of it
	ModeLocal      = "local"
	ModeDatabricks = "databricks"
	ModeProxy      = "proxy"
)

// Auth says who may see the metrics.
type Auth struct {
	Mode          string   // ModeLocal, ModeDatabricks or ModeProxy
	AdminGroups   []string // whose members are administrators
	Admins        []string // users who are administrators, in proxy mode
	UserHeaders   []string // in which a trusted proxy names the user, first one wins
	GroupsHeader  string   // in which it names the user's groups, in proxy mode
	ServiceTokens []string // SHA-256 hashes, in hexadecimal
}

// Databricks names the workspace and how to log in there.
type Databricks struct {
	Host    string // with or without https://, or empty: the profile's
	Profile string // of ~/.databrickscfg, or empty
	Job     string // the name of the job that aggregates
}

// Lakebase names the database whose credentials the workspace gives out; at
// most one of the two is set.
type Lakebase struct {
	Endpoint string // projects/P/branches/B/endpoints/E
	Instance string // the name of a provisioned instance
}

// Privacy says what is stored in place of user ids.
type Privacy struct {
	Pseudonymize bool
	Key          string // of the hash, a secret
}
