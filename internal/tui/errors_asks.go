package tui

import (
	"context"
	"slices"
	"strings"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// failedKey is the question for requests of one type; its status is that of the type.
type failedKey struct {
	query.RequestsParams
	errorType string
}

// askFailed asks for the newest requests of one type of errors.
func askFailed(c scope, g query.ErrorGroup) question {
	p := c.requests()
	p.Endpoint, p.Method, p.Limit = g.Endpoint, g.Method, query.MaxLimit
	key := failedKey{p, g.ErrorType}
	key.Range = sameRange(p.Range)
	return question{key, func(ctx context.Context, s query.Source) (any, error) {
		return findFailed(ctx, s, p, g.ErrorType)
	}}
}

// findFailed looks where requests of the type should be, and where there are
// none in every failed request: other programs may name errors as they like.
func findFailed(ctx context.Context, s query.Source, p query.RequestsParams, errorType string) (*found, error) {
	class, status := statusOf(errorType)
	out := &found{whole: true}
	for _, filters := range [][]string{{status}, {class}, {"4xx", "5xx"}} {
		if filters[0] == "" {
			continue
		}
		out = &found{whole: true}
		for _, p.Status = range filters {
			if err := out.readType(ctx, s, p, errorType); err != nil {
				return nil, err
			}
		}
		if len(out.requests) > 0 {
			break
		}
	}
	slices.SortStableFunc(out.requests, func(a, b query.Request) int { return b.Timestamp.Compare(a.Timestamp) })
	if len(out.requests) > listed {
		out.requests, out.whole = out.requests[:listed], false
	}
	return out, nil
}

// readType goes through pages of requests until there are enough of the type.
func (x *found) readType(ctx context.Context, s query.Source, p query.RequestsParams, errorType string) error {
	n := 0
	for range mostPages {
		page, err := s.Requests(ctx, p)
		if err != nil {
			return err
		}
		for _, r := range page.Requests {
			if typeOf(r) == errorType {
				x.requests = append(x.requests, r)
				n++
			}
		}
		if p.Cursor = page.NextCursor; p.Cursor == "" {
			return nil
		}
		if n >= listed {
			break
		}
	}
	x.whole = false
	return nil
}

// typeOf is the type of errors that a request counts for.
func typeOf(r query.Request) string {
	if r.ErrorType == "" {
		return metric.ErrorTypeFor(r.StatusCode)
	}
	return r.ErrorType
}

// statusOf returns which class of status codes, and which code, requests of a
// type have when it is one of ours; empty otherwise.
func statusOf(errorType string) (class, code string) {
	switch errorType {
	case metric.ErrorTimeout:
		return "5xx", "504"
	case metric.ErrorPanic:
		return "5xx", "500"
	case metric.ErrorClientClosed:
		return "4xx", "499"
	}
	for prefix, class := range map[string]string{"CLIENT_ERROR_": "4xx", "SERVER_ERROR_": "5xx"} {
		if code, ok := strings.CutPrefix(errorType, prefix); ok {
			if _, _, err := query.ParseStatus(code); err != nil || len(code) != 3 || code[1:] == "xx" {
				code = ""
			}
			return class, code
		}
	}
	return "", ""
}
