// Package migrations owns the versions of the database schema, as numbered SQL
// files per engine that goose applies. Both engines have the same numbers and
// the same columns. It holds no code that runs them: see internal/store.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// Postgres returns the files for PostgreSQL.
func Postgres() (fs.FS, error) { return fs.Sub(files, "postgres") }

// SQLite returns the files for SQLite.
func SQLite() (fs.FS, error) { return fs.Sub(files, "sqlite") }
