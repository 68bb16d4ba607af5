package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Summarize answers several questions from one snapshot: the n-th list answers
// the n-th question. A list holds one rollup for every key that has samples in
// the question's range, in no order. Buckets are hours or days when asked for,
// and zero otherwise.
//
// An hour is answered from the raw rows that it still has and from the rollups
// of those that are retired: a row is one or the other, never both. Raw rows
// count when their own time lies in the range, rollups wholly when the start
// of their hour does. Rollups of whole days are read in sum where that is known
// to be of exactly those that are there.
func (s *Store) Summarize(ctx context.Context, questions ...Question) ([][]metric.Rollup, error) {
	answers := make([][]metric.Rollup, len(questions))
	err := s.read(ctx, "summarize", func(tx *sql.Tx) error {
		for i, q := range questions {
			var err error
			if answers[i], err = s.summarize(ctx, tx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answers, nil
}

func (s *Store) summarize(ctx context.Context, tx *sql.Tx, q Question) ([]metric.Rollup, error) {
	q.Kinds = sorted(q.Kinds)
	into := newRollups()
	if err := s.summarizeRaw(ctx, tx, q, into); err != nil {
		return nil, err
	}
	if err := s.summarizeRollups(ctx, tx, q, into); err != nil {
		return nil, err
	}
	all := make([]metric.Rollup, 0, len(into.byKey))
	for _, rollup := range into.byKey {
		all = append(all, *rollup)
	}
	return all, nil
}

func (s *Store) summarizeRaw(ctx context.Context, tx *sql.Tx, q Question, into *rollups) error {
	g := grouping{q.By, s.engine.groupsSlowly()}
	if selected, add := g.requests(q.Kinds); selected != "" {
		f := s.rawFilter(q.Range, q.App)
		f.equals("endpoint", q.Endpoint)
		f.equals("method", q.Method)
		text := rawStatement(requestTable, rawRequestColumns, f, selected)
		if err := into.query(ctx, tx, s.engine.expand(text), f.args, add); err != nil {
			return err
		}
	}
	// Tallies have no dimension but the app, so that their filters differ.
	for _, kind := range []metric.Kind{metric.KindUsage, metric.KindUser} {
		if !slices.Contains(q.Kinds, kind) {
			continue
		}
		f := s.rawFilter(q.Range, q.App)
		if kind == metric.KindUsage {
			f.equals("event_type", q.EventType)
			f.equals("page_name", q.PageName)
		}
		selected, add := g.events([]metric.Kind{kind})
		text := rawStatement(eventTable, rawEventColumns, f, selected)
		if err := into.query(ctx, tx, s.engine.expand(text), f.args, add); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) summarizeRollups(ctx context.Context, tx *sql.Tx, q Question, into *rollups) error {
	for _, kind := range q.Kinds {
		parts := []stretch{{from: q.Range.Start, to: q.Range.End}}
		grain, summed := q.grainFor(kind)
		if summed {
			var err error
			if parts, err = s.stretches(ctx, tx, kind, q.Range); err != nil {
				return err
			}
		}
		for _, part := range parts {
			within := q
			within.Range = metric.Range{Start: part.from, End: part.to}
			f := s.rollupFilter(kind, within)
			if part.coarse {
				if err := s.addRollups(ctx, tx, q, coarse, s.coarseFilter(kind, grain, within), into); err != nil {
					return err
				}
				f.where("figures IS NULL")
			}
			if err := s.addRollups(ctx, tx, q, hourly, f, into); err != nil {
				return err
			}
		}
	}
	return nil
}

// addRollups adds the rollups of a place that a filter lets through.
func (s *Store) addRollups(ctx context.Context, tx *sql.Tx, q Question, from place, f *filter, into *rollups) error {
	by := q.By
	if q.PageName != "" {
		by |= ByPage // to tell apart the pages of other programs' rollups
	}
	text := `SELECT ` + from.rollups(by) + ` FROM ` + from.table + ` WHERE ` + f.String()
	rows, err := tx.QueryContext(ctx, s.engine.expand(text), f.args...)
	if err != nil {
		return err
	}
	return s.readRollups(rows, by,
		func(row *storedRollup) error { return row.addTo(into.at(q.By.key(row.key))) },
		func(foreign *metric.Rollup) { into.merge(foreign, q) })
}

func (s *Store) coarseFilter(kind metric.Kind, g grain, q Question) *filter {
	f := &filter{}
	f.where("grain = %s AND bucket >= %s AND bucket < %s", g.name, s.engine.time(q.Range.Start), s.engine.time(q.Range.End))
	f.rollups(kind, q)
	return f
}

func (s *Store) rawFilter(r metric.Range, app string) *filter {
	f := &filter{}
	f.where("{timestamp} >= %s AND {timestamp} < %s", s.engine.time(r.Start), s.engine.time(r.End))
	f.app(app)
	return f
}

// app lets one app through, or every app but the product itself.
func (f *filter) app(app string) {
	if app == "" {
		f.where("app <> %s", metric.SelfApp)
		return
	}
	f.equals("app", app)
}

func rawStatement(table, columns string, f *filter, selected string) string {
	return `WITH raw AS NOT MATERIALIZED (SELECT ` + columns + ` FROM ` + table + ` WHERE ` + f.String() + `)
		` + selected
}
