package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/migrations"
)

// ServerVariable names the PostgreSQL server in which tests create databases.
const ServerVariable = "TEST_DATABASE_URL"

// templateLock keeps two test binaries from making the same template.
const templateLock = 0x6170706d_74657374

func sqlitePath(url string) (string, bool) { return strings.CutPrefix(url, "sqlite://") }

func server(t testing.TB) string {
	t.Helper()
	address := os.Getenv(ServerVariable)
	if address == "" {
		t.Fatalf("%s is not set: these tests need a PostgreSQL server, and a user who may create databases", ServerVariable)
	}
	return address
}

// admin runs statements outside the test databases, each on its own.
func admin(t testing.TB, f func(context.Context, *pgx.Conn) error) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // clean-ups run when the test's context is over
	conn, err := pgx.Connect(ctx, server(t))
	if err != nil {
		t.Fatalf("connect to %s: %v", ServerVariable, err)
	}
	err = errors.Join(f(ctx, conn), conn.Close(ctx))
	if err != nil {
		t.Fatalf("prepare test database: %v", err)
	}
}

func at(t testing.TB, database string) string {
	t.Helper()
	address, err := url.Parse(server(t))
	if err != nil {
		t.Fatalf("read %s: not a URL", ServerVariable)
	}
	address.Path = "/" + database
	return address.String()
}

func newDatabase(t testing.TB, template string) string {
	t.Helper()
	name := "appmetrics_test_" + strings.ToLower(rand.Text())
	admin(t, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
		return err
	})
	t.Cleanup(func() {
		admin(t, func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
			return err
		})
	})
	return at(t, name)
}

// template returns the name of a migrated database that others are copied
// from. It is named after the migrations, made once, and stays in the server.
func template(t testing.TB) string {
	t.Helper()
	name := "appmetrics_template_" + schemaHash(t)
	admin(t, func(ctx context.Context, conn *pgx.Conn) error {
		// The lock belongs to the connection, which is closed at once.
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(templateLock)); err != nil {
			return err
		}
		var exists bool
		err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&exists)
		if err != nil || exists {
			return err
		}
		unfinished := name + "_unfinished"
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+unfinished+" WITH (FORCE)"); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "CREATE DATABASE "+unfinished); err != nil {
			return err
		}
		if err := migrate(ctx, at(t, unfinished)); err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "ALTER DATABASE "+unfinished+" RENAME TO "+name)
		return err
	})
	return name
}

func migrate(ctx context.Context, address string) error {
	s, err := store.Open(ctx, store.Options{URL: address, PoolMin: 1})
	if err != nil {
		return err
	}
	_, err = s.MigrateUp(ctx, nil)
	return errors.Join(err, s.Close())
}

func schemaHash(t testing.TB) string {
	t.Helper()
	files, err := migrations.Postgres()
	if err != nil {
		t.Fatalf("read migrations: %v", err)
	}
	hash := fnv.New64a()
	err = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		_, _ = fmt.Fprint(hash, path, len(text), string(text))
		return err
	})
	if err != nil {
		t.Fatalf("read migrations: %v", err)
	}
	return fmt.Sprintf("%016x", hash.Sum64())
}
