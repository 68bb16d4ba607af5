package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
)

// checkDatabase opens the database and has it examined. A file that is not
// there yet is fine: the first serve makes it.
func (p *patient) checkDatabase(ctx context.Context) finding {
	if p.DatabaseFile != "" {
		switch _, err := os.Stat(p.DatabaseFile); {
		case errors.Is(err, fs.ErrNotExist):
			return p.futureFile()
		case err != nil:
			return unusable("%s: %v", p.DatabaseFile, cause(err))
		}
	}
	db, err := p.Open(ctx)
	if err != nil {
		return p.unreachable(err)
	}
	p.opened(db)
	if p.diagnosis, err = db.Diagnose(ctx); err != nil {
		return p.unreachable(err)
	}
	return passed("%s %s, %s, at %s", engineName(p.diagnosis.Engine), p.diagnosis.Version,
		bytes(p.diagnosis.SizeBytes), p.diagnosis.Place)
}

func (p *patient) unreachable(err error) finding {
	return failed(p.mendDatabase(err), "%v", err).blocking("database unreachable")
}

func unusable(format string, args ...any) finding {
	return failed(mendFile, format, args...).blocking("database unreachable")
}

const mendFile = "make the file and its directory writable for this user, or name another file with --database-url"

// futureFile says whether the file can be made.
func (p *patient) futureFile() finding {
	if err := creatable(p.DatabaseFile); err != nil {
		return unusable("%s cannot be created: %v", p.DatabaseFile, err)
	}
	return passed("%s will be created", p.DatabaseFile).blocking("the database does not exist yet")
}

func engineName(engine string) string {
	if engine == store.SQLite {
		return "SQLite"
	}
	return "PostgreSQL"
}

func (p *patient) mendDatabase(err error) string {
	switch {
	case errors.Is(err, store.ErrReadOnly), errors.Is(err, fs.ErrPermission), errors.Is(err, store.ErrPermission) && p.embedded():
		return mendFile
	case errors.Is(err, store.ErrPermission):
		return "check the user, its password and its rights to this database"
	case errors.Is(err, store.ErrCorrupt):
		return "restore it from a backup, or name another file with --database-url"
	case errors.Is(err, store.ErrUnavailable):
		return "check that the database runs and that DATABASE_URL or --database-url names it"
	}
	return "check DATABASE_URL or --database-url"
}

func (p *patient) embedded() bool { return p.DatabaseFile != "" }

func (p *patient) checkTLS(context.Context) finding {
	tls := p.diagnosis.TLS
	switch {
	case p.embedded():
		return skipped("an embedded database: nothing crosses a network")
	case tls.On && tls.Verified:
		return passed("%s, the server's certificate verified", tls.Version)
	case tls.On:
		return passed("%s, the server's certificate not verified (sslmode=verify-full does)", tls.Version)
	case p.diagnosis.Local:
		return passed("off, and nothing leaves this machine")
	}
	return failed("set sslmode=verify-full (or at least require) in the database URL, or PGSSLMODE",
		"off: passwords and metrics cross the network readable")
}

func (p *patient) checkRights(context.Context) finding {
	if p.embedded() {
		if err := errors.Join(writable(p.DatabaseFile), writable(filepath.Dir(p.DatabaseFile))); err != nil {
			return failed(mendFile, "%s: %v", p.DatabaseFile, err)
		}
		if err := takes(filepath.Dir(p.DatabaseFile)); err != nil {
			return full(filepath.Dir(p.DatabaseFile), err)
		}
		return passed("the file and its directory are writable, and the disk has room")
	}
	if p.diagnosis.ReadOnly {
		return failed("connect to the primary server, and see whether default_transaction_read_only is set",
			"the database accepts no writes")
	}
	if missing := p.diagnosis.Missing; len(missing) > 0 {
		return failed("as the owner of the database, GRANT them to this user", "this user lacks %s", strings.Join(missing, ", "))
	}
	return passed("this user has all that appmetrics needs")
}

func (p *patient) checkMigrations(ctx context.Context) finding {
	all, err := p.db.MigrationStatus(ctx)
	if errors.Is(err, store.ErrPermission) && len(p.diagnosis.Missing) > 0 {
		return skipped("rights are missing")
	}
	if err != nil {
		return failed(p.mendDatabase(err), "%v", err)
	}
	err = p.db.CheckSchema(ctx)
	var pending []string
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			pending = append(pending, m.Name)
		}
	}
	switch {
	case errors.Is(err, store.ErrSchemaNewer):
		return failed("install the appmetrics that migrated it, or a newer one", "%v", err).blocking("the schema is newer than this appmetrics")
	case errors.Is(err, store.ErrSchemaPending) && (p.embedded() || p.AutoMigrate):
		return passed("%s pending: serve applies them by itself", strings.Join(pending, ", ")).blocking("migrations are pending")
	case errors.Is(err, store.ErrSchemaPending):
		return failed("run `appmetrics migrate up`, or serve with --auto-migrate", "pending: %s", strings.Join(pending, ", ")).
			blocking("migrations are pending")
	case err != nil:
		return failed(p.mendDatabase(err), "%v", err)
	}
	return passed("none pending; the schema is at %s", all[len(all)-1].Name)
}

// maxSkew is how far the database's clock may be from this machine's.
const maxSkew = 5 * time.Second

func (p *patient) checkClock(context.Context) finding {
	skew := p.diagnosis.ClockSkew
	if p.embedded() {
		return skipped("an embedded database has the clock of this machine")
	}
	if skew.Abs() < time.Second {
		return passed("the database's clock agrees with this machine's")
	}
	direction := "ahead of"
	if skew < 0 {
		direction = "behind"
	}
	where := fmt.Sprintf("the database's clock is %s %s this machine's", skew.Abs().Round(time.Second), direction)
	if skew.Abs() <= maxSkew {
		return passed("%s", where)
	}
	return failed("synchronise both clocks (NTP): events more than 5 minutes ahead are refused, and smaller differences put rows into the wrong hour",
		"%s", where)
}
