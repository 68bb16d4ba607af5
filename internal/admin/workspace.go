package admin

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// What the zero value of an option of a Workspace means.
const (
	defaultTimeout = 5 * time.Second
	defaultTTL     = 5 * time.Minute
	defaultEntries = 10_000
	defaultCalls   = 32
	defaultWaiting = 2_000
)

// Directory knows whose access tokens are. A databricks.Directory is one. Its
// errors are those of package databricks, or of the context.
type Directory interface {
	User(ctx context.Context, token string) (databricks.User, error)
}

// WorkspaceOptions configures a Workspace.
type WorkspaceOptions struct {
	Directory Directory     // required
	Groups    []string      // names of the administrators' groups
	Timeout   time.Duration // for the workspace's answer, with the wait for a turn; default 5 s
	TTL       time.Duration // how long a decision holds; default 5 min
	Entries   int           // decisions that are kept; default 10,000
	Calls     int           // to the workspace at once; default 32
	Waiting   int           // tokens that wait for a call; default 2,000
}

// Workspace is the Checker of databricks mode (R16, R16a): the workspace says
// whose access token it is and which groups they belong to. Decisions hold for
// the TTL or until the token expires, whichever is first, counted from before
// the workspace was asked. Errors hold for nothing.
type Workspace struct {
	directory Directory
	groups    names
	timeout   time.Duration
	ttl       time.Duration

	decided *decisions
	flights singleflight.Group
	turns   chan struct{} // one for each call under way
	line    chan struct{} // one for each of those, and for each token that waits

	hits, calls, failures atomic.Int64
}

// WorkspaceStats are counts since the start, and how much is held now.
type WorkspaceStats struct {
	Entries  int   // decisions held, expired ones included
	Hits     int64 // checks answered by a decision that was held
	Calls    int64 // calls to the workspace
	Failures int64 // lookups that ended without an answer: ErrUnverifiable
}

// NewWorkspace returns the Checker.
func NewWorkspace(o WorkspaceOptions) *Workspace {
	calls := positive(o.Calls, defaultCalls)
	return &Workspace{
		directory: o.Directory,
		groups:    newNames(o.Groups),
		timeout:   positive(o.Timeout, defaultTimeout),
		ttl:       positive(o.TTL, defaultTTL),
		decided:   newDecisions(positive(o.Entries, defaultEntries)),
		turns:     make(chan struct{}, calls),
		line:      make(chan struct{}, calls+positive(o.Waiting, defaultWaiting)),
	}
}

func positive[N int | time.Duration](n, otherwise N) N {
	if n > 0 {
		return n
	}
	return otherwise
}

// Check returns who holds the token. Checks of one token at one time make one
// call, which none of them can cut short for the others.
func (w *Workspace) Check(ctx context.Context, c Credentials) (Identity, error) {
	if c.Token == "" {
		return Identity{}, WithHint(ErrUnauthenticated, absentHint)
	}
	key := w.decided.key(c.Token)
	if identity, ok := w.decided.get(key, time.Now()); ok {
		w.hits.Add(1)
		return identity, nil
	}
	flight := w.flights.DoChan(string(key[:]), func() (any, error) {
		return w.lookUp(context.WithoutCancel(ctx), key, c.Token)
	})
	select {
	case <-ctx.Done():
		return Identity{}, ctx.Err()
	case landed := <-flight:
		identity, _ := landed.Val.(Identity) // the zero one beside an error
		return identity, landed.Err
	}
}

// Stats may be called at any time.
func (w *Workspace) Stats() WorkspaceStats {
	return WorkspaceStats{
		Entries: w.decided.entries.Len(),
		Hits:    w.hits.Load(), Calls: w.calls.Load(), Failures: w.failures.Load(),
	}
}

// lookUp asks the workspace and keeps a decision, but no error.
func (w *Workspace) lookUp(ctx context.Context, key tokenKey, token string) (Identity, error) {
	start := time.Now()
	// Another flight may have landed since the caller looked.
	if identity, ok := w.decided.get(key, start); ok {
		w.hits.Add(1)
		return identity, nil
	}
	user, err := w.ask(ctx, token)
	identity, err := decide(user, err, w.groups)
	if err != nil {
		if errors.Is(err, ErrUnverifiable) {
			w.failures.Add(1)
		}
		return Identity{}, err
	}
	expires := start.Add(w.ttl)
	if own, ok := expiryOf(token); ok && own.Before(expires) {
		expires = own
	}
	w.decided.put(key, identity, expires)
	return identity, nil
}

// ask makes the call when it is its turn.
func (w *Workspace) ask(ctx context.Context, token string) (user databricks.User, err error) {
	// A panic here is in a goroutine that no HTTP server guards.
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	// Whoever asked may be gone, so nothing else bounds how many there are.
	select {
	case w.line <- struct{}{}:
		defer func() { <-w.line }()
	default:
		return databricks.User{}, fmt.Errorf("%d tokens are in line already", cap(w.line))
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	select {
	case w.turns <- struct{}{}:
		defer func() { <-w.turns }()
	case <-ctx.Done():
		return databricks.User{}, fmt.Errorf("wait for one of %d calls to end: %w", cap(w.turns), ctx.Err())
	}
	w.calls.Add(1)
	return w.directory.User(ctx, token)
}
