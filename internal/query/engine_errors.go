package query

import (
	"cmp"
	"context"
	"slices"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
)

// Errors implements Source.
func (e *Engine) Errors(ctx context.Context, p ErrorsParams) (*Errors, error) {
	return bounded(ctx, e.timeout, "errors", func(ctx context.Context) (*Errors, error) {
		rollups, err := e.store.Summarize(ctx, store.Question{
			Kinds: []metric.Kind{metric.KindError}, Range: p.Range, App: p.App,
			Endpoint: p.Endpoint, Method: p.Method,
			By: store.ByEndpoint | store.ByMethod | store.ByErrorType,
		})
		if err != nil {
			return nil, err
		}
		return &Errors{Period: period(p.Range), Errors: errorGroups(rollups[0])}, nil
	})
}

func errorGroups(rollups []metric.Rollup) []ErrorGroup {
	groups := make([]ErrorGroup, 0, len(rollups))
	for i := range rollups {
		r := &rollups[i]
		groups = append(groups, ErrorGroup{
			Endpoint: r.Endpoint, Method: r.Method, ErrorType: r.ErrorType,
			Count: r.Count, UsersAffected: r.ActiveUsers(),
			FirstSeen: instant(r.FirstSeen), LastSeen: instant(r.LastSeen),
		})
	}
	slices.SortFunc(groups, func(a, b ErrorGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Endpoint, b.Endpoint),
			cmp.Compare(a.Method, b.Method), cmp.Compare(a.ErrorType, b.ErrorType))
	})
	return groups
}
