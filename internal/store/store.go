// Package store owns all SQL of appmetrics: batches, questions, rollups,
// retention and migrations on SQLite and PostgreSQL, behind one concrete
// [Store]. It refuses to decide policy: which rows are old, what an answer
// looks like and who may ask belong to the packages above.
package store

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
)

// Engines that a URL can name.
const (
	SQLite     = "sqlite"
	PostgreSQL = "postgresql"
)

// Defaults of [Options].
const (
	DefaultPoolMin            = 5
	DefaultPoolMax            = 20
	DefaultPoolTimeout        = 30 * time.Second
	DefaultConnLifetime       = 45 * time.Minute
	DefaultConnLifetimeJitter = 5 * time.Minute
)

// Options say which database to open and how. Only URL is required.
type Options struct {
	// URL is sqlite://PATH (the file is created when missing) or a
	// postgres:// URL.
	URL string

	// PoolMin and PoolMax bound the connections to PostgreSQL, and PoolMax
	// those that read from SQLite.
	PoolMin, PoolMax int

	// PoolTimeout bounds the wait for a connection, after which the database
	// counts as away. On SQLite it also bounds the wait for another process
	// that writes.
	PoolTimeout time.Duration

	// Isolation of the transactions of [Store.Retire] on PostgreSQL: empty
	// for SERIALIZABLE, or "read committed".
	Isolation string

	// Credentials, if not nil, complete the configuration of every new
	// PostgreSQL connection with a password that expires.
	Credentials Credentials

	// ConnLifetime is how old a PostgreSQL connection grows, and
	// ConnLifetimeJitter what chance adds to it, so that connections made
	// together do not end together.
	ConnLifetime, ConnLifetimeJitter time.Duration

	// MustExist says that a SQLite file is not made when it is missing: the
	// error is then [ErrMissing].
	MustExist bool

	// Lazy says that a PostgreSQL that cannot be reached now is no error: its
	// version and schema are looked at before it is first used. A server that
	// answers, if only to refuse, is an error as ever.
	Lazy bool

	Now    func() time.Time
	Logger *slog.Logger

	// Failpoint is for tests only. It is called before every statement of a
	// transaction of [Store.Retire] and [Store.Append], and before its
	// commit, with a name such as retire.take-usage_events. An error abandons
	// the transaction there, as the end of the process would; at
	// append.committed, it is only the answer that is lost.
	Failpoint func(ctx context.Context, point string) error
}

// Store is one open database. It is safe for concurrent use.
type Store struct {
	engine engine
	now    func() time.Time
	log    *slog.Logger

	poolTimeout time.Duration
	closed      atomic.Bool
	unseen      atomic.Bool // whether nobody has looked at the database so far

	failpoint func(ctx context.Context, point string) error // see Options
}

// reach calls the failpoint, if there is one.
func (s *Store) reach(ctx context.Context, point string) error {
	if s.failpoint == nil {
		return nil
	}
	return s.failpoint(ctx, point)
}

// Open connects to the database and checks that it answers. It creates the
// file and folder of a SQLite database, but applies no migrations: see
// [Store.CheckSchema] and [Store.MigrateUp].
//
// It returns [ErrUnavailable], [ErrPermission], [ErrCorrupt] or [ErrReadOnly],
// wrapped with the place of the database, never with its password.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	s := &Store{now: o.Now, log: o.Logger, poolTimeout: o.PoolTimeout, failpoint: o.Failpoint}
	var err error
	switch scheme, rest, _ := strings.Cut(o.URL, ":"); scheme {
	case "sqlite", "sqlite3":
		s.engine, err = openSQLite(strings.TrimPrefix(rest, "//"), o)
	case "postgres", "postgresql":
		s.engine, err = openPostgres(ctx, o)
	default:
		return nil, fmt.Errorf("database URL begins with %q; allowed are sqlite://PATH and postgres://USER@HOST/NAME", scheme)
	}
	if err == nil {
		err = s.firstLook(ctx, o.Lazy)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.PoolMax <= 0 {
		o.PoolMax = DefaultPoolMax
	}
	if o.PoolMin <= 0 {
		o.PoolMin = DefaultPoolMin
	}
	o.PoolMin = min(o.PoolMin, o.PoolMax)
	if o.PoolTimeout <= 0 {
		o.PoolTimeout = DefaultPoolTimeout
	}
	if o.ConnLifetime <= 0 {
		o.ConnLifetime, o.ConnLifetimeJitter = DefaultConnLifetime, DefaultConnLifetimeJitter
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Close releases every connection. Calls that are under way end first; on
// PostgreSQL they have a second for it.
func (s *Store) Close() error {
	s.closed.Store(true)
	return s.engine.close()
}

// Engine returns [SQLite] or [PostgreSQL].
func (s *Store) Engine() string { return s.engine.name() }

// Place returns the address of the database, without user and password.
func (s *Store) Place() string { return s.engine.place() }
