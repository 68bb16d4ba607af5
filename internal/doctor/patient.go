package doctor

import (
	"sync"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/store"
)

// patient is the installation while it is examined: what one check learned for
// those that need it.
type patient struct {
	Options

	mu sync.Mutex // of db alone: a check that was left behind may still open it
	db Database

	diagnosis store.Diagnosis
	health    store.Health
	workspace Workspace
	user      databricks.User
	jobs      []databricks.Job
}

// steps lists every check, in the order in which they are reported.
func (p *patient) steps() []step {
	opening := []string(nil)
	if p.Lakebase != nil {
		opening = []string{"lakebase"}
	}
	const (
		installation = "installation"
		database     = "database"
		workspace    = "workspace"
		deployment   = "deployment"
	)
	return []step{
		{installation, "configuration", nil, p.checkConfiguration},
		{installation, "port", nil, p.checkPort},

		{database, "database", opening, p.checkDatabase},
		{database, "tls", []string{"database"}, p.checkTLS},
		{database, "rights", []string{"database"}, p.checkRights},
		{database, "migrations", []string{"database"}, p.checkMigrations},
		{database, "clock", []string{"database"}, p.checkClock},
		{database, "aggregation", []string{"size"}, p.checkAggregation},
		{database, "size", []string{"rights", "migrations"}, p.checkSize},

		{workspace, "workspace", nil, p.checkWorkspace},
		{workspace, "admin", []string{"workspace"}, p.checkAdmin},
		{workspace, "lakebase", []string{"workspace"}, p.checkLakebase},
		{workspace, "job", []string{"workspace"}, p.checkJob},
		{workspace, "destinations", []string{"job"}, p.checkDestinations},

		{deployment, "bundle", nil, p.checkBundle},
	}
}

func (p *patient) opened(db Database) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.db = db
}

// close lets go of the database, unless that hangs too.
func (p *patient) close(limit time.Duration) {
	p.mu.Lock()
	db := p.db
	p.mu.Unlock()
	if db == nil {
		return
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = db.Close() // all that was to be learned is
	}()
	select {
	case <-closed:
	case <-time.After(limit):
	}
}
