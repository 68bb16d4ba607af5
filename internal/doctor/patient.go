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
	after := func(names ...string) []string { return names }
	return []step{
		{installation, "configuration", nil, p.checkConfiguration, finding{}},
		{installation, "port", nil, p.checkPort, finding{}},
		{installation, "spool", nil, p.checkSpool, finding{}},

		{database, "database", opening, p.checkDatabase, p.unreachable(store.ErrUnavailable)},
		{database, "tls", after("database"), p.checkTLS, finding{}},
		{database, "rights", after("database"), p.checkRights, finding{}},
		{database, "migrations", after("database"), p.checkMigrations, finding{}},
		{database, "clock", after("database"), p.checkClock, finding{}},
		{database, "aggregation", after("size"), p.checkAggregation, finding{}},
		{database, "size", after("rights", "migrations"), p.checkSize, finding{}},

		{workspace, "workspace", nil, p.checkWorkspace, unanswered(databricks.ErrUnavailable)},
		{workspace, "admin", after("workspace"), p.checkAdmin, finding{}},
		{workspace, "lakebase", after("workspace"), p.checkLakebase, finding{}},
		{workspace, "job", after("workspace"), p.checkJob, finding{}},
		{workspace, "destinations", after("job"), p.checkDestinations, finding{}},

		{deployment, "bundle", nil, p.checkBundle, finding{}},
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
