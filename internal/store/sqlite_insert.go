package store

import (
	"context"
	"database/sql"
	"strings"
)

// chunk is how many rows one INSERT of SQLite carries: enough to make the cost
// of a statement vanish, few enough that preparing it costs little.
const chunk = 50

func (e *embedded) insert(
	ctx context.Context, _ *sql.Conn, tx *sql.Tx, table string, columns []string, rows [][]any,
) error {
	args := make([]any, 0, chunk*len(columns))
	if len(rows) >= chunk {
		statement, err := tx.PrepareContext(ctx, insertStatement(table, columns, chunk))
		if err != nil {
			return err
		}
		defer func() { _ = statement.Close() }()
		for ; len(rows) >= chunk; rows = rows[chunk:] {
			if _, err := statement.ExecContext(ctx, flatten(args, rows[:chunk])...); err != nil {
				return err
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, insertStatement(table, columns, len(rows)), flatten(args, rows)...)
	return err
}

func flatten(args []any, rows [][]any) []any {
	args = args[:0]
	for _, row := range rows {
		args = append(args, row...)
	}
	return args
}

// insertStatement returns an INSERT of n rows.
func insertStatement(table string, columns []string, n int) string {
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + tuples(n, len(columns))
}

// tuples returns n parenthesized lists of parameters. They are anonymous: the
// driver asks for the name of every parameter, and SQLite looks through all
// names for each, which would take longer than the insert itself.
func tuples(n, width int) string {
	tuple := "(?" + strings.Repeat(", ?", width-1) + ")"
	return tuple + strings.Repeat(", "+tuple, n-1)
}
