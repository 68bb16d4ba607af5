package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// migrated is a SQLite file with the schema and no rows, made once.
var migrated = sync.OnceValues(func() (content []byte, err error) {
	folder, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "template.db")
	if err := migrate(context.Background(), "sqlite://"+path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) //nolint:gosec // the file was made here
})

// copyTemplate puts a migrated database where none is.
func copyTemplate(t testing.TB, url string) {
	t.Helper()
	content, err := migrated()
	if err != nil {
		t.Fatalf("make the SQLite template: %v", err)
	}
	path, _ := sqlitePath(url)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatalf("copy the SQLite template: %v", err)
	}
}
