package store

import (
	"context"
	"database/sql"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/sketch"
)

// CountEvents returns how many usage events of a user are stored in the range.
// app is one app's name, or empty for every app but [metric.SelfApp]. Nobody
// is an anonymous user, so the count for "" is 0.
func (s *Store) CountEvents(ctx context.Context, user string, r metric.Range, app string) (int64, error) {
	if user == "" {
		return 0, nil
	}
	var count int64
	err := s.read(ctx, "count events", func(tx *sql.Tx) error {
		f := s.rawFilter(r, app)
		f.equals("user_id", user)
		text := s.engine.expand(`SELECT count(*) FROM usage_events WHERE ` + f.String())
		if err := tx.QueryRowContext(ctx, text, f.args...).Scan(&count); err != nil {
			return err
		}
		tally, err := s.tally(ctx, tx, r, app)
		count += int64(tally.Get(user))
		return err
	})
	return count, err
}

// tally merges the events by user of all retired hours in the range.
func (s *Store) tally(ctx context.Context, tx *sql.Tx, r metric.Range, app string) (sketch.Tally, error) {
	var tally sketch.Tally
	f := s.rollupFilter(metric.KindUser, Question{Range: r, App: app})
	text := s.engine.expand(`SELECT users FROM aggregated_metrics WHERE users IS NOT NULL AND ` + f.String())
	rows, err := tx.QueryContext(ctx, text, f.args...)
	if err != nil {
		return tally, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var encoded sql.RawBytes
		if err := rows.Scan(&encoded); err != nil {
			return tally, err
		}
		if err := tally.MergeBinary(encoded); err != nil {
			s.log.Warn("rollup holds a tally that cannot be read", "error", err)
		}
	}
	return tally, rows.Err()
}
