package store

import (
	"context"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// NOTE FROM QUERY/AGGREGATE (see /tmp/team/spec.md, 16:45): Summarize answers SEVERAL questions from one snapshot, and
// Options gets an exported Failpoint func(point string) error, which storetest.Open(t, engine, ...func(*store.Options)) can set.
func (s *Store) Summarize(ctx context.Context, questions ...Question) ([][]metric.Rollup, error) {
	return nil, nil
}

func (s *Store) CountEvents(ctx context.Context, user string, r metric.Range, app string) (int64, error) {
	return 0, nil
}
func (s *Store) Apps(ctx context.Context, r metric.Range) ([]string, error) { return nil, nil }
func (s *Store) Requests(ctx context.Context, f RequestFilter) ([]metric.Request, *Cursor, error) {
	return nil, nil, nil
}

func (s *Store) Events(ctx context.Context, f EventFilter) ([]metric.Event, *Cursor, error) {
	return nil, nil, nil
}
func (s *Store) Health(ctx context.Context) (Health, error) { return Health{}, nil }
func (s *Store) RecordRun(ctx context.Context, r Run) error { return nil }
func (s *Store) LastRun(ctx context.Context) (*Run, error)  { return nil, nil }
func (s *Store) Retire(ctx context.Context, q RetireRequest) (RetireReport, error) {
	return RetireReport{}, nil
}
