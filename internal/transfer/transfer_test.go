package transfer_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
	"github.com/appmetrics/appmetrics/internal/transfer"
)

func TestEverythingIsCopied(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, from, to string) {
		source, target := open(t, from), open(t, to)
		source.fill(t)
		var done, total int64
		report, err := transfer.Run(t.Context(), transfer.Options{
			Source: source.Store, Target: target.Store, PartRows: 100,
			Progress: func(d, of int64) { done, total = d, of },
		})
		if err != nil {
			t.Fatal(err)
		}
		want := source.dump(t)
		same(t, "target", target.dump(t), want)
		if sum := report.Total(); sum.Rows != int64(len(want)) || sum.Written != sum.Rows || sum.Removed != 0 || sum.Hours != sum.Changed {
			t.Errorf("got %+v, want %d rows, all of them written", sum, len(want))
		}
		if report.Since != 0 || report.Adjusted != 0 || report.Summed == 0 || !report.At.Equal(now) || len(report.Tables) != 6 {
			t.Errorf("got %+v", report)
		}
		if done != total || total != int64(len(want)) {
			t.Errorf("got progress %d of %d, want all of %d", done, total, len(want))
		}
		if got, want := target.answers(t), source.answers(t); got != want {
			t.Errorf("got the answers\n%s\nwant\n%s", got, want)
		}

		again := carry(t, source, target)
		if sum := again.Total(); sum.Written != 0 || sum.Removed != 0 || sum.Changed != 0 || again.Summed != 0 {
			t.Errorf("again: got %+v, want nothing to do", again)
		}
		same(t, "again", target.dump(t), want)
	})
}

func TestASecondRunTakesWhatCameSince(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, from, to string) {
		later := now
		source, target := open(t, from, func(o *store.Options) { o.Now = func() time.Time { return later } }), open(t, to)
		source.fill(t)
		carry(t, source, target)

		source.append(t, samples(30, now))
		source.append(t, samples(30, ago(20*day))) // late: into hours that are summarised
		later = now.Add(10 * day)                  // ids are forgotten, and more is summarised or too old
		_, err := source.Retire(t.Context(), store.RetireRequest{RawBefore: ago(day), RollupsBefore: ago(50 * day)})
		if err != nil {
			t.Fatal(err)
		}
		source.exec(t, `UPDATE aggregated_metrics SET sample_count = 41 WHERE endpoint_path = '/foreign'`)
		source.exec(t, `UPDATE replay_positions SET position = position + 1`)
		report := carry(t, source, target)
		same(t, "target", target.dump(t), source.dump(t))
		if got, want := target.answers(t), source.answers(t); got != want {
			t.Errorf("got the answers\n%s\nwant\n%s", got, want)
		}
		if sum := report.Total(); sum.Written == 0 || sum.Removed == 0 || sum.Changed == sum.Hours {
			t.Errorf("got %+v, want some of the hours", sum)
		}
	})
}

// TestTheSourceIsSeenAtOneMoment summarises and adds rows while a copy runs:
// rows that are in one table before and in another after are copied once.
func TestTheSourceIsSeenAtOneMoment(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, from, to string) {
		source := open(t, from)
		source.fill(t)
		before := source.dump(t)
		var committed atomic.Int64
		target := open(t, to, func(o *store.Options) {
			o.Failpoint = func(_ context.Context, point string) error {
				if point == "copy.committed" && committed.Add(1) == 2 {
					source.append(t, samples(30, now))
					if _, err := source.Retire(t.Context(), store.RetireRequest{RawBefore: ago(0)}); err != nil {
						return err
					}
				}
				return nil
			}
		})
		report := carry(t, source, target)
		same(t, "first", target.dump(t), before)
		if report.Since == 0 {
			t.Error("the report says that nothing came since")
		}
		report = carry(t, source, target)
		same(t, "second", target.dump(t), source.dump(t))
		if report.Since != 0 {
			t.Errorf("got %d rows since, want none", report.Since)
		}
	})
}

// TestASpoolGoesOnIntoTheTarget stores what waited for the source in its copy.
func TestASpoolGoesOnIntoTheTarget(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, from, to string) {
		source, target := open(t, from), open(t, to)
		waiting, at := samples(5, now), metric.Position{Source: uuid.New(), To: 10}
		if _, err := source.AppendAt(t.Context(), waiting, at); err != nil {
			t.Fatal(err)
		}
		carry(t, source, target)
		want := target.dump(t)
		behind := (*metric.PositionError)(nil)
		if _, err := target.AppendAt(t.Context(), waiting, at); !errors.As(err, &behind) || behind.Actual != 10 {
			t.Errorf("again: got %v, want to be told that 10 are stored", err)
		}
		same(t, "again", target.dump(t), want)
		if _, err := target.AppendAt(t.Context(), samples(1, now), metric.Position{Source: at.Source, From: 10, To: 12}); err != nil {
			t.Errorf("what comes next: %v", err)
		}
	})
}

