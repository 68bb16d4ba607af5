package query

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/appmetrics/appmetrics/internal/store"
)

// Requests implements Source.
func (e *Engine) Requests(ctx context.Context, p RequestsParams) (*RequestsPage, error) {
	return bounded(ctx, e.timeout, "requests", func(ctx context.Context) (*RequestsPage, error) {
		filter, err := p.filter()
		if err != nil {
			return nil, err
		}
		rows, next, err := e.store.Requests(ctx, filter)
		if err != nil {
			return nil, cursorError(err, p.Cursor)
		}
		page := &RequestsPage{Period: period(p.Range), Requests: make([]Request, len(rows)), NextCursor: cursorText(next)}
		for i, r := range rows {
			page.Requests[i] = Request{
				ID: r.ID, Timestamp: instant(r.Timestamp), App: r.App,
				Endpoint: r.Endpoint, Method: r.Method,
				StatusCode: r.StatusCode, ResponseTimeMS: r.ResponseTimeMS,
				UserID: r.UserID, ErrorType: r.ErrorType, CorrelationID: r.CorrelationID,
			}
		}
		return page, nil
	})
}

func (p *RequestsParams) filter() (store.RequestFilter, error) {
	lowest, highest, err := ParseStatus(p.Status)
	if err != nil {
		return store.RequestFilter{}, err
	}
	limit, err := limitOf(p.Limit)
	if err != nil {
		return store.RequestFilter{}, err
	}
	if !(p.MinMS >= 0) { // NaN is not, either
		return store.RequestFilter{}, notAllowed("min_ms", strconv.FormatFloat(p.MinMS, 'g', -1, 64), "0 or more")
	}
	return store.RequestFilter{
		Range: p.Range, App: p.App, Endpoint: p.Endpoint, Method: p.Method,
		StatusMin: lowest, StatusMax: highest, UserID: p.UserID, MinMS: p.MinMS,
		Limit: limit, Before: store.Cursor(p.Cursor),
	}, nil
}

// Events implements Source.
func (e *Engine) Events(ctx context.Context, p EventsParams) (*EventsPage, error) {
	return bounded(ctx, e.timeout, "events", func(ctx context.Context) (*EventsPage, error) {
		limit, err := limitOf(p.Limit)
		if err != nil {
			return nil, err
		}
		rows, next, err := e.store.Events(ctx, store.EventFilter{
			Range: p.Range, App: p.App, EventType: p.EventType, PageName: p.PageName, UserID: p.UserID,
			Limit: limit, Before: store.Cursor(p.Cursor),
		})
		if err != nil {
			return nil, cursorError(err, p.Cursor)
		}
		page := &EventsPage{Period: period(p.Range), Events: make([]Event, len(rows)), NextCursor: cursorText(next)}
		for i, r := range rows {
			page.Events[i] = Event{
				ID: r.ID, Timestamp: instant(r.Timestamp), App: r.App,
				EventType: r.EventType, UserID: r.UserID, PageName: r.PageName, ElementID: r.ElementID,
				Success: r.Success, Metadata: r.Metadata, CorrelationID: r.CorrelationID,
			}
		}
		return page, nil
	})
}

func cursorText(next *store.Cursor) string {
	if next == nil {
		return ""
	}
	return string(*next)
}

// cursorError blames the parameter for a cursor that the store cannot read.
func cursorError(err error, cursor string) error {
	if errors.Is(err, store.ErrCursor) {
		return notAllowed("cursor", cursor, "next_cursor of the page before")
	}
	return err
}

// ParseStatus returns the lowest and highest status code that a filter such as
// "4xx" or "404" lets through, 0 and 0 for an empty one, and a
// *metric.FieldError for anything else.
func ParseStatus(filter string) (lowest, highest int, err error) {
	switch {
	case filter == "":
		return 0, 0, nil
	case len(filter) == 3 && filter[0] >= '1' && filter[0] <= '5' && filter[1:] == "xx":
		class := int(filter[0]-'0') * 100
		return class, class + 99, nil
	}
	code, err := strconv.Atoi(filter)
	if err != nil || len(filter) != 3 || code < 100 || code > 599 {
		return 0, 0, notAllowed("status", filter, "a class such as 4xx or a code such as 404")
	}
	return code, code, nil
}

func limitOf(limit int) (int, error) {
	switch {
	case limit == 0:
		return DefaultLimit, nil
	case limit < 0 || limit > MaxLimit:
		return 0, notAllowed("limit", strconv.Itoa(limit), fmt.Sprintf("1 to %d", MaxLimit))
	}
	return limit, nil
}
