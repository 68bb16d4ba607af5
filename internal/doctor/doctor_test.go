package doctor_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/appmetrics/appmetrics/internal/doctor"
	"github.com/appmetrics/appmetrics/internal/store"
)

// options are those of an installation at url, without a workspace.
func options(url string) doctor.Options {
	o := doctor.Options{
		Mode:     "local",
		Listen:   "127.0.0.1:0",
		Settings: func(context.Context) error { return nil },
		WarnRows: 800_000, AlertRows: 1_000_000,
		Interval: time.Hour,
		Job:      "appmetrics aggregate",
	}
	if path, ok := strings.CutPrefix(url, "sqlite://"); ok {
		o.DatabaseFile = path
	} else {
		o.Interval = 0
	}
	o.Open = opening(store.Options{URL: url, PoolMin: 1})
	return o
}

func opening(o store.Options) func(context.Context) (doctor.Database, error) {
	return func(ctx context.Context) (doctor.Database, error) { return store.OpenReadOnly(ctx, o) }
}

// lent is a store of a test, which closes it.
type lent struct{ *store.Store }

func (lent) Close() error { return nil }

func lending(s *store.Store) func(context.Context) (doctor.Database, error) {
	return func(context.Context) (doctor.Database, error) { return lent{s}, nil }
}

// outcome returns the check of that name.
func outcome(t *testing.T, r doctor.Report, name string) doctor.Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check is called %s", name)
	return doctor.Check{}
}

// expect holds a check against how it should end and what it should say.
func expect(t *testing.T, r doctor.Report, name string, status doctor.Status, message string) {
	t.Helper()
	c := outcome(t, r, name)
	if c.Status != status || !strings.Contains(c.Message, message) {
		t.Errorf("%s: %s %q, want %s %q", name, c.Status, c.Message, status, message)
	}
	if (c.Mend != "") != (c.Status == doctor.Fail) {
		t.Errorf("%s: %s with the mend %q", name, c.Status, c.Mend)
	}
}

func TestAFreshMachineIsInOrder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := doctor.Run(t.Context(), options("sqlite://"+filepath.Join(folder, "state", "appmetrics.db")))
	if !r.OK || r.Count(doctor.Fail) != 0 {
		t.Errorf("not in order: %+v", r)
	}
	expect(t, r, "configuration", doctor.Pass, "no configuration file; local mode")
	expect(t, r, "database", doctor.Pass, "will be created")
	for _, name := range []string{"tls", "rights", "migrations", "clock", "size", "aggregation"} {
		expect(t, r, name, doctor.Skip, "the database does not exist yet")
	}
	for _, name := range []string{"workspace", "admin", "lakebase", "job", "destinations"} {
		expect(t, r, name, doctor.Skip, "no workspace is configured")
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("it made %v (%v)", entries, err)
	}
}

func TestAnEmbeddedDatabaseStaysAsItIs(t *testing.T) {
	t.Parallel()
	url := "sqlite://" + filepath.Join(t.TempDir(), "appmetrics.db")
	s, err := store.Open(t.Context(), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.MigrateUp(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(url, "sqlite://")
	before, modified := read(t, path)
	r := doctor.Run(t.Context(), options(url))
	if !r.OK {
		t.Errorf("not in order: %+v", r)
	}
	expect(t, r, "database", doctor.Pass, "SQLite 3.")
	expect(t, r, "tls", doctor.Skip, "embedded")
	expect(t, r, "rights", doctor.Pass, "writable")
	expect(t, r, "migrations", doctor.Pass, "none pending")
	expect(t, r, "clock", doctor.Skip, "embedded")
	expect(t, r, "aggregation", doctor.Pass, "never run; nothing is old enough")
	expect(t, r, "size", doctor.Pass, "0 rows")
	if after, at := read(t, path); after != before || !at.Equal(modified) {
		t.Error("the database has changed")
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) > 2 { // the database and the lock of its migrations
		t.Errorf("it left %v (%v)", entries, err)
	}
}

func read(t *testing.T, path string) (content string, modified time.Time) {
	t.Helper()
	bytes, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes), info.ModTime()
}

func TestOneCheckNeverTakesTheOthersDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := options("sqlite://" + t.TempDir())
		never := make(chan struct{})
		defer close(never)
		o.Settings = func(context.Context) error { return errors.New(strings.Fields("only two")[2]) }
		o.Open = func(context.Context) (doctor.Database, error) { <-never; return nil, errors.New("too late") }
		o.Login = func(ctx context.Context) (doctor.Workspace, error) {
			<-ctx.Done()
			panic("dapi-a-secret")
		}
		began := time.Now()
		r := doctor.Run(t.Context(), o)
		if took := time.Since(began); took != doctor.DefaultCheckTimeout {
			t.Errorf("took %s", took)
		}
		expect(t, r, "configuration", doctor.Fail, "index out of range")
		expect(t, r, "database", doctor.Fail, "no answer within 10s")
		expect(t, r, "rights", doctor.Skip, "database unreachable")
		expect(t, r, "size", doctor.Skip, "database unreachable")
		expect(t, r, "workspace", doctor.Fail, "")
		expect(t, r, "job", doctor.Skip, "workspace unreachable")
		expect(t, r, "port", doctor.Pass, "any free port")
		expect(t, r, "bundle", doctor.Skip, "--bundle")
		for _, c := range r.Checks {
			if strings.Contains(c.Message+c.Mend, "dapi-a-secret") {
				t.Errorf("%s shows what a panic held: %q", c.Name, c.Message)
			}
		}
	})
}

func TestAllChecksTogetherAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := options("sqlite://" + t.TempDir())
		o.Timeout = 3 * time.Second
		o.Open = func(ctx context.Context) (doctor.Database, error) { <-ctx.Done(); return nil, ctx.Err() }
		began := time.Now()
		r := doctor.Run(t.Context(), o)
		if took := time.Since(began); took != o.Timeout {
			t.Errorf("took %s", took)
		}
		expect(t, r, "database", doctor.Fail, "not done within 3s for all checks together")
	})
}

func TestAnInterruptedRunSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		o := options("sqlite://" + t.TempDir())
		o.Open = func(ctx context.Context) (doctor.Database, error) { cancel(); <-ctx.Done(); return nil, ctx.Err() }
		expect(t, doctor.Run(ctx, o), "database", doctor.Fail, "interrupted")
	})
}

// stuck is a database whose connections never come back.
type stuck struct {
	doctor.Database
	never chan struct{}
}

func (stuck) Diagnose(context.Context) (store.Diagnosis, error) {
	return store.Diagnosis{}, store.ErrUnavailable
}
func (s stuck) Close() error { <-s.never; return nil }

func TestADatabaseThatDoesNotCloseIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := options("sqlite://" + t.TempDir())
		never := make(chan struct{})
		defer close(never)
		o.Open = func(context.Context) (doctor.Database, error) { return stuck{never: never}, nil }
		expect(t, doctor.Run(t.Context(), o), "database", doctor.Fail, "database unavailable")
	})
}

func TestTheChecksAreStable(t *testing.T) {
	t.Parallel()
	var names []string
	for _, c := range doctor.Run(t.Context(), options("sqlite://"+filepath.Join(t.TempDir(), "a.db"))).Checks {
		names = append(names, c.Name)
	}
	const want = "configuration port spool database tls rights migrations clock aggregation size workspace admin lakebase job destinations bundle"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("checks are %s\nwant %s", got, want)
	}
}
