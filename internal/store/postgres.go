package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/appmetrics/appmetrics/migrations"
)

// Keys of the advisory locks; the database's other users are unlikely to use
// them. Both locks end with their transaction, so that they work through a
// pooler and none is ever left behind.
const (
	aggregationLock = 0x6170706d_00000001
	migrationLock   = 0x6170706d_00000002
)

// postgres is the engine for PostgreSQL 14 and later. It keeps no state in a
// session: connections may come from a pooler.
type postgres struct {
	pool        *pgxpool.Pool
	db          *sql.DB // takes any connection of the pool
	read        *sql.DB // leaves some to db
	address     string
	isolation   sql.IsolationLevel
	silence     time.Duration // after which a client counts as dead
	patience    time.Duration // with the first connection
	credentials Credentials   // nil when the URL says it all
}

var postgresDialect = strings.NewReplacer(
	"{timestamp}", "timestamp",
	"{time_bucket}", "time_bucket",
	"{hour}", "date_trunc('hour', at, 'UTC')",
	"{day}", "date_trunc('day', at, 'UTC')",
	"{next_day}", "d.day + interval '24 hours'",
	"{id}", "CAST(id AS TEXT)",
)

func openPostgres(ctx context.Context, o Options) (*postgres, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, unreadable(o.URL, err)
	}
	config.MinConns, config.MaxConns = int32(o.PoolMin), int32(o.PoolMax)
	if !strings.Contains(o.URL, "pool_max_conn_lifetime") {
		config.MaxConnLifetime, config.MaxConnLifetimeJitter = o.ConnLifetime, o.ConnLifetimeJitter
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = o.PoolTimeout
	}
	if !strings.Contains(o.URL, "default_query_exec_mode") {
		// Statements are described once and never left prepared in a session.
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "appmetrics"
	}
	p := &postgres{isolation: sql.LevelSerializable, silence: o.PoolTimeout, patience: o.PoolTimeout, credentials: o.Credentials}
	if o.Lazy {
		p.patience = min(p.patience, lazyPatience)
	}
	switch o.Isolation {
	case "", "serializable":
	case "read committed":
		p.isolation = sql.LevelReadCommitted
	default:
		return nil, fmt.Errorf("isolation %q is not allowed; serializable or read committed", o.Isolation)
	}
	if p.credentials != nil {
		if err := prepare(ctx, p.credentials, config.ConnConfig); err != nil {
			return nil, err
		}
		config.BeforeConnect = p.applyCredentials
	}
	p.address = address(config.ConnConfig)
	p.pool, err = pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", p.address, err)
	}
	p.db = sql.OpenDB(p.connector())
	p.db.SetMaxIdleConns(0) // the pool keeps them
	p.read = sql.OpenDB(p.connector())
	p.read.SetMaxIdleConns(0)
	p.read.SetMaxOpenConns(readers(o.PoolMax))
	return p, nil
}

func (p *postgres) connector() driver.Connector {
	if p.credentials == nil {
		return stdlib.GetPoolConnector(p.pool)
	}
	return renewing{stdlib.GetPoolConnector(p.pool)}
}

func (p *postgres) applyCredentials(ctx context.Context, c *pgx.ConnConfig) error {
	return apply(ctx, p.credentials, c)
}

func address(c *pgx.ConnConfig) string {
	return fmt.Sprintf("postgres://%s/%s", net.JoinHostPort(c.Host, fmt.Sprint(c.Port)), c.Database)
}

// check connects, so that a wrong address is known at once.
func (p *postgres) check(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	var version int
	err := p.db.QueryRowContext(waiting, `SELECT current_setting('server_version_num')::integer`).Scan(&version)
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("open %s: %w", p.address, ctx.Err())
	case err != nil:
		kind := p.kind(ctx, err)
		if waiting.Err() != nil {
			kind = ErrUnavailable
		}
		return &databaseError{operation: "open " + p.address, kind: kind, cause: err}
	case version < 140000:
		return fmt.Errorf("open %s: PostgreSQL %d is too old; 14 or later is required", p.address, version/10000)
	}
	return nil
}

func (p *postgres) name() string                   { return PostgreSQL }
func (p *postgres) place() string                  { return p.address }
func (p *postgres) reader() *sql.DB                { return p.read }
func (p *postgres) writer() *sql.DB                { return p.db }
func (p *postgres) expand(statement string) string { return postgresDialect.Replace(statement) }
func (p *postgres) id(id uuid.UUID) any            { return [16]byte(id) }
func (p *postgres) time(t time.Time) any           { return t.UTC().Truncate(time.Microsecond) }

