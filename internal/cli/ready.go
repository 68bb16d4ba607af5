package cli

import (
	"context"
	"errors"
	"time"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/store"
)

// ready says in words for anyone whether the database answers, has the schema
// that is needed, and takes what is recorded. Whether the application is served
// is another question: it is in any case.
func ready(s *store.Store, collecting func() ingest.Stats) func(context.Context) error {
	const patience = 2 * time.Second
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		switch err := s.CheckSchema(ctx); {
		case errors.Is(err, store.ErrSchemaPending):
			return errors.New("database migrations are pending")
		case errors.Is(err, store.ErrSchemaNewer):
			return errors.New("the database schema is newer than this program")
		case err != nil:
			return errors.New("the database does not answer")
		case collecting().Away:
			return errors.New("the database did not take what was last recorded; it waits for the next try")
		}
		return nil
	}
}
