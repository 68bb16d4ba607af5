package cli

import (
	"context"
	"errors"
	"time"

	"github.com/appmetrics/appmetrics/internal/store"
)

const (
	// schemaPatience is how long serve waits for a database that does not
	// answer before it begins without it.
	schemaPatience = 5 * time.Second

	// schemaEvery is how often it then looks whether the database is back.
	schemaEvery = 30 * time.Second
)

// openServed opens the database that serve serves, and sees to its schema.
// When it is away, serving begins without it, because an application must not
// wait for its metrics: settle is then not nil, and sees to the schema once
// the database answers.
func (r *run) openServed(ctx context.Context) (s *store.Store, settle func(context.Context), err error) {
	s, err = r.openStore(ctx, r.settings.DatabaseURL, func(o *store.Options) { o.Lazy = true })
	if err != nil {
		return nil, nil, err
	}
	looking, cancel := context.WithTimeout(ctx, schemaPatience)
	defer cancel()
	err = s.CheckSchema(looking)
	if err != nil && ctx.Err() == nil && (errors.Is(err, store.ErrUnavailable) || looking.Err() != nil) {
		r.log.Error("the database does not answer; serving begins, and what is recorded waits for it",
			"error", err, "database", r.settings.MaskedDatabaseURL())
		return s, func(ctx context.Context) { r.awaitSchema(ctx, s, schemaEvery) }, nil
	}
	err = r.settleSchema(ctx, s, r.settings.AutoMigrate)
	if err == nil {
		err = r.refuseUnfinishedCopy(ctx, s)
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, nil, nil
}

// awaitSchema returns when a database that was away has the schema that this
// program needs, or ctx ends.
func (r *run) awaitSchema(ctx context.Context, s *store.Store, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := r.settleSchema(ctx, s, r.settings.AutoMigrate)
		switch {
		case err == nil:
			r.log.Info("the database answers and has the schema that is needed")
			return
		case ctx.Err() != nil:
			return
		case errors.Is(err, store.ErrUnavailable) || err.Error() == said:
			continue
		}
		said = err.Error()
		_, advice := classify(err)
		if own := (*advisedError)(nil); errors.As(err, &own) {
			advice = own.advice
		}
		r.log.Error("the database cannot be used; what is recorded waits", "error", err, "advice", advice)
	}
}