// TestAWriterGoesOn adds rows and summarises while copies run, once for each
// transaction that they commit.
func TestAWriterGoesOn(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, from, to string) {
		source := open(t, from)
		source.fill(t)
		committed := make(chan struct{}, 1)
		target := open(t, to, func(o *store.Options) {
			o.Failpoint = func(_ context.Context, point string) error {
				if point == "copy.committed" {
					select {
					case committed <- struct{}{}:
					default: // the writer is at it
					}
				}
				return nil
			}
		})
		ended := make(chan error, 1)
		go func() {
			var err error
			for i := 0; err == nil; i++ {
				if _, more := <-committed; !more {
					break
				}
				_, err = source.Append(t.Context(), samples(20, ago(time.Duration(i%20)*day)))
				if err == nil && i%5 == 4 {
					_, err = source.Retire(t.Context(), store.RetireRequest{RawBefore: ago(metric.RawRetention)})
				}
			}
			ended <- err
		}()
		for range 3 {
			carry(t, source, target)
		}
		close(committed)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		quiet := database{storetest.OpenAt(t, store.Options{URL: target.url, Now: func() time.Time { return now }}), target.url, target.db}
		report := carry(t, source, quiet)
		same(t, "target", quiet.dump(t), source.dump(t))
		if report.Since != 0 {
			t.Errorf("got %d rows since, want none", report.Since)
		}
	})
}

// TestTheSourceIsUntouched compares the files of a source.
func TestTheSourceIsUntouched(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"closed", "in use"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "source.db")
			writer := storetest.OpenAt(t, store.Options{URL: "sqlite://" + path, Now: func() time.Time { return now }})
			if _, err := writer.MigrateUp(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			database{writer, "", storetest.DB(t, "sqlite://"+path)}.fill(t)
			if state == "closed" {
				if err := writer.Close(); err != nil {
					t.Fatal(err)
				}
			}
			before := checksums(t, path)
			source, err := store.OpenReadOnly(t.Context(), store.Options{URL: "sqlite://" + path})
			if err != nil {
				t.Fatal(err)
			}
			target := open(t, store.PostgreSQL)
			_, err = transfer.Run(t.Context(), transfer.Options{Source: source, Target: target.Store})
			if err := errors.Join(err, source.Close()); err != nil {
				t.Fatal(err)
			}
			if after := checksums(t, path); after != before {
				t.Errorf("got %x, want %x", after, before)
			}
		})
	}
}

// TestASourceNeedsNoRightToWrite reads PostgreSQL as a user who may do nothing
// else.
func TestASourceNeedsNoRightToWrite(t *testing.T) {
	t.Parallel()
	source, target := open(t, store.PostgreSQL), open(t, store.SQLite)
	source.fill(t)
	reader := storetest.NewRole(t, source.url)
	reader.Grant(t, "USAGE ON SCHEMA public")
	reader.Grant(t, "SELECT ON ALL TABLES IN SCHEMA public")
	if err := reader.SetPassword(t.Context(), "reader"); err != nil {
		t.Fatal(err)
	}
	looking := database{Store: storetest.OpenAt(t, store.Options{URL: reader.URL(t, "reader")})}
	carry(t, looking, target)
	same(t, "target", target.dump(t), source.dump(t))
}

// checksums are those of a database's file and of its log.
func checksums(t *testing.T, path string) (sums [2][sha256.Size]byte) {
	t.Helper()
	for i, name := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(name)
		if err != nil && (i == 0 || !errors.Is(err, os.ErrNotExist)) {
			t.Fatal(err)
		}
		sums[i] = sha256.Sum256(content)
	}
	return sums
}

func TestADryRunChangesNothing(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, from, to string) {
		source, target := open(t, from), open(t, to)
		source.fill(t)
		dry := func() transfer.Report {
			report, err := transfer.Run(t.Context(), transfer.Options{Source: source.Store, Target: target.Store, DryRun: true})
			if err != nil {
				t.Fatal(err)
			}
			return report
		}
		if sum := dry().Total(); sum.Written != int64(len(source.dump(t))) || len(target.dump(t)) != 0 {
			t.Errorf("got %+v and %d rows, want all to be written and none there", sum, len(target.dump(t)))
		}
		carry(t, source, target)
		if sum := dry().Total(); sum.Written != 0 || sum.Removed != 0 {
			t.Errorf("got %+v, want nothing to do", sum)
		}
		before := target.dump(t)
		source.append(t, samples(5, now))
		if sum := dry().Total(); sum.Written == 0 {
			t.Errorf("got %+v, want something to do", sum)
		}
		same(t, "target", target.dump(t), before)

		bare := database{Store: storetest.OpenAt(t, store.Options{URL: storetest.URL(t, to)})}
		report, err := transfer.Run(t.Context(), transfer.Options{Source: source.Store, Target: bare.Store, DryRun: true})
		if err != nil || report.Total().Written != int64(len(source.dump(t))) {
			t.Errorf("without tables: got %+v, %v", report, err)
		}
		if err := bare.CheckSchema(t.Context()); !errors.Is(err, store.ErrSchemaPending) {
			t.Errorf("without tables: got %v, want them not to be made", err)
		}
	})
}
