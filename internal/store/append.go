package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Stored counts what a batch became.
type Stored struct {
	Requests, Events int // rows that were written
	Duplicates       int // samples whose ids had been stored before
}

// Append writes a batch in one transaction: all of it is stored when Append
// returns nil, and nothing otherwise, unless the connection was lost on its way
// through COMMIT: then nobody knows, and who tries again may store the batch
// twice, except samples with ids that CheckIDs has remembered. [Store.AppendAt]
// is for those who must know. Samples without an id get one. With CheckIDs, a
// sample whose id was stored before is left out and counted.
func (s *Store) Append(ctx context.Context, b metric.Batch) (Stored, error) {
	if b.Len() == 0 {
		return Stored{}, nil
	}
	return s.append(ctx, b, nil)
}

// append writes a batch, and moves a source's position unless at is nil.
func (s *Store) append(ctx context.Context, b metric.Batch, at *metric.Position) (Stored, error) {
	var stored Stored
	err := s.write(ctx, "append batch", func(conn *sql.Conn, tx *sql.Tx) (err error) {
		if at != nil {
			if err := s.reach(ctx, "append.position"); err != nil {
				return err
			}
			if err := s.move(ctx, tx, *at); err != nil {
				return err
			}
		}
		if stored, err = s.appendRows(ctx, conn, tx, b); err != nil {
			return err
		}
		return s.reach(ctx, "append.commit")
	})
	if err == nil {
		err = s.fail(ctx, "append batch", s.reach(ctx, "append.committed"))
	}
	if err != nil {
		return Stored{}, err
	}
	return stored, nil
}

// appendRows writes the rows of a batch.
func (s *Store) appendRows(ctx context.Context, conn *sql.Conn, tx *sql.Tx, b metric.Batch) (Stored, error) {
	isNew := func(uuid.UUID) bool { return true }
	if b.CheckIDs {
		err := s.reach(ctx, "append.ids")
		if err != nil {
			return Stored{}, err
		}
		if isNew, err = s.receive(ctx, tx, b); err != nil {
			return Stored{}, fmt.Errorf("check ids: %w", err)
		}
	}
	requests, err := s.requestRows(b.Requests, isNew)
	if err != nil {
		return Stored{}, err
	}
	events, err := s.eventRows(b.Events, isNew)
	if err != nil {
		return Stored{}, err
	}
	if err := s.insert(ctx, conn, tx, "append.requests", requestTable, requestColumns, requests); err != nil {
		return Stored{}, err
	}
	if err := s.insert(ctx, conn, tx, "append.events", eventTable, eventColumns, events); err != nil {
		return Stored{}, err
	}
	stored := Stored{Requests: len(requests), Events: len(events)}
	stored.Duplicates = b.Len() - stored.Requests - stored.Events
	return stored, nil
}

// insert writes rows in bulk.
func (s *Store) insert(
	ctx context.Context, conn *sql.Conn, tx *sql.Tx, point, table string, columns []string, rows [][]any,
) error {
	if len(rows) == 0 {
		return nil
	}
	if err := s.reach(ctx, point); err != nil {
		return err
	}
	return s.engine.insert(ctx, conn, tx, table, columns, rows)
}

// Tables of raw rows, and the columns that Append fills.
const (
	requestTable = "performance_metrics"
	eventTable   = "usage_events"
)

var (
	requestColumns = []string{
		"id", "timestamp", "endpoint", "method", "status_code", "response_time_ms",
		"user_id", "error_type", "correlation_id", "app",
	}
	eventColumns = []string{
		"id", "timestamp", "event_type", "user_id", "page_name", "element_id",
		"success", "metadata", "correlation_id", "app",
	}
)

func (s *Store) requestRows(requests []metric.Request, isNew func(uuid.UUID) bool) ([][]any, error) {
	rows := make([][]any, 0, len(requests))
	for i := range requests {
		r := &requests[i]
		if !isNew(r.ID) {
			continue
		}
		id, err := identify(r.ID)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []any{
			s.engine.id(id), s.engine.time(r.Timestamp), r.Endpoint, r.Method, int64(r.StatusCode), r.ResponseTimeMS,
			nullable(r.UserID), nullable(r.ErrorType), nullable(r.CorrelationID), orDefault(r.App),
		})
	}
	return rows, nil
}

func (s *Store) eventRows(events []metric.Event, isNew func(uuid.UUID) bool) ([][]any, error) {
	rows := make([][]any, 0, len(events))
	for i := range events {
		e := &events[i]
		if !isNew(e.ID) {
			continue
		}
		id, err := identify(e.ID)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []any{
			s.engine.id(id), s.engine.time(e.Timestamp), e.EventType,
			nullable(e.UserID), nullable(e.PageName), nullable(e.ElementID),
			e.Success, nullable(string(e.Metadata)), nullable(e.CorrelationID), orDefault(e.App),
		})
	}
	return rows, nil
}

func identify(id uuid.UUID) (uuid.UUID, error) {
	if id != uuid.Nil {
		return id, nil
	}
	return uuid.NewV7()
}

func orDefault(app string) string {
	if app == "" {
		return metric.DefaultApp
	}
	return app
}

// receive remembers the ids of a batch and returns a function that reports,
// once for each id, whether it was new. A sample without an id is new.
func (s *Store) receive(ctx context.Context, tx *sql.Tx, b metric.Batch) (func(uuid.UUID) bool, error) {
	ids := make([]uuid.UUID, 0, b.Len())
	for i := range b.Requests {
		ids = append(ids, b.Requests[i].ID)
	}
	for i := range b.Events {
		ids = append(ids, b.Events[i].ID)
	}
	// In one order, so that two batches that share ids cannot deadlock.
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	if len(ids) > 0 && ids[0] == uuid.Nil {
		ids = ids[1:]
	}
	fresh := make(map[uuid.UUID]bool, len(ids))
	for part := range slices.Chunk(ids, 500) {
		if err := s.receivePart(ctx, tx, part, fresh); err != nil {
			return nil, err
		}
	}
	return func(id uuid.UUID) bool {
		isNew := id == uuid.Nil || fresh[id]
		delete(fresh, id)
		return isNew
	}, nil
}

func (s *Store) receivePart(ctx context.Context, tx *sql.Tx, ids []uuid.UUID, fresh map[uuid.UUID]bool) error {
	var values strings.Builder
	args := []any{s.engine.time(s.now())}
	for i, id := range ids {
		if i > 0 {
			values.WriteString(", ")
		}
		fmt.Fprintf(&values, "($%d, $1)", i+2)
		args = append(args, id.String())
	}
	rows, err := tx.QueryContext(ctx, `INSERT INTO received_ids (id, received_at) VALUES `+values.String()+`
		ON CONFLICT (id) DO NOTHING RETURNING id`, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			return err
		}
		fresh[id] = true
	}
	return rows.Err()
}
