package transfer_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
	"github.com/appmetrics/appmetrics/internal/transfer"
)

func TestTargetsThatAreRefused(t *testing.T) {
	t.Parallel()
	const row = `INSERT INTO performance_metrics (timestamp, endpoint, method, status_code, response_time_ms)
		VALUES ('2026-03-20 09:20:00+00:00', '/other', 'GET', 200, 1)`
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, source, target database)
		want    error
		says    string
		late    bool // whether it is only seen when its hour is compared
	}{
		{"with data of its own", func(t *testing.T, _, target database) { target.exec(t, row) }, store.ErrNotACopy, "has rows in performance_metrics", false},
		{"with nothing but a position", func(t *testing.T, _, target database) {
			if _, err := target.AppendAt(t.Context(), metric.Batch{}, metric.Position{Source: uuid.New()}); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNotACopy, "has rows in replay_positions", false},
		{"a copy of another", func(t *testing.T, _, target database) {
			carry(t, open(t, store.SQLite), target)
		}, store.ErrNotACopy, "is a copy of another database", false},
		{"a clone", func(t *testing.T, source, target database) {
			var id string
			if err := source.db.QueryRowContext(t.Context(), `SELECT CAST(id AS TEXT) FROM database_origin`).Scan(&id); err != nil {
				t.Fatal(err)
			}
			target.exec(t, `UPDATE database_origin SET id = '`+id+`'`)
		}, store.ErrSameDatabase, "the same database", false},
		{"in use since", func(t *testing.T, source, target database) {
			carry(t, source, target)
			target.exec(t, row)
		}, store.ErrNotACopy, "performance_metrics changed in the hour of 2026-03-20T09:00:00Z", false},
		{"summarised since", func(t *testing.T, source, target database) {
			carry(t, source, target)
			if _, err := target.Retire(t.Context(), store.RetireRequest{RawBefore: now}); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNotACopy, "changed in the hour of", false},
		{"changed in place since", func(t *testing.T, source, target database) {
			carry(t, source, target)
			target.exec(t, `UPDATE usage_events SET page_name = 'x' WHERE page_name IS NULL`)
		}, store.ErrNotACopy, "usage_events changed in the hour of", true},
		{"emptied since", func(t *testing.T, source, target database) {
			carry(t, source, target)
			target.exec(t, `DELETE FROM received_ids`)
		}, store.ErrNotACopy, "to 0", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, func(t *testing.T, from, to string) {
				source, target := open(t, from), open(t, to)
				source.fill(t)
				c.prepare(t, source, target)
				// There is much to do, had the target not to be refused.
				source.append(t, samples(30, ago(20*day)))
				source.retire(t)
				before := target.dump(t)
				for _, dry := range []bool{true, false} {
					_, err := transfer.Run(t.Context(), transfer.Options{Source: source.Store, Target: target.Store, DryRun: dry})
					if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
						t.Errorf("dry run %t: got %v, want %v that says %q", dry, err, c.want, c.says)
					}
				}
				if !c.late {
					same(t, "target", target.dump(t), before)
				}
			})
		})
	}
}

// TestRowsOfOthersMeanwhile writes to the target while a copy runs.
func TestRowsOfOthersMeanwhile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, at, hour string
		engines        []string
	}{
		{"before their hour is copied", "copy.committed", "2026-03-20 09:15:00+00", storetest.Engines()},
		{"in an hour that the source has not", "copy.committed", "2027-03-20 09:15:00+00", storetest.Engines()},
		// Nobody else can write to SQLite while a transaction is open.
		{"while their hour is copied", "copy.verify", "2026-03-20 09:15:00+00", []string{store.PostgreSQL}},
	} {
		for _, to := range c.engines {
			t.Run(c.name+" "+to, func(t *testing.T) {
				t.Parallel()
				source := open(t, store.SQLite)
				source.fill(t)
				var wrote atomic.Bool
				var target database
				target = open(t, to, func(o *store.Options) {
					o.Failpoint = func(_ context.Context, point string) error {
						if point == c.at && wrote.CompareAndSwap(false, true) {
							for _, row := range []string{
								`performance_metrics (timestamp, endpoint, method, status_code, response_time_ms) VALUES ('` + c.hour + `', '/other', 'GET', 200, 1)`,
								`usage_events (timestamp, event_type) VALUES ('` + c.hour + `', 'other')`,
								`aggregated_metrics (time_bucket, metric_type) VALUES ('` + c.hour + `', 'other')`,
							} {
								target.exec(t, `INSERT INTO `+row)
							}
						}
						return nil
					}
				})
				if _, err := run(t.Context(), source, target); !errors.Is(err, store.ErrNotACopy) {
					t.Errorf("got %v, want ErrNotACopy", err)
				}
				var left int
				if err := target.db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM performance_metrics WHERE endpoint = '/other')
					+ (SELECT count(*) FROM usage_events WHERE event_type = 'other')
					+ (SELECT count(*) FROM aggregated_metrics WHERE metric_type = 'other')`).Scan(&left); err != nil || left != 3 {
					t.Errorf("got %d rows of others, %v; want all 3", left, err)
				}
				if _, err := run(t.Context(), source, target); !errors.Is(err, store.ErrNotACopy) {
					t.Errorf("again: got %v, want ErrNotACopy", err)
				}
			})
		}
	}
}

func TestTheLaterOfTwoRunsGoesOn(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, from, to string) {
		source := open(t, from)
		source.fill(t)
		var first atomic.Bool
		var other database
		target := open(t, to, func(o *store.Options) {
			o.Failpoint = func(_ context.Context, point string) error {
				if point == "copy.committed" && first.CompareAndSwap(false, true) {
					carry(t, source, other)
				}
				return nil
			}
		})
		other = database{Store: storetest.OpenAt(t, store.Options{URL: target.url, Now: func() time.Time { return now }})}
		if _, err := run(t.Context(), source, target); !errors.Is(err, store.ErrSuperseded) {
			t.Errorf("got %v, want ErrSuperseded", err)
		}
		same(t, "target", target.dump(t), source.dump(t))
	})
}

// TestRowsThatArriveChanged has as many rows as were sent, but not the same.
func TestRowsThatArriveChanged(t *testing.T) {
	t.Parallel()
	for engine, trigger := range map[string]string{
		store.SQLite: `CREATE TRIGGER spoil AFTER INSERT ON usage_events BEGIN
			UPDATE usage_events SET page_name = 'x' WHERE rowid = new.rowid AND page_name IS NULL; END`,
		store.PostgreSQL: `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN NEW.page_name := coalesce(NEW.page_name, 'x'); RETURN NEW; END $$;
			CREATE TRIGGER spoil BEFORE INSERT ON usage_events FOR EACH ROW EXECUTE FUNCTION spoil()`,
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			source, target := open(t, store.SQLite), open(t, engine)
			source.fill(t)
			target.exec(t, trigger)
			_, err := run(t.Context(), source, target)
			if !errors.Is(err, store.ErrNotACopy) || !strings.Contains(err.Error(), "not as it was sent") {
				t.Errorf("got %v, want to be told that rows arrived changed", err)
			}
		})
	}
}
