package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// rights are what appmetrics does with its tables, on PostgreSQL as names of
// privileges.
var rights = []struct {
	table      string
	privileges []string
}{
	{requestTable, []string{"SELECT", "INSERT", "DELETE"}},
	{eventTable, []string{"SELECT", "INSERT", "DELETE"}},
	{rollupTable, []string{"SELECT", "INSERT", "DELETE"}},
	{coarseTable, []string{"SELECT", "INSERT", "DELETE"}},
	{coarseDayTable, []string{"SELECT", "INSERT", "UPDATE", "DELETE"}},
	{"received_ids", []string{"SELECT", "INSERT", "DELETE"}},
	{positionTable, []string{"SELECT", "INSERT", "UPDATE", "DELETE"}},
	{"aggregation_runs", []string{"SELECT", "INSERT", "DELETE"}},
	{schemaTable, []string{"SELECT"}},
}

// missingStatement selects the rights that the user lacks, of the tables and
// privileges in two arrays. A table in a schema that the user may not use is
// not to be seen by its name, so it is looked for in the catalog; one that is
// nowhere waits for a migration, which needs a schema to create it in.
const missingStatement = `
	WITH needed AS (
		SELECT n.name, n.privilege, n.position, to_regclass(n.name) AS id,
			(SELECT min(s.nspname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
				WHERE c.relname = n.name AND c.relkind IN ('r', 'p') AND NOT has_schema_privilege(s.oid, 'USAGE')) AS hidden
		FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (name, privilege, position)
	), missing AS (
		SELECT position, CASE
			WHEN id IS NOT NULL THEN privilege || ' on ' || name
			WHEN hidden IS NOT NULL THEN 'USAGE on schema ' || hidden
			ELSE coalesce('CREATE on schema ' || current_schema(), 'USAGE and CREATE on a schema of the search path')
		END AS what
		FROM needed
		WHERE CASE
			WHEN id IS NOT NULL THEN NOT has_table_privilege(id, privilege)
			WHEN hidden IS NOT NULL THEN true
			ELSE NOT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
		END
	)
	SELECT what FROM missing GROUP BY what ORDER BY min(position)`

func (p *postgres) diagnose(ctx context.Context, conn *sql.Conn, now func() time.Time, d *Diagnosis) error {
	if err := conn.Raw(func(raw any) error {
		d.TLS = describeTLS(raw.(*stdlib.Conn))
		d.Local = local(raw.(*stdlib.Conn).Conn().PgConn().Conn().RemoteAddr())
		return nil
	}); err != nil {
		return err
	}
	err := conn.QueryRowContext(ctx, `SELECT current_setting('server_version'),
			pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean`).
		Scan(&d.Version, &d.ReadOnly)
	if err != nil {
		return err
	}
	d.Version, _, _ = strings.Cut(d.Version, " ") // what follows is the packager's
	if d.Missing, err = missingRights(ctx, conn); err != nil {
		return err
	}
	d.ClockSkew, err = clockSkew(ctx, conn, now)
	return err
}

// clockSkew takes the quickest of a few round trips, and the database's answer
// for the time of its middle.
func clockSkew(ctx context.Context, conn *sql.Conn, now func() time.Time) (time.Duration, error) {
	const rounds = 4 // the first one also has the statement described
	var skew, quickest time.Duration
	for i := range rounds {
		var theirs time.Time
		sent := now()
		if err := conn.QueryRowContext(ctx, `SELECT clock_timestamp()`).Scan(&theirs); err != nil {
			return 0, err
		}
		took := now().Sub(sent)
		if i == 0 || took < quickest {
			quickest, skew = took, theirs.Sub(sent.Add(took/2))
		}
	}
	return skew, nil
}

func missingRights(ctx context.Context, conn *sql.Conn) ([]string, error) {
	var tables, privileges []string
	for _, r := range rights {
		for _, privilege := range r.privileges {
			tables, privileges = append(tables, r.table), append(privileges, privilege)
		}
	}
	rows, err := conn.QueryContext(ctx, missingStatement, tables, privileges)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var missing []string
	for rows.Next() {
		var right string
		if err := rows.Scan(&right); err != nil {
			return nil, err
		}
		missing = append(missing, right)
	}
	return missing, rows.Err()
}

func describeTLS(conn *stdlib.Conn) TLS {
	encrypted, ok := conn.Conn().PgConn().Conn().(*tls.Conn)
	if !ok {
		return TLS{}
	}
	state := encrypted.ConnectionState()
	// Go fills in the chains only where it checked certificate and name itself.
	return TLS{On: true, Version: tls.VersionName(state.Version), Verified: len(state.VerifiedChains) > 0}
}

func local(peer net.Addr) bool {
	if tcp, ok := peer.(*net.TCPAddr); ok {
		return tcp.IP.IsLoopback()
	}
	return peer.Network() == "unix"
}
