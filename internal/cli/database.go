package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/appmetrics/appmetrics/internal/config"
	"github.com/appmetrics/appmetrics/internal/lakebase"
	"github.com/appmetrics/appmetrics/internal/store"
)

// openStore opens a database with the settings. Its schema is not looked at.
func (r *run) openStore(ctx context.Context, url string, with ...func(*store.Options)) (*store.Store, error) {
	o, err := r.storeOptions(ctx, url)
	if err != nil {
		return nil, err
	}
	for _, change := range with {
		change(&o)
	}
	return store.Open(ctx, o)
}

// storeOptions are those of the settings, for the database at url.
func (r *run) storeOptions(ctx context.Context, url string) (store.Options, error) {
	o := store.Options{
		URL:         url,
		PoolMin:     r.settings.Pool.Min,
		PoolMax:     r.settings.Pool.Max,
		PoolTimeout: r.settings.Pool.Timeout,
		Now:         r.now,
		Logger:      r.log,
	}
	if reached := failpoint(); reached != nil {
		o.Failpoint = func(_ context.Context, point string) error { return reached(point) }
	}
	if r.settings.Lakebase == (config.Lakebase{}) || strings.HasPrefix(url, "sqlite:") {
		return o, nil
	}
	credentials, err := r.credentials(ctx)
	if err != nil {
		return o, err
	}
	o.Credentials = credentials
	return o, nil
}

// credentials are what connections to Lakebase log in with. Without a login in
// the workspace the database cannot be reached.
func (r *run) credentials(ctx context.Context) (*lakebase.Credentials, error) {
	login, err := r.login(ctx)
	if err != nil {
		return nil, &advisedError{err: fmt.Errorf("%w: %w", store.ErrUnavailable, err)}
	}
	return lakebase.New(lakebase.Options{
		Login:    login,
		Endpoint: r.settings.Lakebase.Endpoint,
		Instance: r.settings.Lakebase.Instance,
		Now:      r.now,
		Logger:   r.log,
	})
}

// existing is for those who only read: a file that is not there is a mistake,
// and no reason to make an empty one.
func existing(o *store.Options) { o.MustExist = true }

// openCurrent opens the database and sees to its schema: the embedded engine
// is migrated by itself, PostgreSQL only when auto is set.
func (r *run) openCurrent(
	ctx context.Context, url string, auto bool, with ...func(*store.Options),
) (*store.Store, error) {
	s, err := r.openStore(ctx, url, with...)
	if err != nil {
		return nil, err
	}
	if err := r.settleSchema(ctx, s, auto); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// settleSchema brings the schema up to date, or says what is pending.
func (r *run) settleSchema(ctx context.Context, s *store.Store, auto bool) error {
	err := s.CheckSchema(ctx)
	switch {
	case !errors.Is(err, store.ErrSchemaPending):
		return err
	case auto || s.Engine() == store.SQLite:
		return r.migrateUp(ctx, s)
	}
	return describePending(ctx, s, err)
}

// migrateUp applies what is pending and logs each step.
func (r *run) migrateUp(ctx context.Context, s *store.Store) error {
	p := r.startProgress("migrate", "migrations")
	defer p.Stop()
	applied, err := s.MigrateUp(ctx, func(step store.MigrationStep) {
		p.Update(int64(step.Done), int64(step.Total))
	})
	for _, m := range applied {
		r.log.Info("migration applied", "version", m.Version, "name", m.Name)
	}
	return err
}

// describePending adds to err which migrations wait.
func describePending(ctx context.Context, s *store.Store, err error) error {
	all, statusErr := s.MigrationStatus(ctx)
	if statusErr != nil {
		return errors.Join(err, statusErr)
	}
	var pending []string
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			pending = append(pending, m.Name)
		}
	}
	return &advisedError{
		err:    fmt.Errorf("%w: pending: %s", err, strings.Join(pending, ", ")),
		advice: "run `appmetrics migrate up`, or serve with --auto-migrate",
	}
}