// close waits a moment for the connections to end. One to a server that fell
// silent would take its driver 15 s to say goodbye to, and nothing is left then
// that could be saved.
func (p *postgres) close() error {
	err := errors.Join(p.read.Close(), p.db.Close())
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		p.pool.Close()
	}()
	const moment = 300 * time.Millisecond
	patience := time.NewTimer(moment)
	defer patience.Stop()
	select {
	case <-closed:
	case <-patience.C:
	}
	return err
}

// readers returns how many of a pool's connections questions may hold at once.
// The rest is for writes, which would otherwise wait behind heavy questions.
func readers(poolMax int) int {
	const forWrites = 2
	return max(1, poolMax-forWrites)
}

func (p *postgres) readOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

func (p *postgres) retireOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: p.isolation}
}

// takeStatement deletes and groups in one statement, so that exactly the rows
// that go are the rows that count, also at READ COMMITTED.
func (p *postgres) takeStatement(table, columns, where, selected string) (string, bool) {
	return `WITH raw AS (DELETE FROM ` + table + ` WHERE ` + where + ` RETURNING ` + columns + `) ` + selected, true
}

func (p *postgres) groupsSlowly() bool { return false }

// watched is for connections that die without a word: the server would wait
// for the next statement for ever, and for the rest of a COPY or the machine's
// own keepalives two hours. The settings end with the transaction, because the
// session may be a pooler's.
func (p *postgres) watched() string {
	const pause, tries = "10", "3" // between keepalives, in seconds
	settings := []string{
		"idle_in_transaction_session_timeout", strconv.FormatInt(p.silence.Milliseconds(), 10),
		"tcp_keepalives_idle", strconv.FormatInt(int64(max(p.silence, time.Second)/time.Second), 10),
		"tcp_keepalives_interval", pause, "tcp_keepalives_count", tries,
	}
	var expression []string
	for pair := range slices.Chunk(settings, 2) {
		expression = append(expression, "set_config('"+pair[0]+"', '"+pair[1]+"', true)")
	}
	return strings.Join(expression, " || ")
}

func (p *postgres) insert(
	ctx context.Context, conn *sql.Conn, _ *sql.Tx, table string, columns []string, rows [][]any,
) error {
	return conn.Raw(func(raw any) error {
		_, err := raw.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
		return err
	})
}

func (p *postgres) tryLock() (func() error, error) { return func() error { return nil }, nil }

func (p *postgres) tryLockInside(ctx context.Context, tx *sql.Tx) error {
	var ours bool
	err := tx.QueryRowContext(ctx, `SELECT pg_try_advisory_xact_lock($1)`, int64(aggregationLock)).Scan(&ours)
	if err == nil && !ours {
		return ErrLocked
	}
	return err
}

// lockMigrations holds the lock in a transaction of its own, because every
// migration commits, and on a connection of its own, because the pool may have
// no other.
func (p *postgres) lockMigrations(ctx context.Context) (func() error, error) {
	conn, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	release := func() error { return conn.Close(context.WithoutCancel(ctx)) }
	tx, err := conn.Begin(ctx)
	if err == nil {
		_, err = tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(migrationLock))
	}
	if err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}

// connect makes a connection outside the pool.
func (p *postgres) connect(ctx context.Context) (*pgx.Conn, error) {
	config := p.pool.Config().ConnConfig
	if p.credentials == nil {
		return pgx.ConnectConfig(ctx, config)
	}
	return twice(ctx, func(ctx context.Context) (*pgx.Conn, error) {
		if err := p.applyCredentials(ctx, config); err != nil {
			return nil, err
		}
		return pgx.ConnectConfig(ctx, config)
	})
}

func (p *postgres) migrations() (goose.Dialect, fs.FS, error) {
	files, err := migrations.Postgres()
	return goose.DialectPostgres, files, err
}

func (p *postgres) sizeStatement() string { return `SELECT pg_database_size(current_database())` }

func (p *postgres) tableExistsStatement() string { return `SELECT to_regclass($1) IS NOT NULL` }

func (p *postgres) again(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// kind maps what the server says by its SQLSTATE, and the rest by what the
// driver says. That is never about a row: a value that it cannot encode it has
// the server refuse, as a COPY that was cancelled.
func (p *postgres) kind(_ context.Context, err error) error {
	if isOwn(err) {
		return nil
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		var network net.Error
		var connect *pgconn.ConnectError
		var credential *credentialError
		if errors.As(err, &network) || errors.As(err, &connect) || errors.As(err, &credential) ||
			pgconn.SafeToRetry(err) || errors.Is(err, io.ErrUnexpectedEOF) || isSpent(err) {
			return ErrUnavailable
		}
		return ErrFault
	}
	severity := cmp.Or(e.SeverityUnlocalized, e.Severity) // a proxy may leave out the first
	if kind := sqlstateKind(e.Code); kind != nil || severity != "FATAL" && severity != "PANIC" {
		return kind
	}
	return ErrUnavailable // it ended the session, which no row does
}
