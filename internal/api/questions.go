package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/appmetrics/appmetrics/internal/api/contract"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
)

// GetPerformance answers GET /api/v1/metrics/performance.
func (h *handler) GetPerformance(w http.ResponseWriter, r *http.Request, p contract.GetPerformanceParams) {
	reply(h, h.questions, w, r, period{p.TimeRange, p.StartTime, p.EndTime},
		func(ctx context.Context, within metric.Range) (*query.Performance, error) {
			return h.Source.Performance(ctx, query.PerformanceParams{
				Range: within, App: value(p.App), Endpoint: value(p.Endpoint), Method: value(p.Method),
				IncludeAnonymous: value(p.IncludeAnonymous), Compare: value(p.Compare) != "",
			})
		})
}

// GetUsage answers GET /api/v1/metrics/usage.
func (h *handler) GetUsage(w http.ResponseWriter, r *http.Request, p contract.GetUsageParams) {
	reply(h, h.questions, w, r, period{p.TimeRange, p.StartTime, p.EndTime},
		func(ctx context.Context, within metric.Range) (*query.Usage, error) {
			return h.Source.Usage(ctx, query.UsageParams{
				Range: within, App: value(p.App), EventType: value(p.EventType), PageName: value(p.PageName),
				IncludeAnonymous: value(p.IncludeAnonymous), Compare: value(p.Compare) != "",
			})
		})
}

// GetTimeSeries answers GET /api/v1/metrics/time-series.
func (h *handler) GetTimeSeries(w http.ResponseWriter, r *http.Request, p contract.GetTimeSeriesParams) {
	reply(h, h.questions, w, r, period{p.TimeRange, p.StartTime, p.EndTime},
		func(ctx context.Context, within metric.Range) (*query.TimeSeries, error) {
			return h.Source.TimeSeries(ctx, query.TimeSeriesParams{
				Range: within, App: value(p.App),
				MetricType: query.MetricType(p.MetricType), Interval: query.Interval(value(p.Interval)),
				Endpoint: value(p.Endpoint), Method: value(p.Method), EventType: value(p.EventType),
			})
		})
}

// GetErrors answers GET /api/v1/metrics/errors.
func (h *handler) GetErrors(w http.ResponseWriter, r *http.Request, p contract.GetErrorsParams) {
	reply(h, h.questions, w, r, period{p.TimeRange, p.StartTime, p.EndTime},
		func(ctx context.Context, within metric.Range) (*query.Errors, error) {
			return h.Source.Errors(ctx, query.ErrorsParams{
				Range: within, App: value(p.App), Endpoint: value(p.Endpoint), Method: value(p.Method),
			})
		})
}

// GetRequests answers GET /api/v1/metrics/requests.
func (h *handler) GetRequests(w http.ResponseWriter, r *http.Request, p contract.GetRequestsParams) {
	reply(h, h.questions, w, r, period{p.TimeRange, p.StartTime, p.EndTime},
		func(ctx context.Context, within metric.Range) (*query.RequestsPage, error) {
			return h.Source.Requests(ctx, query.RequestsParams{
				Range: within, App: value(p.App), Endpoint: value(p.Endpoint), Method: value(p.Method),
				Status: value(p.Status), UserID: value(p.UserID), MinMS: value(p.MinMS),
				Limit: value(p.Limit), Cursor: value(p.Cursor),
			})
		})
}

// GetEvents answers GET /api/v1/metrics/events.
func (h *handler) GetEvents(w http.ResponseWriter, r *http.Request, p contract.GetEventsParams) {
	reply(h, h.questions, w, r, period{p.TimeRange, p.StartTime, p.EndTime},
		func(ctx context.Context, within metric.Range) (*query.EventsPage, error) {
			return h.Source.Events(ctx, query.EventsParams{
				Range: within, App: value(p.App), EventType: value(p.EventType), PageName: value(p.PageName),
				UserID: value(p.UserID), Limit: value(p.Limit), Cursor: value(p.Cursor),
			})
		})
}

// GetUsageCount answers GET /api/v1/metrics/usage/count.
func (h *handler) GetUsageCount(w http.ResponseWriter, r *http.Request, p contract.GetUsageCountParams) {
	reply(h, h.ownCounts, w, r, period{p.TimeRange, p.StartTime, p.EndTime},
		func(ctx context.Context, within metric.Range) (*query.Count, error) {
			return h.Source.Count(ctx, query.CountParams{
				Range: within, App: value(p.App), UserID: identityOf(ctx).UserID,
			})
		})
}

// GetStatus answers GET /api/v1/metrics/status, whatever app and range it names: the
// status is that of the whole database.
func (h *handler) GetStatus(w http.ResponseWriter, r *http.Request, p contract.GetStatusParams) {
	reply(h, h.questions, w, r, period{p.TimeRange, p.StartTime, p.EndTime},
		func(ctx context.Context, _ metric.Range) (*query.Status, error) {
			return h.Source.Status(ctx)
		})
}

// period is a range as parameters give it.
type period struct{ name, start, end *string }

// reply reads the range, asks once there is a place for the question, and writes
// the answer or the error.
func reply[A any](h *handler, among *places, w http.ResponseWriter, r *http.Request, p period,
	ask func(context.Context, metric.Range) (*A, error),
) {
	within, err := metric.ParseRange(value(p.name), value(p.start), value(p.end), h.Now())
	if err != nil {
		h.fail(w, r, err)
		return
	}
	answer, err := placed(r.Context(), among, within, ask)
	if errors.Is(err, errBusy) {
		h.OnBusy()
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// placed asks once there is a place, and gives it back.
func placed[A any](ctx context.Context, among *places, within metric.Range,
	ask func(context.Context, metric.Range) (*A, error),
) (*A, error) {
	leave, err := among.take(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return ask(ctx, within)
}

// value returns what a pointer points at, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// writeJSON writes an answer in one piece.
func writeJSON(w http.ResponseWriter, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err) // answered as a 500: our own types always have a JSON form
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the reader is gone: nothing left to tell
}
