package lakebase

import (
	"context"
	"fmt"
	"time"
)

// margin is how long before it expires a credential is renewed.
const margin = 5 * time.Minute

// credential is one password, and what the database made of it so far.
type credential struct {
	password   string
	expiresAt  time.Time
	generation uint64 // counts from 1; 0 is none

	accepted, refused bool
	afterRefusal      bool // it replaced one that the database refused
}

// state is the credential of now, and what became of having another.
type state struct {
	current  credential
	renewing bool

	failure  error // of the last attempt to have another; nil when it succeeded
	failures int   // in a row: credentials not had, or refused although new
	retryAt  time.Time
}

// usable reports whether the database should accept the current credential.
func (s *state) usable(now time.Time) bool {
	return now.Before(s.current.expiresAt) && !s.current.refused
}

// choose returns true when the current credential is the one to use, an error
// when there is none and it is too early to ask again, and false when another
// must be had.
func (s *state) choose(now time.Time) (bool, error) {
	early := now.Before(s.retryAt)
	switch {
	case s.usable(now):
		return s.renewing || early || now.Before(s.current.expiresAt.Add(-margin)), nil
	case !early:
		return false, nil
	case s.failure != nil:
		return false, s.explain(now)
	}
	// A new one was refused like the one before it. Only the database can end
	// that, so it is the one that is asked again.
	return now.Before(s.current.expiresAt), nil
}

// explain says why there is no credential.
func (s *state) explain(now time.Time) error {
	switch {
	case s.current.generation == 0, s.usable(now):
		return s.failure
	case s.current.refused:
		return fmt.Errorf("the database refused the password, and there is no new one: %w", s.failure)
	}
	return fmt.Errorf("the password expired at %s, and there is no new one: %w",
		s.current.expiresAt.UTC().Format(time.RFC3339), s.failure)
}

// postpone keeps a workspace that fails, or whose credentials are no good,
// from being asked at every connection.
func (s *state) postpone(now time.Time) {
	const first, longest = time.Second, 30 * time.Second
	s.failures++
	s.retryAt = now.Add(min(first<<min(s.failures-1, 10), longest))
}

// credential returns the credential to connect with. Whoever comes first in
// the last minutes of one has the next; the others go on with the old one.
func (c *Credentials) credential(ctx context.Context) (credential, error) {
	c.mu.Lock()
	current := c.state.current
	use, err := c.state.choose(c.options.Now())
	c.mu.Unlock()
	if use || err != nil {
		return current, err
	}
	err = c.ask(ctx, "credential", func(ctx context.Context) error { return c.replace(ctx, current.generation) })
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && c.state.usable(c.options.Now()) && ctx.Err() == nil {
		err = nil // replace has logged it
	}
	return c.state.current, err
}

// replace has a credential in place of that generation, unless another caller
// was quicker.
func (c *Credentials) replace(ctx context.Context, generation uint64) error {
	c.mu.Lock()
	if c.state.current.generation != generation {
		c.mu.Unlock()
		return nil
	}
	c.state.renewing = true
	c.mu.Unlock()

	fresh, err := limited(ctx, "credential", c.fetch)

	c.mu.Lock()
	defer c.mu.Unlock()
	s, now := &c.state, c.options.Now()
	s.renewing, s.failure = false, err
	if err != nil {
		s.postpone(now)
		if s.usable(now) {
			c.options.Logger.WarnContext(ctx, "lakebase credential not renewed, the old one is still good",
				"error", err, "expires_at", s.current.expiresAt, "retry_at", s.retryAt)
		}
		return s.explain(now)
	}
	if !s.current.refused {
		s.failures = 0
	}
	s.retryAt = time.Time{}
	s.current = credential{
		password: fresh.Password, expiresAt: fresh.ExpiresAt,
		generation: generation + 1, afterRefusal: s.current.refused,
	}
	c.options.Logger.DebugContext(ctx, "lakebase credential renewed", "expires_at", fresh.ExpiresAt)
	return nil
}

// judge takes what the database made of a credential. Of many connections that
// were refused with one credential, the first has it replaced.
func (c *Credentials) judge(generation uint64, accepted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.state
	switch {
	case s.current.generation != generation:
	case accepted:
		// Not that it was never refused: of two verdicts the older may come last.
		s.current.accepted = true
		if s.failure == nil {
			s.failures = 0
		}
	case !s.current.refused:
		s.current.refused = true
		s.retryAt = time.Time{}
		if s.current.afterRefusal && !s.current.accepted {
			s.postpone(c.options.Now())
		}
	}
}

// Renew has a new credential now, whatever the age of the old one, and returns
// when it expires.
func (c *Credentials) Renew(ctx context.Context) (expiresAt time.Time, err error) {
	c.mu.Lock()
	generation := c.state.current.generation
	c.mu.Unlock()
	err = c.ask(ctx, "credential", func(ctx context.Context) error { return c.replace(ctx, generation) })
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.current.expiresAt, err
}
