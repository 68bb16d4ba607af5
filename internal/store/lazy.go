package store

import (
	"context"
	"errors"
	"time"
)

// lazyPatience is how long Open waits for a PostgreSQL that it can do without.
const lazyPatience = 2 * time.Second

// firstLook connects to the database, and closes it when it is of no use.
func (s *Store) firstLook(ctx context.Context, lazy bool) error {
	err := s.engine.check(ctx)
	if lazy && errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrMissing) {
		s.unseen.Store(true)
		return nil
	}
	if err != nil {
		return errors.Join(err, s.engine.close())
	}
	return nil
}

// look makes up for the first look at a database that was away then: it must
// be one that this program can use, before anything is read or written.
func (s *Store) look(ctx context.Context) error {
	if !s.unseen.Load() {
		return nil
	}
	if err := s.engine.check(ctx); err != nil {
		return err
	}
	if err := s.CheckSchema(ctx); err != nil {
		return err
	}
	s.unseen.Store(false)
	return nil
}
