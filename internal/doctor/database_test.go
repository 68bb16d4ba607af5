package doctor_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/doctor"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

func TestAPostgreSQLDatabaseInOrder(t *testing.T) {
	t.Parallel()
	_, address := storetest.OpenURL(t, store.PostgreSQL)
	r := doctor.Run(t.Context(), options(address))
	if !r.OK {
		t.Errorf("not in order: %+v", r)
	}
	expect(t, r, "database", doctor.Pass, "PostgreSQL 1")
	expect(t, r, "tls", doctor.Pass, "off, and nothing leaves this machine")
	expect(t, r, "rights", doctor.Pass, "all that appmetrics needs")
	expect(t, r, "migrations", doctor.Pass, "none pending")
	expect(t, r, "clock", doctor.Pass, "this machine's")
	expect(t, r, "aggregation", doctor.Pass, "never run")
	expect(t, r, "size", doctor.Pass, "0 rows")
}

func TestPendingMigrations(t *testing.T) {
	t.Parallel()
	address := storetest.URL(t, store.PostgreSQL)
	o := options(address)
	r := doctor.Run(t.Context(), o)
	expect(t, r, "migrations", doctor.Fail, "pending: 00001_")
	expect(t, r, "size", doctor.Skip, "migrations are pending")
	expect(t, r, "aggregation", doctor.Skip, "migrations are pending")
	if n := r.Count(doctor.Fail); n != 1 {
		t.Errorf("%d failures for one cause: %+v", n, r)
	}

	o.AutoMigrate = true
	r = doctor.Run(t.Context(), o)
	expect(t, r, "migrations", doctor.Pass, "serve applies them by itself")
	expect(t, r, "size", doctor.Skip, "migrations are pending")

	var tables int
	err := storetest.DB(t, address).QueryRow(`SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&tables)
	if err != nil || tables != 0 {
		t.Errorf("%d tables were made (%v)", tables, err)
	}
}

func TestANewerSchema(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			_, address := storetest.OpenURL(t, engine)
			_, err := storetest.DB(t, address).Exec(`INSERT INTO appmetrics_schema_versions (version_id, is_applied) VALUES (9999, true)`)
			if err != nil {
				t.Fatal(err)
			}
			r := doctor.Run(t.Context(), options(address))
			expect(t, r, "migrations", doctor.Fail, "newer")
			expect(t, r, "size", doctor.Skip, "newer")
		})
	}
}

func TestAUserWithoutRights(t *testing.T) {
	t.Parallel()
	_, address := storetest.OpenURL(t, store.PostgreSQL)
	role := storetest.NewRole(t, address)
	const password = "hush-hush"
	if err := role.SetPassword(t.Context(), password); err != nil {
		t.Fatal(err)
	}
	role.GrantAll(t)
	if _, err := storetest.DB(t, address).Exec("REVOKE DELETE ON usage_events FROM " + role.Name); err != nil {
		t.Fatal(err)
	}
	r := doctor.Run(t.Context(), options(role.URL(t, password)))
	expect(t, r, "rights", doctor.Fail, "this user lacks DELETE on usage_events")
	expect(t, r, "size", doctor.Skip, "rights failed")
	if n := r.Count(doctor.Fail); n != 1 {
		t.Errorf("%d failures for one cause: %+v", n, r)
	}

	if _, err := storetest.DB(t, address).Exec("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM " + role.Name); err != nil {
		t.Fatal(err)
	}
	r = doctor.Run(t.Context(), options(role.URL(t, password)))
	expect(t, r, "rights", doctor.Fail, "SELECT on performance_metrics")
	expect(t, r, "migrations", doctor.Skip, "rights are missing")
	expect(t, r, "size", doctor.Skip, "rights failed")
	if n := r.Count(doctor.Fail); n != 1 {
		t.Errorf("%d failures for one cause: %+v", n, r)
	}

	r = doctor.Run(t.Context(), options(role.URL(t, "not-the-"+password)))
	expect(t, r, "database", doctor.Fail, "database access denied")
	expect(t, r, "rights", doctor.Skip, "database unreachable")
	for _, c := range r.Checks {
		if strings.Contains(c.Message+c.Mend, password) {
			t.Errorf("%s shows the password: %q", c.Name, c.Message)
		}
	}
}

func TestADatabaseThatTakesNoWrites(t *testing.T) {
	t.Parallel()
	_, address := storetest.OpenURL(t, store.PostgreSQL)
	r := doctor.Run(t.Context(), options(address+"&default_transaction_read_only=on"))
	expect(t, r, "rights", doctor.Fail, "the database accepts no writes")
}

func TestADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	r := doctor.Run(t.Context(), options("postgres://u@127.0.0.1:1/d"))
	expect(t, r, "database", doctor.Fail, "database unavailable")
	for _, name := range []string{"tls", "rights", "migrations", "clock", "aggregation", "size"} {
		expect(t, r, name, doctor.Skip, "database unreachable")
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	_, address := storetest.OpenURL(t, store.PostgreSQL)
	over := func(mode string, more ...string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("sslmode", mode)
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		u.RawQuery = q.Encode()
		return u.String()
	}
	for _, c := range []struct {
		name, url string
		local     bool
		status    doctor.Status
		message   string
	}{
		{"off on this machine", over("disable"), true, doctor.Pass, "nothing leaves this machine"},
		{"off over a network", over("disable"), false, doctor.Fail, "readable"},
		{"on", over("require"), false, doctor.Pass, "not verified"},
		{"on, verified", over("verify-full", "sslrootcert", storetest.Certificate(t)), false, doctor.Pass, "the server's certificate verified"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(c.url)
			if !c.local {
				o.Open = faraway(o.Open)
			}
			expect(t, doctor.Run(t.Context(), o), "tls", c.status, c.message)
		})
	}
}

// remote is a database that another machine would run.
type remote struct{ doctor.Database }

func (r remote) Diagnose(ctx context.Context) (store.Diagnosis, error) {
	d, err := r.Database.Diagnose(ctx)
	d.Local = false
	return d, err
}

func faraway(open func(context.Context) (doctor.Database, error)) func(context.Context) (doctor.Database, error) {
	return func(ctx context.Context) (doctor.Database, error) {
		db, err := open(ctx)
		return remote{db}, err
	}
}

func TestClockSkew(t *testing.T) {
	t.Parallel()
	_, address := storetest.OpenURL(t, store.PostgreSQL)
	for name, c := range map[string]struct {
		ours    time.Duration
		status  doctor.Status
		message string
	}{
		"ahead":        {-time.Hour, doctor.Fail, "1h0m0s ahead of this machine's"},
		"behind":       {time.Hour, doctor.Fail, "1h0m0s behind this machine's"},
		"close enough": {3 * time.Second, doctor.Pass, "the database's clock is 3s behind this machine's"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(address)
			o.Open = opening(store.Options{URL: address, PoolMin: 1, Now: func() time.Time { return time.Now().Add(c.ours) }})
			expect(t, doctor.Run(t.Context(), o), "clock", c.status, c.message)
		})
	}
}

func TestSizeGuard(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s)
		for _, c := range []struct {
			warn, alert int64
			status      doctor.Status
			message     string
		}{
			{10, 20, doctor.Pass, "3 rows ("},
			{2, 20, doctor.Pass, "more than the warning's 2, the alert is at 20"},
			{1, 2, doctor.Fail, "more than the alert's 2"},
		} {
			o := over(s)
			o.WarnRows, o.AlertRows = c.warn, c.alert
			r := doctor.Run(t.Context(), o)
			expect(t, r, "size", c.status, c.message)
			expect(t, r, "aggregation", doctor.Pass, "never run")
		}
	})
}

// over are options for a store that is open, and stays so.
func over(s *store.Store) doctor.Options {
	o := options("postgres://this.test/")
	if s.Engine() == store.SQLite {
		o = options("sqlite:///dev/null") // it exists
	}
	o.Open = lending(s)
	return o
}

// fill stores three rows of now.
func fill(t *testing.T, s *store.Store) {
	t.Helper()
	row := metric.Request{Timestamp: time.Now(), Endpoint: "/", Method: "GET", StatusCode: 200, ResponseTimeMS: 1, App: "default"}
	if _, err := s.Append(t.Context(), metric.Batch{Requests: []metric.Request{row, row, row}}); err != nil {
		t.Fatal(err)
	}
}

func TestLastAggregation(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, c := range []struct {
		name     string
		engine   string
		ran      time.Duration // before the check; 0 for never
		outcome  string
		later    time.Duration // than the rows were stored
		interval time.Duration
		status   doctor.Status
		message  string
	}{
		{"never, nothing waits", store.PostgreSQL, 0, "", day, 0, doctor.Pass, "has never run; nothing is old enough"},
		{"never, rows wait", store.PostgreSQL, 0, "", 8 * day, 0, doctor.Fail, "has never run, and raw rows older than 7 days wait"},
		{"never, rows wait for serve", store.SQLite, 0, "", 8 * day, time.Hour, doctor.Pass, "serve will do it"},
		{"never, rows wait for a scheduler", store.SQLite, 0, "", 8 * day, 0, doctor.Fail, "rows older than 7 days wait"},
		{"yesterday", store.PostgreSQL, 25 * time.Hour, aggregate.OutcomeDone, 8 * day, 0, doctor.Pass, "the last run was 25.0 h ago"},
		{"the day before", store.PostgreSQL, 27 * time.Hour, aggregate.OutcomeDone, 8 * day, 0, doctor.Fail, "rows older than 7 days wait"},
		{"the day before, nothing waits", store.PostgreSQL, 27 * time.Hour, aggregate.OutcomeDone, day, 0, doctor.Pass, "the last run was"},
		{"every two days", store.PostgreSQL, 50 * time.Hour, aggregate.OutcomeDone, 8 * day, 2 * day, doctor.Pass, "the last run was"},
		{"failed", store.PostgreSQL, time.Hour, aggregate.OutcomeFailed, day, 0, doctor.Fail, "failed"},
		{"failed while serving", store.SQLite, time.Hour, aggregate.OutcomeFailed, day, time.Hour, doctor.Fail, "failed"},
		{"doubted", store.SQLite, time.Hour, aggregate.OutcomeDoubted, day, time.Hour, doctor.Fail, "the clock may have jumped"},
		{"guarded", store.PostgreSQL, time.Hour, aggregate.OutcomeGuard, day, 0, doctor.Pass, "the growth guard fired"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t, c.engine)
			fill(t, s)
			now := time.Now().Add(c.later)
			if c.ran > 0 {
				run := store.Run{StartedAt: now.Add(-c.ran), FinishedAt: now.Add(-c.ran), RawBefore: now.Add(-c.ran), Outcome: c.outcome}
				if err := s.RecordRun(t.Context(), run); err != nil {
					t.Fatal(err)
				}
			}
			o := over(s)
			o.Interval, o.Now = c.interval, func() time.Time { return now }
			expect(t, doctor.Run(t.Context(), o), "aggregation", c.status, c.message)
		})
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	letter := filepath.Join(folder, "letter.db")
	if err := os.WriteFile(letter, []byte(strings.Repeat("this is a letter. ", 50)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, message := range map[string]string{
		letter:                                 "database is damaged",
		filepath.Join(letter, "appmetrics.db"): "not a directory",
		filepath.Join(letter, "below", "appmetrics.db"):     "not a directory",
		"/proc/self/no-such-folder/appmetrics.db":           "cannot be created",
		filepath.Join(folder, strings.Repeat("n", 300)+"x"): "file name too long",
	} {
		r := doctor.Run(t.Context(), options("sqlite://"+path))
		expect(t, r, "database", doctor.Fail, message)
		expect(t, r, "rights", doctor.Skip, "database unreachable")
	}
}

// A file of another user, as a restore by root leaves it, has no password.
func TestAFileWithoutRights(t *testing.T) {
	t.Parallel()
	o := bare(t)
	if err := os.WriteFile(o.DatabaseFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o.Open = func(context.Context) (doctor.Database, error) { return nil, store.ErrPermission }
	mend := outcome(t, doctor.Run(t.Context(), o), "database").Mend
	if !strings.HasPrefix(mend, "make the file and its directory writable for this user") {
		t.Errorf("the mend is %q", mend)
	}
}
