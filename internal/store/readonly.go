package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// OpenReadOnly is [Open] for those who only look: an embedded database is
// neither created nor changed, not even its journal's mode, and what a crash
// left to recover stays so. It returns [ErrMissing] when there is no file. Methods that write return [ErrReadOnly].
//
// PostgreSQL opens as ever, since opening it changes nothing.
func OpenReadOnly(ctx context.Context, o Options) (*Store, error) {
	scheme, rest, _ := strings.Cut(o.URL, ":")
	if scheme != "sqlite" && scheme != "sqlite3" {
		return Open(ctx, o)
	}
	o = o.withDefaults()
	engine, err := lookAtSQLite(ctx, strings.TrimPrefix(rest, "//"), o)
	if err != nil {
		return nil, err
	}
	return &Store{engine: engine, now: o.Now, log: o.Logger, poolTimeout: o.PoolTimeout, failpoint: o.Failpoint}, nil
}

func lookAtSQLite(ctx context.Context, path string, o Options) (*embedded, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	e := &embedded{path: path}
	if err := findFile(path); err != nil {
		return nil, &databaseError{operation: "open " + e.place(), kind: fileKind(err), cause: err}
	}
	// A connection that may write takes its own traces away when it closes,
	// but would also finish what a crash left behind.
	mode := "rw"
	if exists(path+"-wal") || exists(path+"-journal") {
		mode = "ro"
	}
	e.read, err = sql.Open("sqlite", dsn(path, o.PoolTimeout, "query_only(ON)")+"&mode="+mode)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", e.place(), err)
	}
	e.write = e.read
	e.read.SetMaxOpenConns(o.PoolMax)
	var tables int
	if err := e.read.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		err = &databaseError{operation: "open " + e.place(), kind: e.kind(ctx, err), cause: err}
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
