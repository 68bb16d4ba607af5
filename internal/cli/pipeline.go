package cli

import (
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/server"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/web"
)

// pipeline is the way of samples from a request into the store, and of answers
// back out.
type pipeline struct {
	queue     *ingest.Queue
	metrics   *server.Metrics
	api       http.Handler
	dashboard http.Handler
	busy      atomic.Int64 // questions that were told to come back

	observe, observeSelf server.Middleware
}

func (r *run) newPipeline(s *store.Store, w waiting, o serving) (*pipeline, error) {
	a := o.access
	p := &pipeline{metrics: server.NewMetrics()}
	tokens, err := admin.ParseServiceTokens(r.settings.Auth.ServiceTokens)
	if err != nil {
		return nil, err
	}
	namer, err := collect.NewNamer(r.settings.Routes, r.hours("endpoints", metric.Retention))
	if err != nil {
		return nil, err
	}
	pages, err := collect.NewNamer(r.settings.Routes, r.hours("pages", metric.RawRetention))
	if err != nil {
		return nil, err
	}
	elements := collect.NewElements(r.hours("elements", metric.RawRetention))
	p.queue = ingest.New(ingest.Options{
		Sink:        sink{s, p.metrics},
		Spool:       w.spool,
		Ack:         w.ack,
		Capacity:    r.settings.Queue.Capacity,
		Unavailable: unavailable,
		Logger:      r.log,
	})
	r.gauges(p, a)
	limit := r.settings.Timeout
	if o.upstream == nil {
		limit = 0 // what is observed is the API
	}
	p.observe = r.collector(p, a, r.settings.App, namer, limit)
	p.observeSelf = r.collector(p, a, metric.SelfApp, nil, 0)
	options := api.Options{
		Source: measured{query.New(query.Options{
			Store:      s,
			Now:        r.now,
			Collection: p.collecting(a),
			WarnRows:   r.settings.Aggregate.WarnRows,
			LimitRows:  r.settings.Aggregate.AlertRows,
		}), p.metrics},
		Intake:        p.queue,
		Checker:       a.checker,
		ServiceTokens: tokens,
		App:           r.settings.App,
		Name:          namer.Name,
		Page:          pages.Page,
		Element:       elements.Element,
		Pseudonym:     a.pseudonyms.Of,
		EventTypes:    slices.Concat(metric.EventTypes(), r.settings.EventTypes),
		CORSOrigins:   r.settings.CORSOrigins,
		MaxQuestions:  r.settings.Limits.Questions,
		OnBusy:        func() { p.busy.Add(1) },
		Now:           r.now,
		Logger:        r.log,
	}
	if p.api, err = api.New(options); err != nil {
		return nil, err
	}
	p.dashboard, err = r.newDashboard(options)
	return p, err
}

// newDashboard returns the page, whose own use is stored apart from that of the
// application.
func (r *run) newDashboard(options api.Options) (http.Handler, error) {
	options.App, options.CORSOrigins = metric.SelfApp, nil
	own, err := api.New(options)
	if err != nil {
		return nil, err
	}
	return web.New(web.Options{
		Path:           r.settings.Dashboard.Path,
		FrameAncestors: r.settings.Dashboard.FrameAncestors,
		Own:            own,
	})
}

// hours says how the names of posted samples are bounded, which may be as old as
// reach.
func (r *run) hours(what string, reach time.Duration) collect.HoursOptions {
	return collect.HoursOptions{Reach: reach, Now: r.now, Logger: r.log, What: what}
}

// collector records the requests of an application, and answers those that it
// does not begin to answer within limit. The API has bounds of its own, and
// says in its own form that they are reached: it needs none.
func (r *run) collector(p *pipeline, a *access, app string, namer *collect.Namer, limit time.Duration) server.Middleware {
	return collect.New(collect.Options{
		Recorder: p.metrics.Recorder(p.queue),
		App:      app,
		Exclude:  r.settings.Exclude,
		Namer:    namer,
		Timeout:  limit,
		Identify: a.observedUser,
		Logger:   r.log,
		Now:      r.now,
	}).Middleware
}

// unavailable says which errors mean that the database cannot take anything at
// present, so that samples are kept rather than blamed.
func unavailable(err error) bool {
	for _, kind := range []error{store.ErrUnavailable, store.ErrPermission, store.ErrReadOnly, store.ErrSchemaPending, store.ErrSchemaNewer, store.ErrCorrupt, store.ErrFault} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
