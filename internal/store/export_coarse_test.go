package store

import (
	"context"
	"database/sql"
	"time"
)

// ForgetDay is Store.forgetDay, which has to be tried in transactions of a
// test's own.
func ForgetDay(ctx context.Context, s *Store, tx *sql.Tx, start time.Time) error {
	return s.forgetDay(ctx, tx, start)
}

// Again reports whether an error makes a transaction start again.
func Again(s *Store, err error) bool { return err != nil && s.engine.again(err) }
