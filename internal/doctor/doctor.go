// Package doctor owns the checks that say whether an installation is in order,
// each with what is wrong and the mend. It refuses to change anything: it
// creates no database, applies no migration and touches no workspace.
package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/store"
)

// Status is how a check ended.
type Status string

// The three ways in which a check ends.
const (
	Pass Status = "pass"
	Fail Status = "fail"
	// Skip: the check does not apply, or needs one that failed.
	Skip Status = "skip"
)

// Check is the outcome of one check. Its JSON is stable: fields and names of
// checks may be added, none goes or changes its meaning.
type Check struct {
	// Name is a word that scripts may rely on, such as migrations.
	Name   string `json:"name"`
	Status Status `json:"status"`
	// Message says in one line what was found.
	Message string `json:"message"`
	// Mend says what to do; empty unless the check failed.
	Mend string `json:"mend"`

	group string
}

// Report holds all checks, always the same ones in the same order.
type Report struct {
	// OK says that no check failed.
	OK     bool    `json:"ok"`
	Checks []Check `json:"checks"`
}

// Count returns how many checks ended so.
func (r Report) Count(status Status) int {
	n := 0
	for _, c := range r.Checks {
		if c.Status == status {
			n++
		}
	}
	return n
}

// Database is an open database, as [store.Store] is one.
type Database interface {
	Diagnose(context.Context) (store.Diagnosis, error)
	MigrationStatus(context.Context) ([]store.Migration, error)
	CheckSchema(context.Context) error
	Health(context.Context) (store.Health, error)
	Close() error
}

// Workspace is the process's own login, as [databricks.Login] is one.
type Workspace interface {
	Host() string
	AuthType() string
	User(context.Context) (databricks.User, error)
	Jobs(ctx context.Context, name string) ([]databricks.Job, error)
	Destinations(context.Context) ([]databricks.Destination, error)
}

// Defaults of [Options].
const (
	DefaultCheckTimeout = 10 * time.Second
	DefaultTimeout      = 30 * time.Second
)

// Options say what the installation consists of. The checks of parts that are
// left out are skipped. Settings, Open and the thresholds are required.
type Options struct {
	// File is the configuration file that was read, or empty.
	File string
	// Mode says how askers are known: local, databricks or proxy.
	Mode string
	// Listen is the address of serve.
	Listen string
	// TrustedProxies are the peers that are believed about who is asking.
	TrustedProxies []string
	// Settings returns why serve would refuse the settings, or nil.
	Settings func(context.Context) error

	// Spool is where samples wait on disk; nil for no spool.
	Spool *Spool

	// DatabaseFile is that of an embedded database; empty for a server.
	DatabaseFile string
	// Open opens the database, reads only and creates nothing.
	Open func(context.Context) (Database, error)
	// AutoMigrate says that serve migrates a PostgreSQL database by itself.
	AutoMigrate bool
	// Interval is how often serve aggregates by itself; 0 leaves that to a
	// scheduler.
	Interval            time.Duration
	WarnRows, AlertRows int64

	// Login returns the process's own login; nil without a workspace.
	Login func(context.Context) (Workspace, error)
	// AdminGroups are the groups whose members are administrators.
	AdminGroups []string
	// Lakebase is how credentials of the database are had; nil for a database
	// with a password of its own. It needs Login.
	Lakebase *Lakebase
	// Job is the name of the job that aggregates.
	Job string
	// Bundle is the folder of the app to be deployed; empty for none.
	Bundle string

	// CheckTimeout bounds each check, Timeout all of them together.
	CheckTimeout, Timeout time.Duration
	Now                   func() time.Time
}

// Spool is where samples wait on disk for the database.
type Spool struct {
	Folder   string
	MaxBytes int64
	// Left lists the spools that hold samples while no process has them open.
	Left func() []string
}

// Lakebase renews the credential of a database, and uses it.
type Lakebase struct {
	// Renew fetches a new one and returns when it expires.
	Renew func(context.Context) (expiresAt time.Time, err error)
	// LogIn opens a connection with it and closes that again.
	LogIn func(context.Context) error
}

// Run makes every check, those at the same time that do not need each other,
// and reports all of them, whatever happens to one. It changes nothing.
func Run(ctx context.Context, o Options) Report {
	o = o.withDefaults()
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, fmt.Errorf("not done within %s for all checks together", o.Timeout))
	defer cancel()
	p := patient{Options: o}
	checks := examine(ctx, o.CheckTimeout, p.steps())
	p.close(o.CheckTimeout)
	report := Report{Checks: checks}
	report.OK = report.Count(Fail) == 0
	return report
}

func (o Options) withDefaults() Options {
	if o.CheckTimeout <= 0 {
		o.CheckTimeout = DefaultCheckTimeout
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
