package store

import (
	"context"
	"database/sql"
	"strconv"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// RequestFilter says which raw requests to return, newest first. Empty fields
// let everything through.
type RequestFilter struct {
	Range metric.Range

	// App is one app's name, or empty for every app but [metric.SelfApp].
	App string

	Endpoint, Method string

	// StatusMin and StatusMax bound the status code, both included; 0 for no
	// bound.
	StatusMin, StatusMax int

	UserID string
	MinMS  float64

	// Limit is the most rows to return; 0 for [DefaultLimit].
	Limit int

	// Before is the cursor of the page before, or empty.
	Before Cursor
}

// Requests returns one page of raw requests, newest first, and the cursor of
// the next page, or nil on the last one. Requests that are retired are not
// found any more. It returns [ErrCursor] for a cursor that is not one.
func (s *Store) Requests(ctx context.Context, q RequestFilter) ([]metric.Request, *Cursor, error) {
	f := s.rawFilter(q.Range, q.App)
	f.equals("endpoint", q.Endpoint)
	f.equals("method", q.Method)
	f.equals("user_id", q.UserID)
	if q.StatusMin > 0 {
		f.where("status_code >= %s", q.StatusMin)
	}
	if q.StatusMax > 0 {
		f.where("status_code <= %s", q.StatusMax)
	}
	if q.MinMS > 0 {
		f.where("response_time_ms >= %s", q.MinMS)
	}
	if err := s.before(f, q.Before); err != nil {
		return nil, nil, err
	}
	page, ask := limit(q.Limit)
	text := s.engine.expand(`SELECT {id}, {timestamp}, app, endpoint, method, status_code, response_time_ms,
			COALESCE(user_id, ''), COALESCE(error_type, ''), COALESCE(correlation_id, '')
		FROM performance_metrics WHERE ` + f.String() + `
		ORDER BY {timestamp} DESC, {id} DESC LIMIT ` + strconv.Itoa(ask))
	var found []metric.Request
	var last position
	var next *Cursor
	err := s.read(ctx, "list requests", func(tx *sql.Tx) error {
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
			var r metric.Request
			err := rows.Scan(&last.id, instant{&r.Timestamp}, &r.App, &r.Endpoint, &r.Method, &r.StatusCode,
				&r.ResponseTimeMS, &r.UserID, &r.ErrorType, &r.CorrelationID)
			if err != nil {
				return err
			}
			r.ID, last.at = identifier(last.id), r.Timestamp
			if r.ErrorType == "" {
				r.ErrorType = metric.ErrorTypeFor(r.StatusCode)
			}
			found = append(found, r)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, nil, err
	}
	return found, next, nil
}
