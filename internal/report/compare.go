package report

import (
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/text"
)

// comparison is the change of one endpoint against the previous period.
type comparison struct {
	Requests, ErrorRate, P95 string
	ErrorTrend, P95Trend     trend
}

type endpointKey struct{ endpoint, method string }

// previousEndpoints returns the endpoints of the previous period; nil when
// there is none to compare with.
func previousEndpoints(r *Report) map[endpointKey]query.EndpointPerformance {
	if r.PreviousPerformance == nil {
		return nil
	}
	endpoints := make(map[endpointKey]query.EndpointPerformance, len(r.PreviousPerformance.Endpoints))
	for _, e := range r.PreviousPerformance.Endpoints {
		endpoints[endpointKey{e.Endpoint, e.Method}] = e
	}
	return endpoints
}

func compareEndpoint(e query.EndpointPerformance, previous map[endpointKey]query.EndpointPerformance) comparison {
	if previous == nil {
		return comparison{Requests: text.None, ErrorRate: text.None, P95: text.None}
	}
	before, found := previous[endpointKey{e.Endpoint, e.Method}]
	if !found {
		return comparison{Requests: "new", ErrorRate: "new", P95: "new"}
	}
	c := comparison{
		Requests:  text.Change(count(e.RequestCount), count(before.RequestCount)),
		ErrorRate: text.Points(&e.ErrorRate, &before.ErrorRate),
		P95:       text.Change(&e.P95MS, &before.P95MS),
	}
	c.ErrorTrend, c.P95Trend = judge(c.ErrorRate), judgePercentile(c.P95, &e.P95MS, &before.P95MS)
	return c
}
