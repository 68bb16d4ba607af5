package mutations

const (
	oneRetirementOnPostgres = "TestConformance/postgresql/one_retirement_at_a_time"
	oneRetirementOnSQLite   = "TestConformance/sqlite/one_retirement_at_a_time"
)

var ofStore = []mutation{
	// Syncs.
	{
		removed: "sync of every commit of SQLite", file: "store/sqlite.go",
		before: `"synchronous(FULL)"`, after: `"synchronous(NORMAL)"`,
		noticedBy: "TestCommitsAreOnDisk",
	},

	// Locks.
	{
		removed: "aggregation lock of PostgreSQL", file: "store/postgres.go",
		before: `if err == nil && !ours {`, after: `if false {`,
		noticedBy: oneRetirementOnPostgres,
	},
	{
		removed: "aggregation lock of SQLite", file: "store/sqlite.go",
		before: `ours, err := lock.TryLock()`, after: `ours, err := true, error(nil)`,
		noticedBy: oneRetirementOnSQLite,
	},
	{
		removed: "refusal while another run holds the lock of SQLite", file: "store/sqlite.go",
		before: "	if !ours {\n", after: "	if !ours && false {\n",
		noticedBy: oneRetirementOnSQLite,
	},
	{
		removed: "end of the lock of SQLite", file: "store/sqlite.go",
		before:    "		return nil, ErrLocked\n	}\n	return lock.Unlock, nil\n",
		after:     "		return nil, ErrLocked\n	}\n	return func() error { return nil }, nil\n",
		noticedBy: "TestConformance/sqlite/retire_again_changes_nothing",
	},
	{
		removed: "migration lock of PostgreSQL", file: "store/postgres.go",
		before: "`SELECT pg_advisory_xact_lock($1)`, int64(migrationLock)", after: "`SELECT $1::bigint`, int64(migrationLock)",
		noticedBy: "TestMigrateTwiceAtOnce",
	},
	{
		removed: "migration lock of SQLite", file: "store/sqlite.go",
		before:    "	if _, err := lock.TryLockContext(ctx, pause); err != nil {\n		return nil, err\n	}\n	return lock.Unlock, nil\n",
		after:     "	_ = pause\n	return lock.Unlock, ctx.Err()\n",
		noticedBy: "TestMigrateWaitsForAnother",
	},
	{
		removed: "lock of a day whose rollups change", file: "store/coarse.go",
		before: `ON CONFLICT (day, metric_type) DO UPDATE SET rollups = NULL`, after: `ON CONFLICT (day, metric_type) DO NOTHING`,
		noticedBy: "TestDaysAreForgottenInOrder",
	},
	{
		removed: "lock of a position, first write", file: "store/position.go",
		before: `			WHERE replay_positions.position = $5`, after: `			WHERE $5 = $5`,
		noticedBy: "TestAppendAt",
	},
	{
		removed: "lock of a position, later writes", file: "store/position.go",
		before: `WHERE source = $1 AND position = $5`, after: `WHERE source = $1 AND $5 = $5`,
		noticedBy: "TestAppendAt",
	},
	{
		removed: "write lock that SQLite takes at the beginning", file: "store/sqlite.go",
		before: `url.Values{"_txlock": {"immediate"}}`, after: `url.Values{"_txlock": {"deferred"}}`,
		noticedBy: "TestOpenTakesTheWriteLock",
	},
	{
		removed: "delete and group in one statement", file: "store/postgres.go",
		before:    "`WITH raw AS (DELETE FROM ` + table + ` WHERE ` + where + ` RETURNING ` + columns + `) ` + selected, true",
		after:     "`WITH raw AS (SELECT ` + columns + ` FROM ` + table + ` WHERE ` + where + `) ` + selected, false",
		noticedBy: "TestQuestionsDuringRetirement",
	},

	// What a sample is blamed for.
	{
		removed: "distrust of codes of PostgreSQL that are not known to be about a row", file: "store/sqlstate.go",
		before: `return ErrFault`, after: `return nil`,
		noticedBy: "TestOnlyWhatIsAboutARowBlamesOne",
	},
	{
		removed: "the same for SQLite", file: "store/sqlite.go",
		before: `return ErrFault // SQLITE_ERROR`, after: `return nil // SQLITE_ERROR`,
		noticedBy: "TestOnlyWhatIsAboutARowOfSQLiteBlamesOne",
	},
	{
		removed: "errors that end a session", file: "store/postgres.go",
		before: `; kind != nil || severity != "FATAL" && severity != "PANIC" {`, after: `; kind != nil || severity != "" {`,
		noticedBy: "TestErrorThatEndsASessionBlamesNoRow",
	},
	{
		removed: "fault in an error of PostgreSQL's driver that nobody knows", file: "store/postgres.go",
		before: "		return ErrFault\n", after: "		return nil\n",
		noticedBy: "TestUnknownErrorBlamesNoRow",
	},
	{
		removed: "fault in an error of SQLite's driver that nobody knows", file: "store/sqlite.go",
		before: "	return ErrFault\n}", after: "	return nil\n}",
		noticedBy: "TestUnknownErrorBlamesNoRow",
	},
	{
		removed: "severity that a proxy leaves", file: "store/postgres.go",
		before: `cmp.Or(e.SeverityUnlocalized, e.Severity)`, after: `cmp.Or(e.SeverityUnlocalized, "")`,
		noticedBy: "TestErrorThatEndsASessionBlamesNoRow",
	},
	{
		removed: "place of a source in what PostgreSQL says of it, which is no fault", file: "store/postgres.go",
		before: `if isOwn(err) {`, after: `if false {`,
		noticedBy: "TestOwnErrorsAreNoFault",
	},

	// Retries.
	{
		removed: "retry of transactions that others get in the way of", file: "store/postgres.go",
		before: `errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")`, after: `errors.As(err, &e) && false`,
		noticedBy: "TestRetirementYieldsToConflict",
	},
	{
		removed: "retry of deadlocks", file: "store/postgres.go",
		before: `errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")`, after: `errors.As(err, &e) && e.Code == "40001"`,
		noticedBy: "TestConflictsAreTriedAgain/deadlock",
	},
	{
		removed: "bound of these retries, two more", file: "store/engine.go",
		before: `retry.WithMaxRetries(attempts-1, `, after: `retry.WithMaxRetries(attempts+1, `,
		noticedBy: "TestConflictsAreTriedAgain/deadlock",
	},
	{
		removed: "second login after a refused one", file: "store/credentials.go",
		before: `	if refusal(err) == nil {`, after: `	if true {`,
		noticedBy: "TestRefusedLoginIsTriedOnceMore",
	},
	{
		removed: "second login for the migration lock", file: "store/postgres.go",
		before:    `return twice(ctx, func(ctx context.Context) (*pgx.Conn, error) {`,
		after:     `return func(connect func(ctx context.Context) (*pgx.Conn, error)) (*pgx.Conn, error) { return connect(ctx) }(func(ctx context.Context) (*pgx.Conn, error) {`,
		noticedBy: "TestMigrationLockLogsInAgain",
	},

	// Bounds of time.
	{
		removed: "time limit of the wait for a connection", file: "store/engine.go",
		before: `context.WithTimeout(ctx, s.poolTimeout)`, after: `context.WithTimeout(ctx, s.poolTimeout<<20)`,
		noticedBy: "TestPoolTimeout/sqlite",
	},
	{
		removed: "time limit of the first connection", file: "store/postgres.go",
		before: `context.WithTimeout(ctx, p.patience)`, after: `context.WithTimeout(ctx, p.patience<<20)`,
		noticedBy: "TestSilentServerIsAway",
	},
	{
		removed: "time limit of connecting", file: "store/postgres.go",
		before: `config.ConnConfig.ConnectTimeout = o.PoolTimeout`, after: `config.ConnConfig.ConnectTimeout = o.PoolTimeout << 20`,
		noticedBy: "TestSilentServerIsAway",
	},
	{
		removed: "shorter first look at a database that may be away", file: "store/postgres.go",
		before: `p.patience = min(p.patience, lazyPatience)`, after: `_ = lazyPatience`,
		noticedBy: "TestSilentServerIsAway",
	},
	{
		removed: "end of transactions whose client fell silent", file: "store/postgres.go",
		before: `strconv.FormatInt(p.silence.Milliseconds(), 10),`, after: `"0",`,
		noticedBy: "TestLateCommits/never/serializable",
	},
	{
		removed: "age of connections", file: "store/postgres.go",
		before:    `config.MaxConnLifetime, config.MaxConnLifetimeJitter = o.ConnLifetime, o.ConnLifetimeJitter`,
		after:     `config.MaxConnLifetime, config.MaxConnLifetimeJitter = 1<<60, 0`,
		noticedBy: "TestConnectionsGrowOld",
	},
	{
		removed: "wait of SQLite for another program that writes", file: "store/sqlite.go",
		before: `fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds())`, after: `fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()*0)`,
		noticedBy: "TestConcurrentWriters/sqlite",
	},

	// Bounds of numbers and bytes.
	{
		removed: "connections that questions leave to writes", file: "store/postgres.go",
		before: `p.read.SetMaxOpenConns(readers(o.PoolMax))`, after: `_ = readers`,
		noticedBy: "TestQuestionsLeaveConnectionsToWrites",
	},
	{
		removed: "bound of connections to PostgreSQL", file: "store/postgres.go",
		before: `int32(o.PoolMin), int32(o.PoolMax)`, after: `int32(o.PoolMin), 1000`,
		noticedBy: "TestPoolTimeout",
	},
	{
		removed: "one connection that writes to SQLite", file: "store/sqlite.go",
		before: `e.write.SetMaxOpenConns(1)`, after: ``,
		noticedBy: "TestPoolTimeout",
	},
	{
		removed: "bound of connections that read from SQLite", file: "store/sqlite.go",
		before: `e.read.SetMaxOpenConns(o.PoolMax)`, after: ``,
		noticedBy: "TestReadersOfSQLiteAreBounded",
	},
	{
		removed: "bound of the log of SQLite", file: "store/sqlite.go",
		before: `, "journal_size_limit(67108864)"`, after: ``,
		noticedBy: "TestLogOfSQLiteIsBounded",
	},
	{
		removed: "bound of raw rows in one transaction", file: "store/retirement.go",
		before: `if taken > 0 && taken+hour.rows() > r.request.MaxRows {`, after: `if false {`,
		noticedBy: "TestConformance/sqlite/retire_in_several_transactions",
	},
	{
		removed: "rows of a page", file: "store/cursor.go",
		before: `return n, n + 1`, after: `return n << 20, n << 20`,
		noticedBy: "TestConformance/sqlite/page_through_requests",
	},
	{
		removed: "default of the rows of a page", file: "store/cursor.go",
		before: `n = DefaultLimit`, after: `n = 1 << 20`,
		noticedBy: "TestConformance/sqlite/page_through_requests",
	},
	{
		removed: "ids in one statement", file: "store/append.go",
		before: `slices.Chunk(ids, 500)`, after: `slices.Chunk(ids, 1<<20)`,
		noticedBy: "TestLargeBatches",
	},
	{
		removed: "rows in one statement of SQLite", file: "store/sqlite_insert.go",
		before: `const chunk = 50`, after: `const chunk = 1 << 20`,
		noticedBy: "TestLargeBatches",
	},
	{
		removed: "last time that a cursor may name", file: "store/cursor.go",
		before: `micros < 0 || micros > latest`, after: `micros < 0`,
		noticedBy: "TestConformance/postgresql/refuse_a_cursor_that_is_none",
	},

	// Ends of what is kept.
	{
		removed: "end of ids", file: "store/forget.go",
		before: `forgetIDs = metric.RawRetention + 24*time.Hour`, after: `forgetIDs = 1 << 62`,
		noticedBy: "TestIDsAreKeptForReplays",
	},
	{
		removed: "ids that a replay needs longer", file: "store/forget.go",
		before: `replayed.IsZero() || replayed.After(now)`, after: `true`,
		noticedBy: "TestIDsAreKeptForReplays",
	},
	{
		removed: "end of positions that nobody hears of", file: "store/forget.go",
		before: `forgetSources = metric.Retention`, after: `forgetSources = 1 << 62`,
		noticedBy: "TestPositionsAreForgotten",
	},
	{
		removed: "end of raw rows and rollups", file: "store/retirement.go",
		before:    "		n, err := r.delete(ctx, expiry.point, expiry.table, expiry.column+\" < $1\", before)\n",
		after:     "		n, err := r.delete(ctx, expiry.point, expiry.table, expiry.column+\" < $1\", r.store.engine.time(epoch))\n",
		noticedBy: "TestConformance/sqlite/retire_deletes_what_is_past_the_retention",
	},
}
