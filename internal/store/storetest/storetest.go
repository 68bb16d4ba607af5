// Package storetest opens migrated stores on real engines for tests. It owns
// the test databases, and fails rather than skips without PostgreSQL.
package storetest

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // so that DB can open PostgreSQL
	_ "modernc.org/sqlite"             // so that DB can open SQLite

	"github.com/appmetrics/appmetrics/internal/store"
)

// Engines lists the engines that every store test runs on.
func Engines() []string { return []string{store.SQLite, store.PostgreSQL} }

// Each runs a test on every engine, in parallel, on a migrated store of its
// own.
func Each(t *testing.T, test func(*testing.T, *store.Store)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, Open(t, engine))
		})
	}
}

// Open returns a migrated store on a database of its own, which goes away
// with the test. Functions may change the options, except the URL.
func Open(t testing.TB, engine string, with ...func(*store.Options)) *store.Store {
	t.Helper()
	s, _ := OpenURL(t, engine, with...)
	return s
}

// OpenURL is Open, and also returns the address of the database.
func OpenURL(t testing.TB, engine string, with ...func(*store.Options)) (*store.Store, string) {
	t.Helper()
	var url string
	if engine == store.PostgreSQL {
		url = newDatabase(t, template(t))
	} else {
		url = URL(t, engine)
		copyTemplate(t, url)
	}
	o := store.Options{}
	for _, change := range with {
		change(&o)
	}
	o.URL = url
	return OpenAt(t, o), url
}

// OpenAt opens a store with options of the test's choice, and closes it when
// the test ends. It migrates nothing.
func OpenAt(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	if o.PoolMin == 0 {
		o.PoolMin = 1 // many tests share the connections of one server
	}
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

// URL returns the address of a new and empty database.
func URL(t testing.TB, engine string) string {
	t.Helper()
	switch engine {
	case store.SQLite:
		return "sqlite://" + filepath.Join(t.TempDir(), "appmetrics.db")
	case store.PostgreSQL:
		return newDatabase(t, "template1")
	}
	t.Fatalf("no engine %q", engine)
	return ""
}

// DB opens a database the way another program would, through a plain driver.
func DB(t testing.TB, url string) *sql.DB {
	t.Helper()
	driver, name := "pgx", url
	if path, ok := sqlitePath(url); ok {
		driver, name = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatalf("open %s: %v", driver, err)
	}
	db.SetConnMaxIdleTime(time.Second)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close %s: %v", driver, err)
		}
	})
	return db
}
