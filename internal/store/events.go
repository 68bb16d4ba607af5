package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"strconv"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// EventFilter says which raw usage events to return, newest first. Empty
// fields let everything through.
type EventFilter struct {
	Range metric.Range

	// App is one app's name, or empty for every app but [metric.SelfApp].
	App string

	EventType, PageName, UserID string

	// Limit is the most rows to return; 0 for [DefaultLimit].
	Limit int

	// Before is the cursor of the page before, or empty.
	Before Cursor
}

// Events returns one page of raw usage events, newest first, and the cursor of
// the next page, or nil on the last one. Events that are retired are not found
// any more. It returns [ErrCursor] for a cursor that is not one.
func (s *Store) Events(ctx context.Context, q EventFilter) ([]metric.Event, *Cursor, error) {
	f := s.rawFilter(q.Range, q.App)
	f.equals("event_type", q.EventType)
	f.equals("page_name", q.PageName)
	f.equals("user_id", q.UserID)
	if err := s.before(f, q.Before); err != nil {
		return nil, nil, err
	}
	page, ask := limit(q.Limit)
	text := s.engine.expand(`SELECT {id}, {timestamp}, app, event_type, COALESCE(user_id, ''),
			COALESCE(page_name, ''), COALESCE(element_id, ''), COALESCE(success, true),
			COALESCE(CAST(metadata AS TEXT), ''), COALESCE(correlation_id, '')
		FROM usage_events WHERE ` + f.String() + `
		ORDER BY {timestamp} DESC, {id} DESC LIMIT ` + strconv.Itoa(ask))
	var found []metric.Event
	var last position
	var next *Cursor
	err := s.read(ctx, "list events", func(tx *sql.Tx) error {
		found, next = nil, nil
		rows, err := tx.QueryContext(ctx, text, f.args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			if len(found) == page {
				next = last.cursor()
				break
			}
			var e metric.Event
			var metadata string
			err := rows.Scan(&last.id, instant{&e.Timestamp}, &e.App, &e.EventType, &e.UserID,
				&e.PageName, &e.ElementID, &e.Success, &metadata, &e.CorrelationID)
			if err != nil {
				return err
			}
			e.ID, last.at = identifier(last.id), e.Timestamp
			e.Metadata = compact(metadata)
			found = append(found, e)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, nil, err
	}
	return found, next, nil
}

// compact returns JSON as it is sent, whatever blanks the database holds it
// with, and nil for nothing or null.
func compact(text string) json.RawMessage {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil || b.String() == "null" {
		return nil
	}
	return b.Bytes()
}
